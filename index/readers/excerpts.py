"""Reads collections of cited excerpts: text, then the citation line it comes from, under topic headings."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import PurePath
from statistics import median

import msgspec

from index.citations.parse import parse_citation
from index.citations.recognise import citation_score
from index.files import decode
from index.readers.cited_lines import join_two_lines, set_brackets_apart
from index.readers.headings import Outline, Style
from index.readers.lines import Line, split_lines
from index.readers.page import Page
from index.readers.readings import Mark, Passage, make_reading
from index.records import BlockKind, Reading, SourceFile

# Cuts a document's lines into titles, headings, excerpts, citations and furniture.
#
# Evidence, not layout, decides. A line's own looks are one witness (how much it reads like a citation, in which style it
# could be a heading); what stands before and after it is another; the third is the document itself, whose habits
# ``Page`` has learned. See docs/reader.md for the rules and what they found.


class Segment(msgspec.Struct, frozen=True):
    """Lines ``first`` to ``last`` with one role; a text segment is one excerpt.

    ``style`` is that of a heading; ``cited`` is true of a citation that ends an excerpt.
    """

    role: BlockKind
    first: int
    last: int
    style: Style | None = None
    cited: bool = False


def segments(page: Page) -> Iterator[Segment]:
    """Every line of the page in exactly one segment, in order. Linear in the number of lines."""
    at, any_cited = 0, False
    while at < len(page.lines):
        outside = _outside(page, at)
        if outside:
            yield outside
            at += 1
            continue
        text, furniture, cited = _excerpt(page, at, any_cited)
        yield text
        yield from furniture
        at = text.last + 1 + len(furniture)
        if cited:
            yield Segment("citation", at, at, cited=True)
            at, any_cited = at + 1, True


def _outside(page: Page, at: int) -> Segment | None:
    """What a line is that follows a citation, a heading, furniture or nothing; None: an excerpt begins."""
    if at in page.furniture:
        return Segment("furniture", at, at)
    style = page.heads(at)
    if style:
        return Segment("heading", at, at, style=style)
    if page.stands_as_citation(at):
        return Segment("citation", at, at)
    return Segment("furniture", at, at) if page.is_furniture(at) else None


def _excerpt(page: Page, first: int, any_cited: bool) -> tuple[Segment, list[Segment], bool]:
    """The excerpt that begins here, the furniture between it and what ends it, and whether a citation does."""
    last = first
    for at in range(first + 1, len(page.lines)):
        if page.cites(at):
            return Segment("text", first, last), _furniture(last + 1, at), True
        if at in page.furniture or (not any_cited and page.stands_out(at)):
            return Segment("text", first, last), _furniture(last + 1, at), False
        if not page.is_furniture(at):  # what stands between two texts of one excerpt belongs to it
            last = at
    return Segment("text", first, last), _furniture(last + 1, len(page.lines)), False


def _furniture(start: int, end: int) -> list[Segment]:
    return [Segment("furniture", at, at) for at in range(start, end)]


_SAMPLE = 100_000
"""Code points that are looked at before a file is taken for something else."""

_LONGEST_EXCERPT = 20_000
"""Characters for each citation above which a file is prose that cites, not a collection of excerpts."""


_SHORTEST_EXCERPT = 6
"""Characters that at least half of the excerpts of a collection reach: more than the number of a reference, "[12]"."""

_TELLING = 4
"""Excerpts from which their lengths tell a collection from an article: two or three may well be this unequal."""


class ExcerptReader:
    """Excerpts of one or more paragraphs, each ended by its citation line."""

    name = "excerpts"

    def accepts(self, file: SourceFile) -> bool:
        """Whether at least two lines, or the last one, cite the text above them, and not too rarely."""
        text, _ = decode(file)
        page = _page(text[:_SAMPLE])
        parts = [part for part in segments(page) if part.role in ("text", "citation")]
        lengths = [_length(page.lines, before) for before, part in pairwise(parts) if part.cited]
        if len(lengths) == 1 and parts[-1].cited and len(text) <= _SAMPLE:
            return not page.is_listed(parts[-1].first - 1)
        seen = min(len(text), _SAMPLE)
        return len(lengths) > 1 and seen / len(lengths) <= _LONGEST_EXCERPT and not _is_article(lengths, seen)

    def read(self, file: SourceFile) -> list[Reading]:
        """One reading. Raises FileUnreadable when the file cannot be decoded."""
        text, encoding = decode(file)
        page = _page(text)
        passages, marks = _place(text, page.lines, list(segments(page)))
        return [
            make_reading(
                file,
                reader=self.name,
                encoding=encoding,
                title=page.lines[page.title].text if page.title >= 0 else PurePath(file.name).stem,
                text=text,
                passages=passages,
                marks=marks,
            )
        ]


def _page(text: str) -> Page:
    """The text's lines, every citation one of them."""
    lines = join_two_lines(split_lines(text), citation_score)
    return Page(set_brackets_apart(text, lines, citation_score), citation_score)


def _is_article(lengths: Sequence[int], seen: int) -> bool:
    """Whether these lengths of cited texts are those of prose with its references behind it.

    There the first reference closes the whole article, and the others close next to nothing.
    """
    if len(lengths) < _TELLING:
        return False
    return median(lengths) < _SHORTEST_EXCERPT or max(lengths) > seen / 2


def _length(lines: Sequence[Line], part: Segment) -> int:
    return lines[part.last].end - lines[part.first].start


def _place(text: str, lines: Sequence[Line], parts: Sequence[Segment]) -> tuple[list[Passage], list[Mark]]:
    """The segments as spans of the text; an excerpt takes the headings that hold and the citation that ends it."""
    outline = Outline()
    passages: list[Passage] = []
    marks: list[Mark] = []
    for part in parts:
        start, end = lines[part.first].start, lines[part.last].end
        if part.role == "text":
            passages.append(Passage(start, end, outline.path))
            continue
        marks.append(Mark(part.role, start, end))
        if part.style:
            outline.enter(lines[part.first].text, part.style)
        if part.cited:
            last = passages.pop()
            passages.append(Passage(last.start, last.end, last.headings, parse_citation(text[start:end], start, end)))
    return passages, marks
