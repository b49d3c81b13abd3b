"""Which lines of a document read as citations: each by itself, and by what the document's other lines are like."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import msgspec

from index.citations.recognise import THRESHOLD
from index.readers.forms import ASIDES, Form, Manner, form_of
from index.readers.lines import Line

SURE = 0.9
"""From this score on a line is a citation even inside a paragraph."""

LIKELY = THRESHOLD
"""From this score on a line alone reads as a citation."""

WEAK = 0.25
"""From this score on a line is a citation where everything around it says so."""

FAINT = 0.1
"""From this score on a line is a citation if many lines of the same form end the document's paragraphs."""

_LONGEST = 500
_FEW = 3
_HABITUAL = 0.2
_NEED_NO_SCORE = frozenset({"dashed", "bracketed", "labelled"})
_NEVER_HABITUAL = frozenset({"remark", "other"})


class Look(msgspec.Struct, frozen=True):
    """How much a line reads like a citation, in [0, 1], and its form."""

    score: float
    form: Form


class Citing:
    """The lines of a document, looked at once; ``score`` tells how much a line alone reads like a citation."""

    def __init__(self, lines: Sequence[Line], score: Callable[[str], float]) -> None:
        self._lines = lines
        self._looks = [Look(score(line.text), form_of(line.text)) if len(line.text) <= _LONGEST else None for line in lines]
        self._reads = [look is not None and look.score >= LIKELY for look in self._looks]
        self._reads = [reads or lines[at].set_apart or self._is_short_reference(at) for at, reads in enumerate(self._reads)]
        self._adopt_habit()
        self.manner = Manner.learn(self._forms(at for at in range(len(lines)) if self.reads(at) and not self.reads(at + 1)))

    def look(self, at: int) -> Look | None:
        """What a line looks like; None for one too long to be a citation, or outside the document."""
        return self._looks[at] if 0 <= at < len(self._looks) else None

    def reads(self, at: int) -> bool:
        """Whether the line reads as a citation, wherever it stands."""
        return 0 <= at < len(self._reads) and self._reads[at]

    def reads_as_own(self, at: int) -> bool:
        """Whether it does, in the document's own manner."""
        look = self.look(at)
        return look is not None and self.reads(at) and self.manner.is_own(look.form)

    def learn_endings(self, ends: Callable[[int], bool]) -> None:
        """Tells the manner which forms of citation stand where an excerpt must end."""
        self.manner = self.manner.with_endings(self._forms(at for at, reads in enumerate(self._reads) if reads and ends(at)))

    def is_aside(self, at: int) -> bool:
        """In another manner than the document's: copied along with the excerpt it stands in.

        A single line among few citations shows no manner, so there the excerpt must visibly go on.
        """
        look = self.look(at)
        if look is None or not self.manner.is_foreign(look.form):
            return False
        return look.form.opening in ASIDES or self.manner.is_settled or self._goes_on(at)

    def is_listed(self, at: int) -> bool:
        """One of a list, and not its last: of three citations on end, or the first of two of which only the second says where."""
        if not self.reads(at) or not self.reads(at + 1):
            return False
        if self.reads(at - 1) or self.reads(at + 2):
            return True
        look, below = self._looks[at], self._looks[at + 1]
        return (
            look is not None and below is not None and not look.form.located and below.form.located and not self._lines[at].closes
        )

    def _goes_on(self, at: int) -> bool:
        following = self._lines[at + 1].text if at + 1 < len(self._lines) else ""
        return following.startswith(("…", "...", "[…", "[...")) or following[:1].islower()

    def _forms(self, places: Iterable[int]) -> Iterable[Form]:
        return (look.form for look in map(self.look, places) if look)

    def _is_short_reference(self, at: int) -> bool:
        """A line in brackets, nothing but author, year and page, last of its block: "(Somebody 1990, 14)"."""
        look = self._looks[at]
        if look is None or not self._ends_block(at):
            return False
        return look.form == Form("bracketed", "year after author", located=True) and self._lines[at].text.endswith(
            (")", "]", ").")
        )

    def _adopt_habit(self) -> None:
        """Takes lines of one form for citations where they end the document's blocks again and again.

        So sayings with "— Somebody" below, or notes with "(Somebody 1990, 14)", are read although a single such line
        proves nothing. The form must be commoner than what reads as a citation anyway.
        """
        found = Counter(look.form for at, look in enumerate(self._looks) if look and self._could_be_habit(at, look))
        if not found:
            return
        form, count = found.most_common(1)[0]
        blocks = sum(line.closes for line in self._lines)
        if count >= max(_FEW, _HABITUAL * blocks) and count > sum(self._reads):
            for at, look in enumerate(self._looks):
                self._reads[at] = self._reads[at] or (look is not None and look.form == form and self._ends_block(at))

    def _could_be_habit(self, at: int, look: Look) -> bool:
        if look.form.opening in _NEVER_HABITUAL or not self._ends_block(at):
            return False
        return look.score >= FAINT or (look.form.opening in _NEED_NO_SCORE and not self._lines[at].opens)

    def _ends_block(self, at: int) -> bool:
        """Last of its block, below something that is no citation."""
        line = self._lines[at]
        return at > 0 and line.closes and not (line.opens and self._reads[at - 1])
