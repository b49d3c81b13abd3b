"""Synthesised collections of any size with natural statistics, and a stand-in embedder that follows their words.

Words are as frequent as Zipf's law has it, texts keep to a topic, works are cited again, and questions take words from a text.
The embedder is a stand-in: what it says of time holds for any embedder, what it says of recall does not.
"""

import json
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.embedders import EmbedderCard, TextKind, Vectors

EXCERPTS_A_FILE = 20
WINDOWS_A_FILE = 40
"""About so many windows of the stand-in has a file."""

_FUNCTION = (
    "the of and to in a is that was he it for on with as his by at from be this had not are but which have or they you one "
    "we all her she there would their been has who will more if no out so said what up its about into than them can only other"
).split()
_VOCABULARY = 400_000
_EXPONENT = 1.07
"""Of Zipf's law: a little above 1, as in English books."""

_TOPICS = 997
_TOPIC_WORDS = 3_000
_TOPIC_SHARE = 0.35
"""Share of a text's words that its topic chooses."""

_CONSONANTS, _VOWELS = "bcdfghklmnprstvz", "aeiou"
_SYLLABLES = [consonant + vowel for consonant in _CONSONANTS for vowel in _VOWELS]

Numbers = npt.NDArray[np.int64]


def word(number: int) -> str:
    """The word of a rank: function words first, then syllables, no two alike."""
    if number < len(_FUNCTION):
        return _FUNCTION[number]
    rest = number
    syllables: list[str] = []
    while rest or len(syllables) < 2:
        rest, last = divmod(rest, len(_SYLLABLES))
        syllables.append(_SYLLABLES[last])
    return "".join(syllables) + "xqjw"[number % 4]


@lru_cache(1)
def _words() -> npt.NDArray[np.object_]:
    return np.array([word(number) for number in range(_VOCABULARY)], object)


@lru_cache(2)
def _cumulated(words: int) -> npt.NDArray[np.float64]:
    shares = np.arange(1, words + 1, dtype=np.float64) ** -_EXPONENT
    return np.cumsum(shares / shares.sum())


def _text_words(random: np.random.Generator, topic: int, count: int) -> Numbers:
    """Numbers of words as a text on a topic has them, in order."""
    general = np.searchsorted(_cumulated(_VOCABULARY), random.random(count))
    own = np.searchsorted(_cumulated(_TOPIC_WORDS), random.random(count))
    own = len(_FUNCTION) + (topic * 104_729 + own * 7_919) % (_VOCABULARY // 4)
    chosen: Numbers = np.where(random.random(count) < _TOPIC_SHARE, own, general)
    return chosen


def file_text(number: int, seed: int = 0) -> str:
    """One file of JSON lines: excerpts of one to four windows on one topic, citing one work."""
    random = np.random.default_rng([seed, number])
    topic = int(random.integers(_TOPICS))
    year, surname = 1800 + int(random.integers(220)), word(2_000 + int(random.zipf(1.4)) % 20_000).title()
    title = " ".join(_words()[_text_words(random, topic, 4)]).title()
    work = {"type": "book", "title": title, "author": [{"family": surname, "given": "A."}], "issued": {"date-parts": [[year]]}}
    lines = []
    for place in range(EXCERPTS_A_FILE):
        sentences = [
            " ".join(_words()[_text_words(random, topic, int(random.integers(8, 24)))]).capitalize() + "."
            for _ in range(int(random.integers(2, 10)))
        ]
        lines.append(json.dumps({"text": " ".join(sentences), "citation": work, "headings": [f"{title[:20]} {place // 5}"]}))
    return "\n".join(lines) + "\n"


def write_files(folder: Path, numbers: Iterator[int] | range) -> None:
    """Writes some files of the collection."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        (folder / f"{number:07}.jsonl").write_text(file_text(number), encoding="utf-8")


def questions(files: int, count: int) -> list[str]:
    """Questions with five to eight words of a text, such as somebody asks who half remembers it."""
    random = np.random.default_rng([17, files])
    asked = []
    for _ in range(count):
        lines = file_text(int(random.integers(files))).splitlines()
        words = json.loads(lines[int(random.integers(len(lines)))])["text"].lower().replace(".", "").split()
        start = int(random.integers(max(1, len(words) - 30)))
        telling = [each for each in words[start : start + 30] if each not in _FUNCTION]
        chosen = random.choice(telling, min(len(telling), int(random.integers(3, 7))), replace=False)
        asked.append(f"what was the {' of '.join(chosen[:2])} and {' '.join(chosen[2:])}?")
    return asked


class StandIn:
    """An embedder of 384 numbers a text: the sum of random vectors of its words; function words hardly count."""

    _ROWS = 4096
    _WORDS_A_TOKEN = 1.3

    def __init__(self, dimension: int = 384, max_tokens: int = 100) -> None:
        self._rows = np.random.default_rng(5).standard_normal((self._ROWS, dimension)).astype(np.float32)
        self._card = EmbedderCard("stand-in", "", dimension, max_tokens, "of words, 1")
        self._of = lru_cache(500_000)(self._places)

    @property
    def card(self) -> EmbedderCard:
        """What identifies it."""
        return self._card

    def embed(self, texts: Sequence[str], kind: TextKind) -> Vectors:  # noqa: ARG002 — as the contract has it
        """A unit vector a text."""
        return np.array([self._row(text) for text in texts], np.float32).reshape(len(texts), self._card.dimension)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """About as many as word pieces of English."""
        return [int(self._WORDS_A_TOKEN * (text.count(" ") + 1)) + 2 for text in texts]

    def _row(self, text: str) -> Vectors:
        places = [place for each in text.lower().split() for place in self._of(each.strip(".,?"))]
        row = self._rows[places].sum(axis=0) if places else self._rows[0]
        normalised: Vectors = row / np.linalg.norm(row)
        return normalised

    def _places(self, one: str) -> tuple[int, ...]:
        """Two random vectors a word, so that hardly any two words share both; none for a function word."""
        if one in _FUNCTION:
            return ()
        crc = zlib.crc32(one.encode())
        return crc % self._ROWS, (crc >> 12) % self._ROWS
