"""Where a question stands in its own way: its filters and phrases leave nothing, or what it takes for granted stands nowhere.

A value that no excerpt has, a phrase that occurs nowhere and answers that lie outside the filters are each told as such.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Collection as Container
from typing import NamedTuple

import msgspec
import numpy as np

from index.collection import Collection
from index.filters import FILTERS, Filters
from index.languages import NOUNS_CAPITAL
from index.stores import Ids
from index.text import fold
from rag.calibration import NOTHING_BELOW, WEAK_BELOW, Calibration, Judgement, judge, status_of
from rag.lexical import AskedWord, AskedWords
from rag.records import Limit, Question, Status
from rag.scoring import LEADING, ScoredCandidates

_NEAREST = 3
"""Values named in the place of one that does not exist."""

_ALIKE = 60.0
"""Similarity, from 0 to 100, from which a value is worth naming (rapidfuzz's WRatio; 100 is equal)."""

_BEST = 10
"""Excerpts looked at outside the filters: as many as a page of results."""


def absent_phrases(collection: Collection, phrases: Iterable[str]) -> tuple[str, ...]:
    """The phrases that occur in no excerpt, compared word by word, whatever the filters."""
    return tuple(phrase for phrase in phrases if not len(collection.phrases.holding((phrase,))))


def outcome_within_limits(
    collection: Collection, question: Question, candidates: ScoredCandidates, status: Status, calibration: Calibration
) -> tuple[Status, tuple[Limit, ...]]:
    """What a question comes to, its own limits considered, and what is to be said of them.

    Args:
        collection: where it was asked.
        question: as parsed.
        candidates: its evidence.
        status: what the evidence within the limits comes to.
        calibration: how scores of this collection are read.
    """
    absent = tuple(Limit("phrase_absent", value=phrase) for phrase in question.absent_phrases)
    if status == "nothing_relevant" and (question.filters or question.phrases):
        if unknown := _unknown_values(collection, question.filters):
            return "no_such_filter_value", (*unknown, *absent)
        if outside := _outside(candidates, calibration):
            return "filtered_out", (Limit("filtered_out", outside=outside), *absent)
    return ("phrase_absent", absent) if absent else (status, ())


def _outside(candidates: ScoredCandidates, calibration: Calibration) -> int:
    """How many of the best excerpts lie outside the limits, where they would answer without these; else 0."""
    beyond = candidates.unlimited(LEADING)
    if judge(beyond.strength, calibration, candidates.asked.allowed).status == "nothing_relevant":
        return 0
    within = candidates.best(LEADING).keys
    return int(np.count_nonzero(~np.isin(beyond.keys[:_BEST], within)))


def _unknown_values(collection: Collection, filters: Filters) -> tuple[Limit, ...]:
    """For each value of a filter that no excerpt of the collection has: which have, by likeness."""
    return tuple(
        Limit("no_such_filter_value", field, value, _nearest(value, each.known(collection)))
        for field, each in FILTERS.items()
        if each.known
        for value in getattr(filters, field)
        if not len(_excerpts(collection, field, value))
    )


def _excerpts(collection: Collection, field: str, value: str) -> Ids:
    keys = collection.excerpt_keys(msgspec.convert({field: (value,)}, Filters))
    return np.empty(0, np.int64) if keys is None else keys


def _nearest(value: str, names: Iterable[str]) -> tuple[str, ...]:
    from rapidfuzz import fuzz, process

    found = process.extract(value, sorted(set(names)), scorer=fuzz.WRatio, processor=fold, limit=_NEAREST, score_cutoff=_ALIKE)
    return tuple(name for name, _, _ in found)


# What a question takes for granted, looked for in the leading passages: that its names belong together, and what it says.
#
# Evidence adds up over words, so that a question about two persons finds passages on both, whatever it says that one did to the
# other. ``answered`` asks for more: one of the leading windows has to hold all names and numbers of the question, and, of a
# question whose whole clause is its premise ("Why did … order …?"), a part of its other words beside them, in one sentence where
# it says what one did to the other. Where that is not so the outcome is ``weak`` at best. Words are compared, not meanings: what
# holds them may still say something else.

LOOKED_AT = 5
"""Leading windows among which one has to meet the premise: as many as are read closely, and as are shown at first."""

_REST = 0.3
"""The share of what the other words tell that has to stand beside the names. On the questions of benchmarks/questions, .5 takes
twice as many answered questions for a few more false premises."""

_SURE_SPELLING = 0.9
"""From which weight another spelling is the same name (rag/spelling.py): slips are guesses."""

_WORD = re.compile(r"[^\W_]+(?:[-.,’'][^\W_]+)*")
_CLAUSE = re.compile(
    r"\W*(?:(?:why|how|when|where)\s+)?(?:did|does|do|was|were|is|are|has|have|had)\b"
    r"|\W*(?:pourquoi|est-ce que|por qué|почему|зачем|perché|waarom)\b",
    re.IGNORECASE,
)

Terms = Callable[[str], Container[str]]
"""The terms of a text, as the collection's lexicon has them."""


class Held(NamedTuple):
    """The terms of a leading window: of its context, which goes for all of it, and of each of its sentences."""

    context: frozenset[str]
    sentences: Sequence[frozenset[str]]

    def whole(self) -> frozenset[str]:
        """All of them."""
        return self.context.union(*self.sentences)


def within_premise(judgement: Judgement, question: str, asked: AskedWords, windows: Sequence[Held], terms: Terms) -> Judgement:
    """The judgement, ``weak`` at best where no window meets the question's premise.

    Args:
        judgement: what the evidence comes to.
        question: its words as typed.
        asked: the same as they are searched.
        windows: the leading ones.
        terms: reads words.
    """
    if judgement.status != "answered" or _is_met(question, asked, windows, terms):
        return judgement
    # In proportion, so that of two such questions the likelier one stays so.
    share = (judgement.confidence - NOTHING_BELOW) / (1 - NOTHING_BELOW)
    return Judgement("weak", NOTHING_BELOW + share * (_HIGHEST_WEAK - NOTHING_BELOW))


_HIGHEST_WEAK = WEAK_BELOW - 0.01


def _is_met(question: str, asked: AskedWords, windows: Sequence[Held], terms: Terms) -> bool:
    named = _named(question, terms, capitals=asked.language not in NOUNS_CAPITAL)
    names = [word for word in asked.telling_words if word.term in named]
    if not names:
        return True
    rest = [word for word in asked.telling_words if word.term not in named] if _CLAUSE.match(question) else []
    least = _REST * sum(word.idf for word in rest)
    by_sentence = len(names) > 1 and rest
    pieces = [
        piece
        for window in windows
        for piece in ([window.context | sentence for sentence in window.sentences] if by_sentence else [window.whole()])
    ]
    return any(
        all(_holds(piece, name) for name in names) and sum(word.idf for word in rest if _holds(piece, word)) >= least
        for piece in pieces
    )


def _named(question: str, terms: Terms, *, capitals: bool = True) -> frozenset[str]:
    """The terms of the names and numbers of a question: words that begin with a digit, or a capital but the first."""
    found = [match[0] for match in _WORD.finditer(question)]
    typed = [word for at, word in enumerate(found) if word[0].isdigit() or (capitals and at and word[0].isupper())]
    return frozenset(term for word in typed for term in terms(word))


def _holds(piece: frozenset[str], word: AskedWord) -> bool:
    return any(spelling in piece for spelling, _ in word.spellings.spellings)


def across_languages(judgement: Judgement, question: str, asked: AskedWords, windows: Sequence[Held], terms: Terms) -> Judgement:
    """The judgement of a question in another language than the collection's: not ``nothing`` where a window holds its name.

    Names and numbers are what two languages share; what else the question says cannot be compared by words, and hardly by the
    vectors of an embedder that does not know its language. Arguments as for ``within_premise``.
    """
    if judgement.status != "nothing_relevant":
        return judgement
    named = _named(question, terms)
    shared = [
        {spelling for spelling, weight in word.spellings.spellings if weight >= _SURE_SPELLING}
        for word in asked.telling_words
        if word.term in named
    ]
    if not any(window.whole() & spellings for window in windows for spellings in shared):
        return judgement
    return Judgement(status_of(NOTHING_BELOW), NOTHING_BELOW)
