"""Training pairs of a question and a passage for the reader: with the answer's place, or without an answer."""

import gzip
import hashlib
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from index.windows import CountTokens, split_sentences, split_windows

BUDGETS = (40, 64, 96)
"""Windows of a collection hold up to 96 word pieces; shorter ones are read as well."""
_K1, _B = 1.2, 0.75
_CANDIDATES = 12
"""A retrieved negative is drawn from this many leading windows."""
_YEAR = re.compile(r"\b1[0-9]{3}\b|\b20[0-2][0-9]\b")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+(?: [A-Z][a-z]+)*")
_ROLES = re.compile(r"\b(?:did|does|was|by|of)\b")
_WORD = re.compile(r"\w+")
_SURNAMES = "Adler Brandt Chaudhuri Dale Eriksen Farrow Gould Hirsch Ito Jansen Keller Lindqvist Moreau Novak Okafor".split()
_WORKS = ("A Short History", "Collected Essays", "Notes and Sources", "Lectures", "The Evidence Reconsidered", "Memoirs")


class Passage(NamedTuple):
    """A window of a paragraph, with the context line that is read before it."""

    title: str
    paragraph: str
    start: int
    text: str
    context: str


class Pair(NamedTuple):
    """A question and a passage; ``span`` is the answer's place in the passage's text.

    ``answered`` without a span: the answer is there, but its place is a guess.
    """

    question: str
    passage: Passage
    answered: bool
    span: tuple[int, int] | None = None


class Asked(NamedTuple):
    """A question about a paragraph; ``answers`` are (start, text), none where the paragraph does not answer."""

    question: str
    title: str
    paragraph: str
    answers: tuple[tuple[int, str], ...]
    placed: bool


def read_squad(path: Path) -> list[Asked]:
    """SQuAD 1.1's training part; a place is a guess where the answer's text occurs more than once."""
    return [
        Asked(
            row["question"].strip(),
            row["title"],
            row["context"],
            ((row["answer_start"], row["answer"]),),
            row["occurrences"] == 1,
        )
        for row in _rows(path)
    ]


def read_squad2(path: Path) -> list[Asked]:
    """SQuAD 2.0's development part: the longest answer of each question, or none."""
    asked = []
    for row in _rows(path):
        answer = max(row["answers"], key=len, default="")
        answers = ((row["context"].find(answer), answer),) if row["answerable"] else ()
        asked.append(Asked(row["question"].strip(), row["title"], row["context"], answers, row["context"].count(answer) == 1))
    return asked


def held_out(title: str, of: int) -> bool:
    """Whether an article is one of the ``1 / of`` that are kept for judging."""
    return hashlib.sha256(title.encode()).digest()[0] % of == 0


def one_of(title: str, many: int) -> bool:
    """Whether an article is one of the ``1 / many`` that a short run is trained on; another draw than ``held_out``'s."""
    return hashlib.sha256(title.encode()).digest()[1] % many == 0


class Passages:
    """All windows of the questions' paragraphs, searched by BM25."""

    def __init__(self, asked: Sequence[Asked], count_tokens: CountTokens, chance: random.Random) -> None:
        self.by_paragraph: dict[str, list[Passage]] = {}
        for title, paragraph in dict.fromkeys((each.title, each.paragraph) for each in asked):
            self.by_paragraph[paragraph] = _windows(title, paragraph, count_tokens, chance)
        self.all = [window for windows in self.by_paragraph.values() for window in windows]
        self._terms: dict[str, int] = {}
        self._weights = self._weigh([f"{window.title.replace('_', ' ')} {window.text}" for window in self.all])

    def search(self, question: str, limit: int) -> list[Passage]:
        """The leading windows for a question, best first."""
        columns = [self._terms[word] for word in set(_words(question)) if word in self._terms]
        scores = np.asarray(self._weights[:, columns].sum(axis=1)).ravel()
        return [self.all[row] for row in np.argsort(-scores, kind="stable")[:limit]]

    def holding(self, asked: Asked) -> Passage | None:
        """The first window that holds the whole answer."""
        start, answer = asked.answers[0]
        for window in self.by_paragraph[asked.paragraph]:
            if window.start <= start and start + len(answer) <= window.start + len(window.text):
                return window
        return None

    def nearest(self, question: str, paragraph: str) -> Passage:
        """The window of a paragraph that shares most words with the question."""
        words = set(_words(question))
        return max(self.by_paragraph[paragraph], key=lambda window: len(words & set(_words(window.text))))

    def _weigh(self, texts: Sequence[str]) -> Any:
        rows: list[int] = []
        columns: list[int] = []
        counts: list[int] = []
        lengths = np.zeros(len(texts))
        for row, text in enumerate(texts):
            found: dict[int, int] = defaultdict(int)
            for word in _words(text):
                found[self._terms.setdefault(word, len(self._terms))] += 1
            lengths[row] = sum(found.values())
            rows += [row] * len(found)
            columns += found.keys()
            counts += found.values()
        held_in, column, count = np.array(rows), np.array(columns), np.array(counts, np.float64)
        held = np.bincount(column, minlength=len(self._terms))
        idf = np.log1p((len(texts) - held + 0.5) / (held + 0.5))
        norm = _K1 * (1 - _B + _B * lengths / lengths.mean())
        weight = idf[column] * count * (_K1 + 1) / (count + norm[held_in])
        return sparse.csc_matrix((weight, (held_in, column)), (len(texts), len(self._terms)))


class PairSource:
    """Draws groups of two pairs, one answered and one not, without end; the same seed draws the same groups."""

    def __init__(self, squad: Sequence[Asked], squad2: Sequence[Asked], count_tokens: CountTokens, seed: int) -> None:
        self._chance = random.Random(seed)
        self._squad = [asked for asked in squad if asked.placed]
        self._missing = [asked for asked in squad2 if not asked.answers]
        self._beside: dict[str, list[Asked]] = defaultdict(list)
        for asked in squad2:
            if asked.answers:
                self._beside[asked.paragraph].append(asked)
        self._passages = Passages([*self._squad, *squad2], count_tokens, self._chance)
        self._names: dict[str, list[str]] = defaultdict(list)
        for asked in self._squad:
            self._names[asked.title] += _NAME.findall(asked.question)

    def groups(self) -> Iterator[tuple[Pair, Pair]]:
        """Groups in the proportion 10 retrieved : 7 near misses that people wrote : 3 changed questions."""
        squad, changed, missing = self._endless(self._squad), self._endless(self._squad), self._endless(self._missing)
        while True:
            draw = self._chance.random()
            if draw < 0.5:
                group = self._retrieved(next(squad))
            elif draw < 0.85:
                group = self._near_miss(next(missing))
            else:
                group = self._changed(next(changed))
            if group:
                yield group

    def _endless(self, asked: Sequence[Asked]) -> Iterator[Asked]:
        while True:
            yield from self._chance.sample(asked, len(asked))

    def _positive(self, asked: Asked) -> Pair | None:
        window = self._passages.holding(asked)
        if window is None:
            return None
        start, answer = asked.answers[0]
        begin = start - window.start
        return Pair(asked.question, window, True, (begin, begin + len(answer)) if asked.placed else None)

    def _retrieved(self, asked: Asked) -> tuple[Pair, Pair] | None:
        positive = self._positive(asked)
        answer = asked.answers[0][1].casefold()
        leading = self._passages.search(asked.question, _CANDIDATES)
        wrong = [window for window in leading if answer not in window.text.casefold()]
        if positive is None or not wrong:
            return None
        return positive, Pair(asked.question, self._chance.choice(wrong), False)

    def _near_miss(self, asked: Asked) -> tuple[Pair, Pair] | None:
        beside = self._beside[asked.paragraph]
        positive = self._positive(self._chance.choice(beside)) if beside else None
        if positive is None:
            return None
        return positive, Pair(asked.question, self._passages.nearest(asked.question, asked.paragraph), False)

    def _changed(self, asked: Asked) -> tuple[Pair, Pair] | None:
        positive = self._positive(asked)
        if positive is None:
            return None
        question = change(asked.question, positive.passage.text, self._names[asked.title], self._chance)
        return (positive, Pair(question, positive.passage, False)) if question else None


def change(question: str, text: str, names: Sequence[str], chance: random.Random) -> str | None:
    """The question with a year or a name that the passage holds exchanged for one that it does not hold; None without either."""
    changed = [
        *_other_years(question, text, chance),
        *_other_names(question, text, names, chance),
        *_exchanged_names(question, text),
    ]
    return chance.choice(changed) if changed else None


def _other_years(question: str, text: str, chance: random.Random) -> Iterator[str]:
    for match in _YEAR.finditer(question):
        year = str(int(match.group()) + chance.choice((-1, 1)) * chance.randint(3, 40))
        if match.group() in text and year not in text:
            yield question[: match.start()] + year + question[match.end() :]


def _other_names(question: str, text: str, names: Sequence[str], chance: random.Random) -> Iterator[str]:
    others = [name for name in names if not _shares_word(name, text) and not _shares_word(name, question)]
    for match in _NAME.finditer(question):
        if match.group() in text and others:
            yield question[: match.start()] + chance.choice(others) + question[match.end() :]


def _exchanged_names(question: str, text: str) -> Iterator[str]:
    """Who did what to whom, the other way round."""
    for first, second in pairwise(_NAME.finditer(question)):
        if first.group() in text and second.group() in text and _ROLES.search(question):
            between = question[first.end() : second.start()]
            yield question[: first.start()] + second.group() + between + first.group() + question[second.end() :]


def _shares_word(name: str, text: str) -> bool:
    held = set(_words(text))
    return any(word in held for word in _words(name))


def _windows(title: str, paragraph: str, count_tokens: CountTokens, chance: random.Random) -> list[Passage]:
    budget = chance.choice(BUDGETS)
    spans = split_windows(paragraph, split_sentences(paragraph), count_tokens, budget=budget, limit=140, overlap=1)
    return [Passage(title, paragraph, start, paragraph[start:end], _context(title, chance)) for start, end in spans]


def _context(title: str, chance: random.Random) -> str:
    """None, the article, or the article and a made-up source, whose year and author answer nothing."""
    draw = chance.random()
    heading = title.replace("_", " ")
    source = f"{chance.choice(_SURNAMES)}, {chance.choice(_WORKS)}, {chance.randint(1890, 2020)}"
    return "" if draw < 0.3 else heading if draw < 0.65 else f"{heading}. {source}" if draw < 0.9 else source


def _words(text: str) -> list[str]:
    return [word[:6] for word in _WORD.findall(text.casefold())]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)
