"""A small collection written for the tests of quotations, and ways to misquote it."""

import random
import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from index.citations.parse import parse_citation
from index.records import Excerpt, excerpt_id
from rag.answer_tree import CheckedAnswer
from rag.checking import AnswerCheck

CANAL = (
    "The council did not approve the canal in 1936–37. Its members feared the cost of 10,000 bricks, and “no man could "
    "say,” wrote the clerk, “who would pay for the well-known lock-gates.” Rain fell for nine days—the ferry stood idle "
    "until the tenth."
)
HARBOUR = (
    "In the old harbour the pilots refused every order of Mr. Hart. They had never been paid in full… The café, however, was "
    "filled with officials of the U.S.S.R. who found the office fine. On the third day 5% of the crew left for the north at "
    "−5 degrees."
)
RAILWAY = (
    "Engineers finished the railway in the spring of 1951, two years before the bridge.\n\nThe mayor's speech praised the "
    "workers' patience: “You waited, you hoped, and you were right to hope.” Few of them heard it, because the wind blew from "
    "the sea."
)

CITATIONS = (
    "Doe, Jane. The Canal Years. London: Smith, 1950, p. 58-60",
    "Roe, Richard. Harbour Men. Oslo: Aas, 1960, p. 3",
    "Poe, Paula. Iron Roads. Bern: Zytglogge, 1970, p. 101",
)

Misquote = Callable[[list[str], random.Random], list[str]]
Variant = Callable[[str, random.Random], str]


def excerpt(text: str, raw: str = "") -> Excerpt:
    citation = parse_citation(raw) if raw else None
    return Excerpt(excerpt_id(text, raw), "test", 0, len(text), text, citation=citation)


def passages() -> list[Excerpt]:
    """Canal is [1], harbour is [2], railway is [3]."""
    return [excerpt(text, raw) for text, raw in zip((CANAL, HARBOUR, RAILWAY), CITATIONS, strict=True)]


def checked(text: str, given: Sequence[Excerpt], **options: Any) -> CheckedAnswer:
    """An answer checked in one piece, with the options of ``AnswerCheck``."""
    check = AnswerCheck(given, **options)
    check.feed(text)
    check.finish()
    return check.answer()


def plain_words(text: str) -> list[str]:
    """Words by another road than the program's: letters and digits of the decomposed, case-folded text."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("\u00ad", ""))
    return re.findall(r"[^\W_]+", "".join(letter for letter in decomposed if not unicodedata.combining(letter)))


def holds(texts: Sequence[str], quote: str) -> bool:
    """Whether some text holds exactly these words in a row."""
    asked = f" {' '.join(plain_words(quote))} "
    return any(asked in _plain(text) for text in texts)


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    return f" {' '.join(plain_words(text))} "


def drop(quoted: list[str], chance: random.Random) -> list[str]:
    at = chance.randrange(1, len(quoted) - 1)
    return quoted[:at] + quoted[at + 1 :]


def replace(quoted: list[str], chance: random.Random) -> list[str]:
    at = chance.randrange(1, len(quoted) - 1)
    return [*quoted[:at], chance.choice(["lantern", "seldom", "every", "the", "was"]), *quoted[at + 1 :]]


def swap(quoted: list[str], chance: random.Random) -> list[str]:
    at = chance.randrange(1, len(quoted) - 2)
    return [*quoted[:at], quoted[at + 1], quoted[at], *quoted[at + 2 :]]


def negate(quoted: list[str], chance: random.Random) -> list[str]:
    """Takes a negation out where there is one, else puts one in."""
    negations = [at for at, word in enumerate(quoted[1:-1], start=1) if plain_words(word) in (["not"], ["no"], ["never"])]
    if negations:
        return quoted[: negations[0]] + quoted[negations[0] + 1 :]
    at = chance.randrange(1, len(quoted))
    return [*quoted[:at], "not", *quoted[at:]]


def change_number(quoted: list[str], chance: random.Random) -> list[str]:
    digits = [at for at, word in enumerate(quoted) if any(letter.isdecimal() for letter in word)]
    if not digits:
        return replace(quoted, chance)
    at = chance.choice(digits)
    place = chance.choice([place for place, letter in enumerate(quoted[at]) if letter.isdecimal()])
    digit = str((int(quoted[at][place]) + chance.randrange(1, 10)) % 10)
    return [*quoted[:at], quoted[at][:place] + digit + quoted[at][place + 1 :], *quoted[at + 1 :]]


def shorten(quoted: list[str], chance: random.Random) -> list[str]:
    """Cuts the first or last word in the middle."""
    long = [at for at in (0, -1) if len(plain_words(quoted[at])) == 1 and len(plain_words(quoted[at])[0]) > 3]
    if not long:
        return replace(quoted, chance)
    if long[0] == 0:
        return [quoted[0].strip("“”‘’\"'…([—–")[2:], *quoted[1:]]
    return [*quoted[:-1], quoted[-1].strip("“”‘’\"'…)]—–.,;:?!")[:-2]]


MISQUOTES: tuple[Misquote, ...] = (drop, replace, swap, negate, change_number, shorten)


def straight(quote: str, _: random.Random) -> str:
    return quote.translate(str.maketrans("“”‘’", "\"\"''"))


def guillemets(quote: str, _: random.Random) -> str:
    return re.sub(r"“([^“”]*)”", r"«\1»", quote)


def nested(quote: str, _: random.Random) -> str:
    return quote.translate(str.maketrans("“”", "‘’"))


def dashes(quote: str, chance: random.Random) -> str:
    return re.sub(r"\s*[–—]\s*", lambda _: chance.choice(["—", " — ", " – ", "--", " - "]), quote)


def hyphens(quote: str, chance: random.Random) -> str:
    return quote.replace("-", chance.choice("‐‑"))


def spaces(quote: str, chance: random.Random) -> str:
    return re.sub(" ", lambda _: chance.choice([" ", "  ", "\u00a0", "\n", "\u2009", "\r\n"]), quote)


def ligatures(quote: str, _: random.Random) -> str:
    return quote.replace("ffi", "ﬃ").replace("fi", "ﬁ").replace("fl", "ﬂ").replace("ff", "ﬀ")


def soft_hyphens(quote: str, chance: random.Random) -> str:
    return re.sub(r"(?<=\w)(?=\w)", lambda _: chance.choice(["", "", "", "\u00ad"]), quote)


def upper(quote: str, _: random.Random) -> str:
    return quote.upper()


def decomposed(quote: str, _: random.Random) -> str:
    return unicodedata.normalize("NFD", quote)


def dots(quote: str, chance: random.Random) -> str:
    return quote.replace("…", chance.choice(["...", ". . ."]))


def american_point(quote: str, chance: random.Random) -> str:
    return quote if quote.rstrip("”’\"'")[-1:] in "?!" else quote.rstrip(".,;:…”’\"'") + chance.choice([",", "."])


VARIANTS: tuple[Variant, ...] = (
    straight, guillemets, nested, dashes, hyphens, spaces, ligatures, soft_hyphens, upper, decomposed, dots, american_point,
)  # fmt: skip
