"""How much is lost when questions are misspelt: a seeded slip of the finger in 40 of 100 longer words.

python -m benchmarks.misspelling
"""

import random
import re
from collections.abc import Sequence

import msgspec

from benchmarks.ablation import best, spelled_as_written
from benchmarks.judged import Judged, judged_sets, options_of, show
from rag.evaluation.gold import Gold
from rag.evaluation.outcomes import Asking, Stage
from rag.evaluation.report import runs_of
from rag.evaluation.statistics import DEPTH
from rag.evaluation.trec import Run

SHARE = 0.4
SHORTEST = 5
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_LONGER_WORD = re.compile(rf"[^\W\d_]{{{SHORTEST},}}")


def misspell(text: str, chance: random.Random) -> str:
    """The text with one slip in about ``SHARE`` of its words of ``SHORTEST`` letters and more; the first letter stays."""
    return _LONGER_WORD.sub(lambda word: _slip(word[0], chance) if chance.random() < SHARE else word[0], text)


def _slip(word: str, chance: random.Random) -> str:
    """Two letters changed round, one left out, one added or one wrong."""
    at = chance.randrange(1, len(word) - 1)
    before, letter, after = word[:at], word[at], word[at + 1 :]
    other = chance.choice(_LETTERS)
    return chance.choice(
        (
            f"{before}{after[0]}{letter}{after[1:]}",
            f"{before}{after}",
            f"{before}{other}{letter}{after}",
            f"{before}{other}{after}",
        )
    )


def misspelt(judged: Judged) -> list[Gold]:
    """The questions of a set, misspelt, with the answers they have; the same each time."""
    chance = random.Random(0)  # noqa: S311 — slips, not secrets
    return [_asked_as(gold, misspell(gold.question.text, chance)) for gold in judged.golds]


def compared(judged: Judged) -> dict[str, dict[str, float]]:
    """The measures of each stage for the questions as they are, and misspelt."""
    rows: dict[str, dict[str, float]] = {}
    for how, golds in {"as written": judged.golds, "misspelt": misspelt(judged)}.items():
        rows |= {f"{how}: {stage}": judged.score(run) for stage, run in _runs(judged, golds).items()}
    texts = [gold.question.text for gold in misspelt(judged)]
    rows["misspelt, not corrected: fused"] = best(judged, judged.gather(texts, correcting=False))
    with spelled_as_written():
        rows["misspelt, neither corrected nor spelled otherwise: fused"] = best(judged, judged.gather(texts, correcting=False))
    return rows


def _runs(judged: Judged, golds: Sequence[Gold]) -> dict[Stage, Run]:
    return runs_of(Asking(judged.collection, judged.embedder).ask(golds, DEPTH, lambda _done, _total: None))


def _asked_as(gold: Gold, text: str) -> Gold:
    return msgspec.structs.replace(gold, question=msgspec.structs.replace(gold.question, text=text))


def main() -> None:
    """The program."""
    options = options_of(__doc__.splitlines()[0]).parse_args()
    for judged in judged_sets(options):
        show(judged.name, compared(judged), options)


if __name__ == "__main__":
    main()
