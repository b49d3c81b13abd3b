"""A document before it is cut: what each line would be where it stands, by all that the document shows about itself."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from index.readers.cited_lines import LIKELY, SURE, WEAK, Citing
from index.readers.headings import (
    Style,
    announces_links,
    ends_like_prose,
    is_byline,
    is_caption,
    is_imprint,
    is_label,
    is_of_series,
    is_title_like,
    reads_as_title,
    speaker_of,
    style_of,
)
from index.readers.lines import Line

# How a document writes its headings, and which lines are headings where they stand.

_MOSTLY = 0.8
_FEW = 3


class HeadingHabits:
    """The styles of heading that occur right below citations, other headings or the title, and whether blank lines follow them.

    Capitals need one such line, title case three beside capitals or one where there are none, other styles three
    where there are no capitals.
    """

    def __init__(self, lines: Sequence[Line], citing: Citing) -> None:
        self._lines = lines
        self._citing = citing
        self._speakers = _speakers(lines)
        found: Counter[Style] = Counter()
        alone: Counter[Style] = Counter()
        for at in range(1, len(lines)):
            style = self.style(at) if self._follows(at) else None
            if style:
                found[style] += 1
                alone[style] += lines[at].closes
        self.styles = _styles(found)
        self._found = found
        self._alone = alone["capitals"] >= _MOSTLY * found["capitals"]

    def _follows(self, at: int) -> bool:
        """Below a citation, a line in capitals, or the title."""
        if at == 1:
            return self._lines[0].alone and not is_caption(self._lines, at)
        return self._citing.reads(at - 1) or self.style(at - 1) == "capitals"

    def style(self, at: int) -> Style | None:
        """The style in which a line could be a heading: no speech, no citation, and not all that a citation cites."""
        if at + 1 >= len(self._lines):
            return None
        line, below = self._lines[at], self._lines[at + 1]
        style = style_of(line.text)
        if style is None or (style != "capitals" and not line.closes) or self._citing.reads(at):
            return None
        speaker = speaker_of(line.text)
        if speaker and (speaker in self._speakers or speaker_of(below.text)):
            return None
        if self._citing.reads_as_own(at + 1) or (self._citing.reads(at + 1) and not line.closes):
            return None
        return style

    def heads(self, at: int) -> Style | None:
        """The style of a line that is a heading if it follows a citation or the top; None for text."""
        style = self.style(at)
        if style not in self.styles or (self._alone and not self._lines[at].closes):
            return None
        return style

    def is_common(self, style: Style | None) -> bool:
        """Whether the document's headings are of this style: several that follow citations, or capitals for want of others."""
        return style is not None and style in self.styles and (style == "capitals" or self._found[style] > 1)

    def stands_out(self, at: int) -> bool:
        """Whether the line is a heading in capitals, alone."""
        return at < len(self._lines) and self._lines[at].alone and self.heads(at) == "capitals"


def _styles(found: Counter[Style]) -> frozenset[Style]:
    styles: set[Style] = {"capitals"} if found["capitals"] else set()
    if found["title"] >= (_FEW if styles else 1):
        styles.add("title")
    if found["sentence"] >= _FEW and "capitals" not in styles:
        styles.add("sentence")
    return frozenset(styles or {"capitals"})


def _speakers(lines: Iterable[Line]) -> frozenset[str]:
    """Names before speeches that are not in capitals; a heading may hold a colon too, but never a sentence after it."""
    named = ((speaker_of(line.text), line.text) for line in lines)
    return frozenset(speaker for speaker, text in named if speaker and not text.isupper())


# Where a document's title, and the furniture above its first and below its last excerpt, stand.

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
        if len(block) > 1 and style_of(block[0]) in (None, "sentence") and self._citing.reads(1):
            return False  # a question or a saying, and its citation right below
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


_LEAD_INS = frozenset({"bracketed", "remark"})
_LONGEST_FITTING = 200


class Page:
    """The lines of a document, looked at once; ``score`` tells how much a line alone reads like a citation."""

    def __init__(self, lines: Sequence[Line], score: Callable[[str], float]) -> None:
        self.lines = lines
        self._citing = Citing(lines, score)
        self._habits = HeadingHabits(lines, self._citing)
        around = Surroundings(lines, self._citing, self._habits)
        self.title = around.title
        self.furniture = around.furniture
        self._is_furniture = [self._looks_like_furniture(at) for at in range(len(lines))]
        self._below = self._next_to_read()
        self._citing.learn_endings(self._must_end)

    def cites(self, at: int) -> bool:
        """Whether the line ends the excerpt before it.

        A line that reads as a citation does, unless the excerpt goes on and the line is in another manner than the
        document's, or one of a list, or inside a paragraph. A line that hardly reads as one does where it stands
        in a citation's place: last of its block, and before a heading or the end.
        """
        look, line = self._citing.look(at), self.lines[at]
        if look is None or line.set_apart:
            return line.set_apart
        if self._must_end(at):
            return self._citing.reads(at) or (line.closes and (look.score >= WEAK or self._fits(at)))
        if not self._citing.reads(at):
            return line.closes and WEAK <= look.score < LIKELY and self._citing.manner.is_own(look.form)
        if self._citing.is_aside(at) or self._citing.is_listed(at):
            return False
        if line.opens or line.closes or look.score >= SURE or self._habits.heads(at + 1) == "capitals":
            return True
        return self._citing.manner.is_own(look.form)

    def is_listed(self, at: int) -> bool:
        """Whether the line is one of a list of citations, and not its last."""
        return self._citing.is_listed(at)

    def stands_as_citation(self, at: int) -> bool:
        """Whether a line that follows no text is a citation all the same, and no lead-in of what comes next."""
        look = self._citing.look(at)
        return look is not None and look.form.opening not in _LEAD_INS and self._citing.reads_as_own(at)

    def heads(self, at: int) -> Style | None:
        """The heading style of a line that follows a citation or the top, or None where it is text."""
        return self._habits.heads(at)

    def stands_out(self, at: int) -> bool:
        """Whether the line is a heading in capitals, alone."""
        return self._habits.stands_out(at)

    def is_furniture(self, at: int) -> bool:
        """Whether the line is furniture if it stands outside an excerpt."""
        return self._is_furniture[at]

    def _looks_like_furniture(self, at: int) -> bool:
        line = self.lines[at]
        if at in self.furniture or self._is_among_labels(at) or is_caption(self.lines, at):
            return True
        title = self.lines[self.title].text if self.title >= 0 else ""
        return line.alone and (is_imprint(line.text) or line.text == title or is_of_series(line.text, title))

    def _is_among_labels(self, at: int) -> bool:
        """A label, in a block with nothing else."""
        line = self.lines[at]
        if not is_label(line.text):
            return False
        above, below = self.lines[at - 1 : at], self.lines[at + 1 : at + 2]
        return (line.opens or is_label(above[0].text)) and (line.closes or is_label(below[0].text))

    def _fits(self, at: int) -> bool:
        """A short line that begins as this document's citations do, and is no sentence."""
        look, text = self._citing.look(at), self.lines[at].text
        settled = self._citing.manner.is_settled and len(text) <= _LONGEST_FITTING
        return settled and look is not None and self._citing.manner.opens_like(look.form) and not ends_like_prose(text)

    def _next_to_read(self) -> list[int]:
        """For each line the next below it that is not furniture; looked up from the end, or long runs would cost a square."""
        following = [len(self.lines)] * len(self.lines)
        for at in range(len(self.lines) - 2, -1, -1):
            following[at] = following[at + 1] if self._is_furniture[at + 1] else at + 1
        return following

    def _must_end(self, at: int) -> bool:
        """After this line comes the end, or a heading in capitals that stands alone."""
        below = self._below[at]
        return below == len(self.lines) or self.stands_out(below)
