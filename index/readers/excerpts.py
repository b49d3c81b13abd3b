"""Reads collections of cited excerpts: text, then the citation line it comes from, under topic headings."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import PurePath
from statistics import median

from index.citations.parse import parse_citation
from index.citations.recognise import citation_score
from index.decoding import decode
from index.readers.brackets import set_brackets_apart
from index.readers.headings import Outline
from index.readers.lines import Line, split_lines
from index.readers.page import Page
from index.readers.readings import Mark, Passage, make_reading
from index.readers.segments import Segment, segments
from index.readers.two_lines import join_two_lines
from index.records import Reading, SourceFile

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
