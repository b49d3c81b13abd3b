"""Windows: runs of whole sentences of one excerpt, small enough for the embedder to read all of it."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import sentencex

from index.records import Citation, CslItem, Excerpt, Window, issued_years
from index.text import encodable

# What is searched beside an excerpt's own words: its headings, and who wrote it where and when.

_NEAREST_HEADINGS = 2


class Context(msgspec.Struct, frozen=True):
    """The parts of an excerpt's context; what the source does not give is ""."""

    headings: str = ""
    author: str = ""
    title: str = ""
    year: str = ""

    @property
    def line(self) -> str:
        """All parts in one line, as they are embedded together with a window."""
        source = ", ".join(part for part in (self.author, self.title, self.year) if part)
        return ". ".join(part for part in (self.headings, source) if part)


def context_of(excerpt: Excerpt) -> Context:
    """The context of an excerpt: nearest headings, family names, title and year."""
    csl = _csl(excerpt.citation)
    years = issued_years(csl)
    return Context(
        headings=". ".join(excerpt.headings[-_NEAREST_HEADINGS:]),
        author=", ".join(family_names(csl)),
        title=str(csl.get("title", "")),
        year=" ".join(dict.fromkeys(str(year) for year in years or ())),
    )


def family_names(csl: CslItem) -> list[str]:
    """Family names (or the whole name of a body) of the authors, else of the editors."""
    return [name for person in _people(csl) if (name := _text(person, "family") or _text(person, "literal"))]


def full_names(csl: CslItem) -> list[str]:
    """Given and family names of the authors, else of the editors."""
    parts = ("given", "non-dropping-particle", "dropping-particle", "family", "literal")
    return [" ".join(_text(person, part) for part in parts) for person in _people(csl)]


def _csl(citation: Citation | None) -> CslItem:
    return citation.csl or {} if citation else {}


def _people(csl: CslItem) -> list[Mapping[str, Any]]:
    people = csl.get("author") or csl.get("editor") or []
    return [person for person in people if isinstance(person, Mapping)]


def _text(person: Mapping[str, Any], part: str) -> str:
    return str(person.get(part) or "")


# Sentences of a text as spans; the splitting itself is sentencex's.

SentenceSpan = tuple[int, int]

_LANGUAGE = "en"
"""Whose abbreviations are known; full stops of other languages end sentences all the same."""


def split_sentences(text: str) -> list[SentenceSpan]:
    """Spans ``[start, end)`` of the sentences, in order, without the white space around them.

    Together they hold every non-white character once, whatever the splitter does: what it
    skips is a sentence of its own, what it gives twice counts once.
    """
    spans: list[SentenceSpan] = []
    position = 0
    for boundary in sentencex.get_sentence_boundaries(_LANGUAGE, encodable(text)):
        start = max(position, min(boundary["start_index"], len(text)))
        end = max(start, min(boundary["end_index"], len(text)))
        _append_trimmed(spans, text, position, start)
        _append_trimmed(spans, text, start, end)
        position = end
    _append_trimmed(spans, text, position, len(text))
    return spans


def _append_trimmed(spans: list[SentenceSpan], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    if trimmed := piece.strip():
        begin = start + piece.index(trimmed)
        spans.append((begin, begin + len(trimmed)))


CountTokens = Callable[[Sequence[str]], list[int]]

_CONTEXT_SHARE = 3
"""A context may take up to a third of a window; a longer one is cut at a word."""

_LONG_WORD = 1000
"""Characters of a word that is looked at from its start, and not as a whole first."""

_WORD = re.compile(r"\S+")


class WindowSize(msgspec.Struct, frozen=True):
    """How large windows are, in word pieces of the embedder.

    Sentences are gathered up to ``target``; one sentence alone may be as long as ``limit`` allows, which counts
    context and special tokens too; each window starts with the last ``overlap`` sentences of the one before, if they fit.
    docs/retrieval.md has the measurements behind the numbers.
    """

    limit: int
    target: int = 96
    overlap: int = 1

    @property
    def told(self) -> str:
        """Version key of the parameters of windowing: another key, other windows."""
        return f"windows-2 {self.limit} {self.target} {self.overlap}"


class _Piece(msgspec.Struct, frozen=True):
    start: int
    end: int
    tokens: int


def search_text(window: Window) -> str:
    """What is embedded for a window: its context line, then its text."""
    return f"{window.context}\n{window.text}" if window.context else window.text


def windows_of(excerpt: Excerpt, count_tokens: CountTokens, size: WindowSize) -> tuple[Window, ...]:
    """The windows of an excerpt in order; together they hold all its sentences.

    Args:
        excerpt: what to cut.
        count_tokens: word pieces of each text, special tokens included.
        size: none of the windows' search texts is longer than ``size.limit``.
    """
    special = count_tokens([""])[0]
    context = _shorten(context_of(excerpt).line, count_tokens, max(1, size.limit // _CONTEXT_SHARE))
    taken = count_tokens([context])[0] if context else special
    text = excerpt.text
    spans = split_windows(
        text,
        split_sentences(text),
        lambda texts: [count - special for count in count_tokens(texts)],
        budget=max(1, min(size.target, size.limit - taken - 1)),
        limit=max(1, size.limit - taken - 1),
        overlap=size.overlap,
    )
    return tuple(Window(excerpt.id, start, end, text[start:end], context) for start, end in spans)


def split_windows(
    text: str,
    sentences: Sequence[SentenceSpan],
    count_tokens: CountTokens,
    budget: int,
    limit: int,
    overlap: int = 1,
) -> list[SentenceSpan]:
    """Gathers sentences into windows of up to ``budget`` tokens; each sentence is counted once.

    Args:
        text: what the spans are slices of.
        sentences: spans in order, not overlapping.
        count_tokens: tokens of each text, without special tokens.
        budget: tokens to gather up to; a longer sentence stands alone.
        limit: tokens no window exceeds; a longer sentence is cut at white space, a longer word anywhere.
        overlap: sentences of the previous window repeated at the start of the next, where they fit.

    Returns:
        Spans in order, each starting after the one before; their union holds every sentence.
    """
    pieces = list(_cut_to_limit(text, sentences, count_tokens, limit))
    spans: list[SentenceSpan] = []
    first = fresh = 0
    while fresh < len(pieces):
        end = fresh + 1
        while first < fresh and _tokens(pieces[first:end]) > min(budget, limit):
            first += 1
        while end < len(pieces) and _tokens(pieces[first : end + 1]) <= min(budget, limit):
            end += 1
        spans.append((pieces[first].start, pieces[end - 1].end))
        fresh = end
        first = max(first + 1, end - overlap)
    return spans


def _tokens(pieces: Sequence[_Piece]) -> int:
    """An upper bound for the pieces joined: byte-level tokenizers may need one more at each joint."""
    return sum(piece.tokens for piece in pieces) + len(pieces) - 1


def _cut_to_limit(text: str, sentences: Sequence[SentenceSpan], count_tokens: CountTokens, limit: int) -> Iterator[_Piece]:
    counts = count_tokens([text[start:end] for start, end in sentences])
    for (start, end), tokens in zip(sentences, counts, strict=True):
        if tokens <= limit:
            yield _Piece(start, end, tokens)
        else:
            yield from _cut_sentence(text, start, end, count_tokens, limit)


def _cut_sentence(text: str, start: int, end: int, count_tokens: CountTokens, limit: int) -> Iterator[_Piece]:
    """Pieces of one sentence, each up to ``limit`` tokens, cut between words where that is possible."""
    word_ends = [match.end() for match in _WORD.finditer(text, start, end)]
    first = 0
    while start < end:
        # A word has at least a token, so no more than ``limit`` of them can fit.
        candidates: Sequence[int] = word_ends[first : first + limit]
        long_word = candidates[0] - start > _LONG_WORD
        fitting = 0 if long_word else _count_fitting(text, start, candidates, count_tokens, limit)
        if not fitting:
            candidates = range(start + 1, word_ends[first] + 1)
            fitting = max(1, _count_fitting(text, start, candidates, count_tokens, limit))
        stop = candidates[fitting - 1]
        yield _Piece(start, stop, count_tokens([text[start:stop]])[0])
        following = _WORD.search(text, stop, end)
        start = following.start() if following else end
        first = bisect_right(word_ends, start)


def _count_fitting(text: str, start: int, stops: Sequence[int], count_tokens: CountTokens, limit: int) -> int:
    """How many of the ascending ``stops`` keep ``text[start:stop]`` within ``limit`` tokens.

    It looks about twice as far as what fits, never at all of a long text: a megabyte is cut into thousands of pieces.
    """

    def tokens(stop: int) -> int:
        return count_tokens([text[start:stop]])[0]

    reach = 1
    while reach < len(stops) and tokens(stops[reach - 1]) <= limit:
        reach *= 2
    return bisect_right(stops, limit, hi=min(reach, len(stops)), key=tokens)


def _shorten(line: str, count_tokens: CountTokens, limit: int) -> str:
    """The line, cut after the last word that keeps it within ``limit`` tokens."""
    if not line or count_tokens([line])[0] <= limit:
        return line
    stops = [match.end() for match in _WORD.finditer(line)]
    fitting = _count_fitting(line, 0, stops, count_tokens, limit)
    return line[: stops[fitting - 1]] if fitting else ""
