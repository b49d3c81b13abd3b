"""How a document writes its headings, and which lines are headings where they stand."""

from collections import Counter
from collections.abc import Iterable, Sequence

from index.readers.cited_lines import Citing
from index.readers.furniture import is_caption
from index.readers.headings import Style, speaker_of, style_of
from index.readers.lines import Line

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
