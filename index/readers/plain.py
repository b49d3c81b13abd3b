"""Reads text that cites nothing: groups of paragraphs, each citing the document itself."""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from index.decoding import decode
from index.readers.document_citations import cite_text
from index.readers.frames import find_frame
from index.readers.headings import is_title_like
from index.readers.lines import Line, split_lines
from index.readers.readings import Mark, Passage, make_reading, trimmed
from index.records import Citation, Reading, SourceFile

_ENOUGH = 1_000
"""Characters from which a group ends with its paragraph: about 170 words, a page's worth of one thought."""

_FAR = 5
_MOST = 2_500
"""Characters that a group never passes: what a reader takes in at a glance, and a handful of windows."""

_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*\s+(?=\S)")
_PARAGRAPH = re.compile(r"\S(?:(?!(?:\r\n|[\r\n])[ \t>]*(?:\r\n|[\r\n])).)*(?<!\s)", re.DOTALL)
_SPACE = re.compile(r"\s+(?=\S)")


class PlainReader:
    """Any text at all."""

    name = "plain"

    def accepts(self, file: SourceFile) -> bool:
        """True for every text; the registry asks this reader last."""
        return bool(decode(file))

    def read(self, file: SourceFile) -> list[Reading]:
        """One reading. Raises FileUnreadable when the file cannot be decoded."""
        text, encoding = decode(file)
        frame = find_frame(text)
        lines = [line for line in split_lines(text) if frame.start <= line.start and line.end <= frame.end]
        titled = len(lines) > 1 and is_title_like(lines[0])
        title = lines[0].text if titled else str(frame.csl.get("title", "")) or PurePath(file.name).stem
        known, cited_as = cite_text(file, text, frame.citation, lines[0].text if titled else "")
        citation = known or cite_document(title)
        around = [trimmed(text, 0, frame.start), trimmed(text, frame.end, len(text))]
        return [
            make_reading(
                file,
                reader=self.name,
                encoding=encoding,
                title=title,
                text=text,
                passages=[Passage(start, end, (), citation) for start, end in group_paragraphs(text, lines[titled:])],
                marks=[
                    *(Mark("furniture", line.start, line.end) for line in lines[:titled]),
                    *(Mark("furniture", start, end) for start, end in around if start < end),
                ],
                cited_as=cited_as,
            )
        ]


def cite_document(title: str) -> Citation:
    """The citation of a document that only its title is known of."""
    return Citation(title, csl={"type": "document", "title": title})


def group_paragraphs(text: str, lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Spans of whole paragraphs, of some 1,000 to 2,500 characters; a longer paragraph is cut between sentences.

    A group ends at the first blank line after 1,000 characters, or earlier where the next paragraph would make it too long.
    """
    start = end = -1
    for line in lines:
        if start >= 0 and line.end - start > _MOST:
            yield from cut_long(text, start, end)
            start = -1
        start, end = (line.start if start < 0 else start), line.end
        if line.closes and end - start >= _ENOUGH:
            yield from cut_long(text, start, end)
            start = -1
    if start >= 0:
        yield from cut_long(text, start, end)


def cut_at_paragraphs(text: str, start: int, end: int, most: int) -> Iterator[tuple[int, int]]:
    """The span in pieces of whole paragraphs of at most ``most`` characters, where paragraphs allow."""
    begin = last = -1
    for found in _PARAGRAPH.finditer(text, start, end):
        first, stop = found.start(), found.end()
        if begin >= 0 and stop - begin > most:
            yield from _bounded(text, begin, last, most)
            begin = first
        begin, last = (first if begin < 0 else begin), stop
    if begin >= 0:
        yield from _bounded(text, begin, last, most)


def _bounded(text: str, start: int, end: int, most: int) -> Iterator[tuple[int, int]]:
    """A paragraph far beyond the bound is no paragraph that anybody wrote: it is cut between sentences or words."""
    yield from cut_long(text, start, end) if end - start > _FAR * most else [(start, end)]


def cut_long(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The span in pieces of at most 2,500 characters, cut between sentences, else between words."""
    while end - start > _MOST:
        cut = _last(_SENTENCE_END, text, start, start + _MOST) or _last(_SPACE, text, start, start + _MOST)
        stop, following = cut or (start + _MOST, start + _MOST)
        yield start, stop
        start = following
    yield start, end


def _last(pattern: re.Pattern[str], text: str, start: int, end: int) -> tuple[int, int] | None:
    """Where to stop and where to go on: around the white space of the last match in the second half."""
    found = None
    for match in pattern.finditer(text, start + (end - start) // 2, end):
        found = match
    return (found.start() + len(found[0].rstrip()), found.end()) if found else None
