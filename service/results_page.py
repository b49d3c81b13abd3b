"""What the results page adds to the hits: groups by work, lines around a keyword, a chart of years, example questions."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from index.collection import Collection
from index.filters import Filters
from index.text import fold, words
from rag.records import Span
from service.overview import Bar, draw
from service.schemas import AnswerView, HitView
from service.snippets import Piece, pieces
from service.translation import say

VIEWS = {"passages": "passages", "works": "by work", "lines": "lines"}
"""How the hits are shown: as cards, as cards below the works they are quoted from, or as lines around a keyword."""

SORTS = {"relevance": "relevance", "oldest": "oldest", "newest": "newest", "place": "place in the collection"}

_CONTEXT = 60
"""Characters on each side of a keyword."""

_STEM = 5
"""Letters by which a word of a passage is taken for one of the question: enough to tell words apart, and blind to endings."""

_SHORTEST = 4

_WORD = re.compile(r"\w+")
_EXAMPLES = 4
_FEW = 3
"""Words of a heading that names a subject; longer ones say something of it, which is not ours to repeat."""


class Group(NamedTuple):
    """Hits of one work, in their order; ``work`` is None, and ``label`` empty, for those that cite none."""

    work: str | None
    label: str
    hits: list[HitView]


def by_work(answer: AnswerView) -> list[Group]:
    """The hits below their works; works come in the order of their best hits."""
    labels = {each.work: each.label for each in answer.works}
    groups: dict[str | None, Group] = {}
    for hit in answer.hits:
        label = labels.get(hit.work or "", "")
        groups.setdefault(hit.work, Group(hit.work, label, [])).hits.append(hit)
    return list(groups.values())


class Line(NamedTuple):
    """One line of a concordance: a keyword as the passage has it, and the words before and after it."""

    left: str
    keyword: str
    right: str


def line_of(hit: HitView, question: str) -> Line:
    """The words around the first word of the question in the highlight, else in the text; else the beginning of the highlight."""
    opens, closes = (hit.highlights[0].start, hit.highlights[0].end) if hit.highlights else (0, len(hit.text))
    stems = {word[:_STEM] for word in words(question) if len(word) >= _SHORTEST}
    held = [match for match in _WORD.finditer(hit.text) if _begins_alike(fold(match[0])[:_STEM], stems)]
    match = next((each for each in held if opens <= each.start() < closes), held[0] if held else None)
    if match is None:
        return Line("", "…", _on_one_line(hit.text[opens : opens + 2 * _CONTEXT]))
    start, end = match.span()
    left, right = hit.text[max(0, start - _CONTEXT) : start], hit.text[end : end + _CONTEXT]
    if start > _CONTEXT:
        left = left.partition(" ")[2]
    if end + _CONTEXT < len(hit.text):
        right = right.rpartition(" ")[0]
    return Line(_on_one_line(left), hit.text[start:end], _on_one_line(right))


def _begins_alike(word: str, stems: Iterable[str]) -> bool:
    return len(word) >= _SHORTEST and any(word.startswith(stem) or stem.startswith(word) for stem in stems)


def chance(confidence: float) -> str:
    """The estimated probability that the passages answer, in words."""
    return say("They answer the question in about {tenths} of 10 cases like this.", tenths=round(confidence * 10))


def chart(answer: AnswerView) -> tuple[tuple[Bar, ...], int]:
    """The bars of a chart of all that was found by year, and how many would fit side by side."""
    counted = answer.facets.year if answer.facets else ()
    return draw(Counter({int(each.value): each.count for each in counted}))


def examples(collection: Collection) -> list[str]:
    """Questions to begin with, made from the headings with most passages."""
    headings = sorted(collection.headings(Filters()), key=lambda each: -each[1])
    named = dict.fromkeys(trail[-1] for trail, _ in headings if trail and len(trail[-1].split()) <= _FEW)
    return [f"What do the sources say about {_as_title(name)}?" for name in islice(named, _EXAMPLES)]


def common_runs(text: str, other: str, shortest: int = 3) -> list[Span]:
    """The spans of ``text`` whose words, folded, stand in ``other`` in the same order, in runs of at least so many words."""
    ours, theirs = list(_WORD.finditer(text)), words(other)
    runs = {tuple(theirs[at : at + shortest]) for at in range(len(theirs) - shortest + 1)}
    folded = [fold(match[0]) for match in ours]
    marked = [False] * len(ours)
    for at in range(len(ours) - shortest + 1):
        if tuple(folded[at : at + shortest]) in runs:
            marked[at : at + shortest] = [True] * shortest
    return _joined(ours, marked)


def beside(text: str, other: str) -> list[Piece]:
    """``text`` in pieces, those marked that stand in ``other`` too."""
    return pieces(text, common_runs(text, other))


def _joined(found: Sequence[re.Match[str]], marked: Sequence[bool]) -> list[Span]:
    spans: list[Span] = []
    for at, (match, is_marked) in enumerate(zip(found, marked, strict=True)):
        if is_marked and at and marked[at - 1]:
            spans[-1] = Span(spans[-1].start, match.end())
        elif is_marked:
            spans.append(Span(*match.span()))
    return spans


def _on_one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _as_title(heading: str) -> str:
    """A heading in capitals as a title; others as they are."""
    return heading.title() if heading.isupper() else heading
