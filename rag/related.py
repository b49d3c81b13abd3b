"""What to read beside an excerpt: the rest under its heading, and other works on the same point."""

import msgspec
import numpy as np

from index.collection import Collection
from index.embedders import Vectors
from index.records import Excerpt

_WINDOWS = 200
"""Nearest windows looked through for other works; an excerpt whose own work fills all of them has no others near."""

_NEAR = 0.5
"""Cosine from which two passages speak of the same point: between MiniLM's everyday answers and their questions (.7) and
chance (.05), nearer to the former."""


class Related(msgspec.Struct, frozen=True):
    """``same_heading`` in the order of the document, ``other_works`` nearest first, one excerpt of each."""

    same_heading: tuple[Excerpt, ...]
    other_works: tuple[Excerpt, ...]


def related(collection: Collection, excerpt_id: str, limit: int) -> Related:
    """Up to ``limit`` excerpts of each kind.

    Raises:
        Unknown: the id names no excerpt.
    """
    excerpt = collection.excerpts([excerpt_id])[0]
    beside = [other for other in collection.under_heading(excerpt.headings) if other != excerpt_id] if excerpt.headings else []
    return Related(
        tuple(collection.excerpts(beside[:limit])),
        _other_works(collection, excerpt, limit),
    )


def _other_works(collection: Collection, excerpt: Excerpt, limit: int) -> tuple[Excerpt, ...]:
    own = np.array(collection.window_ids_of([excerpt.id])[0], np.int64)
    if not len(own):
        return ()
    ids, scores = collection.vectors.search(_centre(collection.vectors.vectors(own)), _WINDOWS)[0]
    keys = collection.layout.excerpts_of(ids[scores >= _NEAR])
    near = collection.excerpts_by_key(list(dict.fromkeys(keys.tolist())))
    by_work: dict[str, Excerpt] = {}
    for other in near:
        if other.work_id and other.work_id != excerpt.work_id:
            by_work.setdefault(other.work_id, other)
    return tuple(by_work.values())[:limit]


def _centre(vectors: Vectors) -> Vectors:
    """The direction in which all windows lie, shape (1, dimension)."""
    mean = vectors.mean(axis=0, keepdims=True)
    centre: Vectors = mean / np.linalg.norm(mean)
    return centre
