"""No text makes the patterns of quotations slow: the time per character stays, however long and odd a text is."""

import random
import time
from collections.abc import Callable

import pytest

from rag.answer_parser import read_inline
from rag.pointing import find_pointers
from rag.quotes.extract import find_typed
from rag.quotes.fold import fold, fold_editions
from rag.quotes.match import negation_in, sentence_ends, split_pieces, variants
from rag.quotes.signs import plain_words

UNITS = (
    ".  ", ". ", " -", " - ", "…", "« ", " »", "\u00ad ", "\u00ad\n", "*a ", "_a", "a*", "e\u0300\u0316", "\u1100", "“", "”a ", "'", "\" ", "[", "[1", "[1]", "[p. 4", "{4", "¹", "a¹",  # noqa: E501 — a table of texts
    "-\n", "a-\n", "ab-  \n", "!", "?! ", "!\"", "n't ", "...", "[...", "[sic", "<", "<<", ",,", "> ", "\n> ", "a.b.", "www", "a@", "://", "http://", "{\"passage\"", "[1:“a",  # noqa: E501 — a table of texts
    "†", "(…", "Mr. ", "\n", " \n", "\u200b", "\ufeff ", "1.", "1 000 ", "ß", "İ", "ſ", "|", "\t",
)  # fmt: skip
STEPS: dict[str, Callable[[str], object]] = {
    "fold": fold,
    "editions": fold_editions,
    "variants": variants,
    "pieces": split_pieces,
    "sentences": lambda text: sentence_ends(text, 0, len(text)),
    "negation": negation_in,
    "marks": find_typed,
    "pointers": find_pointers,
    "words": plain_words,
    "inline": lambda text: read_inline(text[:8000]),
}
SHORT, TIMES = 1500, 8


def seconds(step: Callable[[str], object], text: str) -> float:
    started = time.process_time()
    step(text)
    return time.process_time() - started


@pytest.mark.parametrize("name", STEPS)
def test_twice_the_text_takes_twice_the_time(name: str) -> None:
    chance = random.Random(7)
    mixed = ["".join(chance.choice(UNITS) for _ in range(chance.randrange(2, 5))) for _ in range(20)]
    slow = []
    for unit in [*UNITS, *mixed]:
        short, long = (("word " + unit * (size // len(unit) + 1))[:size] for size in (SHORT, SHORT * TIMES))
        if seconds(STEPS[name], long) < 0.05:
            continue  # too fast to be anything but linear
        ratio = min(seconds(STEPS[name], long) for _ in range(2)) / max(1e-4, min(seconds(STEPS[name], short) for _ in range(3)))
        if ratio > 4 * TIMES:
            slow.append((unit, round(ratio)))

    assert slow == []
