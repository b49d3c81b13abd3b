"""Plans which texts go through an encoder together: near-equal lengths, a bounded number of tokens."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt


def plan_batches(lengths: Sequence[int], budget: int) -> Iterator[npt.NDArray[np.int64]]:
    """Positions in ``lengths``, shortest texts first, in batches whose padded size stays within ``budget`` tokens.

    A batch is padded to its longest text, so its cost is count × longest. A text longer than the budget is a
    batch of its own. Every position occurs once; equal lengths keep their order.
    """
    order = np.argsort(np.asarray(lengths, dtype=np.int64), kind="stable")
    start = 0
    for end in range(1, len(order) + 1):
        # Sorted, so the next text is the longest of the batch it joins.
        if end == len(order) or (end - start + 1) * max(1, lengths[order[end]]) > budget:
            yield order[start:end]
            start = end
