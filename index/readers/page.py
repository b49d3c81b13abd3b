"""A document before it is cut: what each line would be where it stands, by all that the document shows about itself."""

from collections.abc import Callable, Sequence

from index.readers.cited_lines import LIKELY, SURE, WEAK, Citing
from index.readers.furniture import is_caption, is_imprint, is_label, is_of_series
from index.readers.heading_habits import HeadingHabits
from index.readers.headings import Style, ends_like_prose
from index.readers.lines import Line
from index.readers.surroundings import Surroundings

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
