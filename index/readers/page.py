"""What a document shows about itself before it is cut: its citation lines' manner, its heading styles, its title.

The answers here are about single lines in their places ("could this be a heading where it stands?"); putting them
together is for the segmentation.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from index.readers.forms import ASIDES, Form, Manner, form_of
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
from index.readers.headings import Style, ends_like_prose, speaker_of, style_of
from index.readers.lines import Line

LIKELY = 0.5
"""From this score on a line alone reads as a citation."""

WEAK = 0.25
"""From this score on a line is a citation where everything around it says so."""

_LONGEST_CITATION = 500
_MANY = 30
_MOSTLY = 0.8
_FEW = 3
_LEAD_INS = frozenset({"bracketed", "remark"})


class Look(msgspec.Struct, frozen=True):
    """How much a line reads like a citation, and its form."""

    score: float
    form: Form


class Page:
    """The lines of a document, looked at once; ``score`` tells how much a line alone reads like a citation."""

    def __init__(self, lines: Sequence[Line], score: Callable[[str], float]) -> None:
        self.lines = lines
        self.looks = [_look(line, score) for line in lines]
        self.manner = Manner.learn(
            look.form for line, look in zip(lines, self.looks, strict=True) if look and look.score >= LIKELY and line.closes
        )
        self._speakers = _speakers(lines)
        self._styles, self._headings_alone = self._heading_habits()
        self.title = self._find_title()
        self.furniture = frozenset(self._head()) | frozenset(self._tail())

    def cites(self, at: int) -> bool:
        """Whether the line ends the excerpt before it.

        A line that reads as a citation does, unless it is in another manner than the document's and the excerpt
        goes on, or is one of a list, or stands inside a paragraph. A line that hardly reads as one does where it
        stands in a citation's place: last of its block, before a heading or the end.
        """
        look, line = self.looks[at], self.lines[at]
        if look is None or look.score < WEAK:
            return False
        if self._excerpt_must_end(at):
            return look.score >= LIKELY or line.closes
        if look.score < LIKELY:
            return line.closes and self.manner.is_own(look.form)
        if self._is_foreign(at, look.form) or self._is_listed(at, look.form):
            return False
        return line.opens or line.closes or self.manner.is_own(look.form)

    def stands_as_citation(self, at: int) -> bool:
        """Whether a line that follows no text is a citation all the same, and no lead-in of what comes next."""
        look = self.looks[at]
        return look is not None and look.score >= LIKELY and look.form.opening not in _LEAD_INS and self.manner.is_own(look.form)

    def heads(self, at: int) -> Style | None:
        """The heading style of a line that follows a citation or the top, or None where it is text."""
        style = self._heading_look(at)
        if style not in self._styles or (self._headings_alone and not self.lines[at].closes):
            return None
        return style

    def is_furniture(self, at: int) -> bool:
        """Whether the line is furniture if it stands outside an excerpt."""
        line = self.lines[at]
        labelled = line.alone and (is_label(line.text) or is_imprint(line.text))
        return at in self.furniture or labelled or is_caption(self.lines, at)

    def _is_foreign(self, at: int, form: Form) -> bool:
        """In another manner, with an excerpt going on after it; few citations are no manner yet, so they need another sign."""
        if not self.manner.is_foreign(form):
            return False
        return form.opening in ASIDES or self.manner.lines >= _MANY or self._goes_on(at)

    def _is_listed(self, at: int, form: Form) -> bool:
        """One of a list within the excerpt: the next line is a citation with a locator, and this one has none."""
        after = self.looks[at + 1] if at + 1 < len(self.lines) else None
        return not self.lines[at].closes and not form.located and _likely(after) and after is not None and after.form.located

    def _goes_on(self, at: int) -> bool:
        following = self.lines[at + 1].text if at + 1 < len(self.lines) else ""
        return following.startswith(("…", "...", "[…", "[...")) or following[:1].islower()

    def _excerpt_must_end(self, at: int) -> bool:
        """After this line comes the end, or a heading in capitals that stands alone."""
        following = at + 1
        while following < len(self.lines) and self.is_furniture(following):
            following += 1
        return following == len(self.lines) or (
            self.lines[following].closes
            and "capitals" in self._styles
            and self._heading_look(following) == "capitals"
            and (self.lines[at].closes or not self._headings_alone)
        )

    def _heading_look(self, at: int) -> Style | None:
        line = self.lines[at]
        style = style_of(line.text)
        if style is None or at + 1 == len(self.lines) or (style != "capitals" and not line.closes):
            return None
        speaker = speaker_of(line.text)
        if speaker and (speaker in self._speakers or speaker_of(self.lines[at + 1].text)):
            return None
        if _likely(self.looks[at]) or (_likely(self.looks[at + 1]) and not line.closes):
            return None
        return None if self._followed_by_citation(at) else style

    def _followed_by_citation(self, at: int) -> bool:
        """What a citation follows is the excerpt itself, however short and loud."""
        look = self.looks[at + 1]
        return _likely(look) and look is not None and self.manner.is_own(look.form)

    def _heading_habits(self) -> tuple[frozenset[Style], bool]:
        """The styles of heading this document uses, and whether blank lines always follow its headings.

        Only lines right after a citation are counted. Capitals need one, title case three beside capitals or one
        where there are none, others three where there is nothing better.
        """
        self._styles, self._headings_alone = frozenset(), False
        found: Counter[Style] = Counter()
        alone = 0
        for at, line in enumerate(self.lines):
            follows = at == 0 or (_likely(self.looks[at - 1]) and not self.manner.is_foreign(self._form(at - 1)))
            style = self._heading_look(at) if follows and at else None
            if style:
                found[style] += 1
                alone += style == "capitals" and line.closes
        styles: set[Style] = set()
        if found["capitals"]:
            styles.add("capitals")
        if found["title"] >= (_FEW if styles else 1):
            styles.add("title")
        if found["sentence"] >= _FEW and "capitals" not in styles:
            styles.add("sentence")
        if not styles:
            styles.add("capitals")
        return frozenset(styles), alone >= _MOSTLY * found["capitals"] > 0

    def _form(self, at: int) -> Form:
        look = self.looks[at]
        return look.form if look else form_of(self.lines[at].text)

    def _find_title(self) -> int:
        """The first line, unless it is a heading: in capitals like the others, with its excerpt right below."""
        if not self.lines or not reads_as_title(self.lines[0].text) or _likely(self.looks[0]):
            return -1
        block_end = next(at for at, line in enumerate(self.lines) if line.closes)
        if block_end > _FEW or not all(reads_as_title(line.text) for line in self.lines[: block_end + 1]):
            return -1
        following = next((at for at in range(1, len(self.lines)) if not is_caption(self.lines, at)), 0)
        is_heading = style_of(self.lines[0].text) == "capitals" and self._heading_look(following) != "capitals"
        return -1 if is_heading and "capitals" in self._styles else 0

    def _head(self) -> Iterator[int]:
        """The title, and what stands between it and the first heading: captions, bylines."""
        if self.title < 0:
            return
        yield self.title
        first = self._first_capitals()
        between = range(self.title + 1, first)
        if all(reads_as_title(self.lines[at].text) for at in between):
            yield from between
            return
        for at in range(self.title + 1, len(self.lines)):
            if not (is_caption(self.lines, at) or self._introduces(self.lines[at].text)):
                return
            yield at

    def _introduces(self, text: str) -> bool:
        return is_byline(text) or is_imprint(text) or is_label(text) or is_of_series(text, self.lines[self.title].text)

    def _first_capitals(self) -> int:
        """The first heading in capitals after the title where nothing is cited before it, else the title's place + 1."""
        if "capitals" in self._styles:
            for at in range(self.title + 1, len(self.lines)):
                if _likely(self.looks[at]) and self.manner.is_own(self._form(at)):
                    break
                if self._heading_look(at) == "capitals":
                    return at
        return self.title + 1

    def _tail(self) -> Iterator[int]:
        """After the last citation: everything if nothing there is prose, else labels and the links they announce."""
        last = max((at for at, look in enumerate(self.looks) if _likely(look)), default=-1)
        if last < 0:
            return
        tail = range(last + 1, len(self.lines))
        if not any(ends_like_prose(self.lines[at].text) for at in tail):
            yield from tail
            return
        title = self.lines[self.title].text if self.title >= 0 else ""
        announced = False
        for at in tail:
            line = self.lines[at]
            announced = (announced and is_title_like(line)) or (line.alone and announces_links(line.text))
            if announced or is_of_series(line.text, title):
                yield at


def may_cite(line: str) -> bool:
    """Whether a line is worth scoring: citations are short and give a year, a page, "n.d." or "Ibid."."""
    return len(line) <= _LONGEST_CITATION and (any(map(str.isdigit, line)) or "n.d." in line or line.lower().startswith("ibid"))


def _look(line: Line, score: Callable[[str], float]) -> Look | None:
    return Look(score(line.text), form_of(line.text)) if may_cite(line.text) else None


def _likely(look: Look | None) -> bool:
    return look is not None and look.score >= LIKELY


def _speakers(lines: Iterable[Line]) -> frozenset[str]:
    """Names that begin a speech which is not in capitals, or several."""
    named = [(speaker, line.text) for line in lines if (speaker := speaker_of(line.text))]
    return frozenset(speaker for speaker, text in named if not text.isupper())
