"""Where a document's title, and the furniture above its first and below its last excerpt, stand."""

from collections.abc import Iterator, Sequence

from index.readers.cited_lines import Citing
from index.readers.furniture import (
    announces_links,
    is_byline,
    is_caption,
    is_imprint,
    is_label,
    is_of_series,
    is_title_like,
    reads_as_title,
)
from index.readers.heading_habits import HeadingHabits
from index.readers.headings import ends_like_prose, style_of
from index.readers.lines import Line

_LINES_OF_A_TITLE = 4


class Surroundings:
    """``title`` is the line that is the document's title (-1: none); ``furniture`` holds it and all else around the excerpts."""

    def __init__(self, lines: Sequence[Line], citing: Citing, habits: HeadingHabits) -> None:
        self._lines = lines
        self._citing = citing
        self._habits = habits
        self.title = 0 if self._begins_with_title() else -1
        self.furniture = frozenset(self._head()) | frozenset(self._tail())

    def _begins_with_title(self) -> bool:
        """The first line, unless it is a heading: in the style of the others, with its excerpt right below."""
        block = self._first_block()
        if not 0 < len(block) <= _LINES_OF_A_TITLE or not all(map(reads_as_title, block)) or self._citing.reads(0):
            return False
        below = next((at for at in range(1, len(self._lines)) if not is_caption(self._lines, at)), 0)
        style = style_of(block[0])
        return not self._habits.is_common(style) or self._habits.style(below) in self._habits.styles

    def _first_block(self) -> list[str]:
        block: list[str] = []
        for line in self._lines:
            block.append(line.text)
            if line.closes:
                break
        return block

    def _head(self) -> Iterator[int]:
        """The title and what follows it: all that is no prose above the first capitals, else captions and bylines."""
        if self.title < 0:
            return
        yield self.title
        first = self._first_capitals()
        if first > 1 and all(reads_as_title(self._lines[at].text) for at in range(1, first)):
            yield from range(1, first)
            return
        for at in range(1, len(self._lines)):
            if not (is_caption(self._lines, at) or self._introduces(self._lines[at].text)):
                return
            yield at

    def _introduces(self, text: str) -> bool:
        return is_byline(text) or is_imprint(text) or is_label(text) or is_of_series(text, self._lines[self.title].text)

    def _first_capitals(self) -> int:
        """The first heading in capitals below the title where nothing is cited before it, else 1."""
        if "capitals" in self._habits.styles:
            for at in range(1, len(self._lines)):
                if self._citing.reads_as_own(at):
                    break
                if self._habits.style(at) == "capitals":
                    return at
        return 1

    def _tail(self) -> Iterator[int]:
        """Below the last citation: everything if nothing there is prose, else labels and the links they announce."""
        last = max(filter(self._citing.reads, range(len(self._lines))), default=len(self._lines))
        tail = range(last + 1, len(self._lines))
        if not any(ends_like_prose(self._lines[at].text) for at in tail):
            yield from tail
            return
        title = self._lines[self.title].text if self.title >= 0 else ""
        announced = False
        for at in tail:
            line = self._lines[at]
            announced = (announced and is_title_like(line)) or (line.alone and announces_links(line.text))
            if announced or is_of_series(line.text, title):
                yield at
