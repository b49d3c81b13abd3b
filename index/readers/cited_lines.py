"""Which lines of a document read as citations: each by itself, and by what the document's other lines are like."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

import msgspec
from msgspec.structs import replace

from index.citations.parse import parse_citation
from index.citations.recognise import THRESHOLD
from index.readers.headings import ends_like_prose
from index.readers.lines import Line

# The outer form of a citation line, and which forms a document makes its own.
#
# A compiler cites in one manner; a citation in quite another manner, in the middle of an excerpt, was copied along
# from the book excerpted. What a line *is* (a citation or not) is scored elsewhere; this module only compares manners.

Opening = Literal[
    "inverted", "surnames", "given", "quoted", "numbered", "bracketed", "dashed", "labelled", "remark", "repeated", "other"
]
Imprint = Literal["parenthesised", "plain", "year after author", "none"]

_NAME = r"[^\W\d_][\w.'’\-–]*"
_PARTICLE = r"(?:V[ao]n|D[eiu]|Del|Della|L[ae]|St\.?|Mac|Ben|Al|El)"
_OPENINGS: tuple[tuple[Opening, re.Pattern[str]], ...] = (
    (
        "remark",
        re.compile(r"[\[(]?(?:(?:foot|end)?notes?\b|see\b|cf\b|compare\b|quoted (?:in|by|from)\b)", re.IGNORECASE),
    ),
    ("labelled", re.compile(r"(?:source|reference|citation|cited (?:in|from)|from)s?\s*:", re.IGNORECASE)),
    ("numbered", re.compile(r"\[\^?\d{1,4}\]|\(\d{1,4}\)|\d{1,4}[.)]?\s|[¹²³⁰⁴-⁹*†‡]")),
    ("bracketed", re.compile(r"[\[(]")),
    ("dashed", re.compile(r"[—–―~-]")),
    ("quoted", re.compile(r"[“\"‘«„]")),
    ("repeated", re.compile(r"(?:ibid|idem|id\.)|.{0,60}\b(?:op|loc)\. ?cit\b", re.IGNORECASE)),
    ("surnames", re.compile(rf"{_NAME}(?:, {_NAME})*,? (?:and|&|et) {_NAME}[.,]")),
    ("inverted", re.compile(rf"(?:(?:[a-z'’]+|{_PARTICLE}) ){{0,3}}{_NAME}, [^\W\d_]")),
    ("given", re.compile(rf"{_NAME}(?: {_NAME}){{1,5}}, ")),
)
_PARENTHESISED = re.compile(r"\([^()]*(?:\d{4}|n\.d\.)[a-z]?\)")
_YEAR_AFTER_AUTHOR = re.compile(r"^[\[(]?[^\d(:]{2,60}\(?(?:(?:1[4-9]|20)\d\d[a-z]?|n\.d\.)\)?(?:[.,:;]| [“\"‘])")
_PLAIN = re.compile(r"[^\W\d_]: ?[^\W\d_]|, ?c?(?:1[4-9]|20)\d\d\b")
_LOCATOR = re.compile(
    r"(?:\bpp?\.? ?|\bpages? |\bch(?:ap)?\. ?|[§¶] ?|\b(?:(?:1[4-9]|20)\d\d[a-z]?|n\.d\.)[):]{0,3}[,:] ?|\d: ?)"
    r"[\divxlcIVXLC]{1,20}+[\d\s,.–\-ivxlcff&]{0,200}+(?:\[[^\[\]]*\])?[.)\]”\"]*$"
)


class Form(msgspec.Struct, frozen=True):
    """How a citation line begins, how it gives the imprint, and whether it ends in a place within the work."""

    opening: Opening
    imprint: Imprint
    located: bool


def form_of(line: str) -> Form:
    """The form of a line that may be a citation."""
    opening: Opening = next((name for name, pattern in _OPENINGS if pattern.match(line)), "other")
    return Form(opening, _imprint(line), bool(_LOCATOR.search(line)))


def _imprint(line: str) -> Imprint:
    parenthesised = _PARENTHESISED.search(line)
    if parenthesised and ":" in parenthesised[0]:
        return "parenthesised"
    if _YEAR_AFTER_AUTHOR.match(line):
        return "year after author"
    if parenthesised:
        return "parenthesised"
    return "plain" if _PLAIN.search(line) else "none"


class Manner(msgspec.Struct, frozen=True):
    """How a document's citations begin and print: counts over ``lines``, and over those after which an excerpt must end."""

    lines: int
    openings: dict[Opening, int]
    imprints: dict[Imprint, int]
    located: int
    ends: int = 0
    ending: frozenset[tuple[Opening, Imprint]] = frozenset()

    @classmethod
    def learn(cls, forms: Iterable[Form]) -> "Manner":
        """Counts over the lines of a document that read as citations."""
        known = list(forms)
        return cls(
            lines=len(known),
            openings=dict(Counter(form.opening for form in known)),
            imprints=dict(Counter(form.imprint for form in known)),
            located=sum(form.located for form in known),
        )

    def with_endings(self, forms: Iterable[Form]) -> "Manner":
        """The same, knowing which forms stand right before a heading or the end: those cite beyond doubt."""
        ending = [(form.opening, form.imprint) for form in forms]
        return msgspec.structs.replace(self, ends=len(ending), ending=frozenset(ending))

    @property
    def is_settled(self) -> bool:
        """There are enough citations to tell a manner from chance."""
        return self.lines >= _MANY

    def opens_like(self, form: Form) -> bool:
        """Many of the document's citations begin like this."""
        return self._share(self.openings.get(form.opening, 0)) >= _COMMON

    def is_own(self, form: Form) -> bool:
        """Many of the document's citations begin, print and end like this."""
        return (
            self.opens_like(form)
            and self._share(self.imprints.get(form.imprint, 0)) >= _COMMON
            and (form.located or self._share(self.located) < 1 - _COMMON)
        )

    def is_foreign(self, form: Form) -> bool:
        """The document cites in one manner, and this is another, in opening and imprint alike.

        Where headings follow many citations, a manner that a heading never follows is the compiler's even less.
        """
        opens = self._share(self.openings.get(form.opening, 0))
        if form.opening in ASIDES:
            return opens < _ASIDE_SHARE
        if opens <= _RARE and any(self._share(self.openings.get(mark, 0)) >= _NEARLY_ALL for mark in _MARKS):
            return True
        if self.lines < _ENOUGH or form.opening not in _NOTE_OPENINGS or (form.opening, form.imprint) in self.ending:
            return False
        limit = _COMMON if self.is_settled and self._share(self.ends) >= _COMMON else max(1 / self.lines, _RARE)
        return max(opens, self._share(self.imprints.get(form.imprint, 0))) <= limit

    def _share(self, count: int) -> float:
        return count / self.lines if self.lines else 0.0


ASIDES = frozenset({"remark", "numbered", "bracketed"})
"""Openings of footnotes, lead-ins and references within an argument, unless most citations begin so."""

_MARKS: tuple[Opening, ...] = ("numbered", "bracketed", "dashed", "labelled")
_NEARLY_ALL = 0.9
_NOTE_OPENINGS = frozenset({"given", "quoted", "repeated", "other"})
_COMMON = 0.1
_RARE = 0.02
_ASIDE_SHARE = 0.4
_ENOUGH = 8
_MANY = 30


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


# Citations set on two lines, the work above and the rest below it, in a text that is not hard-wrapped.

_TWO_LINES_LONGEST = 200
_FEWEST = 2
_MOST = 0.5
_NO_BEGINNING = frozenset({"other", "remark", "bracketed"})


def join_two_lines(lines: Sequence[Line], score: Callable[[str], float]) -> list[Line]:
    """The lines, each citation in two a single one, where most of the document's citations are set so. Linear."""
    pairs = {at for at in range(len(lines) - 1) if _is_one(lines[at], lines[at + 1], score)}
    if len(pairs) < _FEWEST:
        return list(lines)
    rest = (line.text for at, line in enumerate(lines) if not {at, at - 1} & pairs and len(line.text) <= 2 * _TWO_LINES_LONGEST)
    if len(pairs) <= _MOST * (len(pairs) + sum(score(text) >= LIKELY for text in rest)):
        return list(lines)
    return [_joined(line, lines[at + 1]) if at in pairs else line for at, line in enumerate(lines) if at - 1 not in pairs]


def _is_one(above: Line, below: Line, score: Callable[[str], float]) -> bool:
    """Whether the first line begins as citations do, the second says where, and only both are the citation of somebody's work."""
    if above.closes or max(len(above.text), len(below.text)) > _TWO_LINES_LONGEST:
        return False
    begun, ended = form_of(above.text), form_of(below.text)
    if begun.opening in _NO_BEGINNING or begun.located or not ended.located:
        return False
    both = f"{above.text} {below.text}"
    return score(both) >= SURE and _is_named(both) and (score(below.text) < SURE or not _is_named(below.text))


def _is_named(citation: str) -> bool:
    return any(part in (parse_citation(citation).csl or {}) for part in ("author", "editor", "translator"))


def _joined(above: Line, below: Line) -> Line:
    return replace(above, end=below.end, text=f"{above.text} {below.text}", closes=below.closes)


# Citations in brackets at the end of an excerpt's last line: "… and the ferry was sold. (Sample, Ferries, 1950, p. 3)".
#
# Essays refer to their sources in the same way, so a single one proves nothing. Where most paragraphs end so, and hardly
# any line is a citation by itself, it is how the document cites.

_BRACKETS_FEWEST = 3
_BRACKETS_RARE = 0.1
_OPENED_BY = {")": "(", "]": "["}
_FINISHED = re.compile(r"[.!?…:][\"”’»)\]*_]*$|…\W*$|\]$")
_QUOTATION = re.compile(r"[“\"‘«„].*[”\"’»“]$")
NAME_AND_PAGE = re.compile(
    r"[(\[](?!(?:table|fig(?:ure)?|plate|map|page|pp?|chapter|part|section|line|note|appendix|box|no|vol(?:ume)?)\b)"
    r"[^\W\d_][^\d()\[\],;:]{0,60},? (?:pp?\. ?)?\d{1,4}(?:[-–]\d{1,4})?[)\]]\.?$",
    re.IGNORECASE,
)
"""The short form of the MLA, "(Sample 14)"; a single one could be anything."""


def set_brackets_apart(text: str, lines: Sequence[Line], score: Callable[[str], float]) -> list[Line]:
    """The lines, each closing bracket that cites a line of its own, where that is how the document cites. Linear."""
    found = {at: cut for at, line in enumerate(lines) if (cut := _citing_bracket(text, line, score)) >= 0}
    if len(found) < _BRACKETS_FEWEST:
        return list(lines)
    ending = {at: cut for at, cut in found.items() if lines[at].closes}
    blocks = [at for at, line in enumerate(lines) if line.closes]
    if not _prevails(found, lines, range(len(lines))):
        found = ending if _prevails(ending, lines, blocks) else {}
    if not found or _otherwise(lines, found, score) > _BRACKETS_RARE * len(found):
        return list(lines)
    return [part for at, line in enumerate(lines) for part in (_halves(text, line, found[at]) if at in found else (line,))]


def _citing_bracket(text: str, line: Line, score: Callable[[str], float]) -> int:
    """Where the citation in brackets begins with which the line ends, or -1.

    The text before it must be finished: in "sold to Sample (Mock 1950)." the bracket is part of the sentence.
    """
    start = _closing_bracket(text, line)
    if start < 0:
        return -1
    before, bracket = text[line.start : start].rstrip(), " ".join(text[start : line.end].split())
    if not _FINISHED.search(before) and not _QUOTATION.match(line.text[: len(line.text) - len(bracket)].rstrip()):
        return -1
    if form_of(bracket).opening != "bracketed":
        return -1
    return start if score(bracket) >= LIKELY or NAME_AND_PAGE.match(bracket) else -1


def _closing_bracket(text: str, line: Line) -> int:
    """Where the bracket opens that closes the line, a full stop aside; -1 where none does, or nothing stands before it."""
    last = line.end - 1 - (text[line.end - 1] == ".")
    closing = text[last]
    opening = _OPENED_BY.get(closing)
    depth = 0
    for at in range(last, max(line.start, last - _LONGEST), -1) if opening else ():
        depth += (text[at] == closing) - (text[at] == opening)
        if not depth:
            return at
    return -1


def _prevails(found: Mapping[int, int], lines: Sequence[Line], places: Sequence[int]) -> bool:
    """Whether most of the prose in these places ends in brackets that cite."""
    prose = sum(at in found or ends_like_prose(lines[at].text) for at in places)
    return len(found) >= _BRACKETS_FEWEST and len(found) > _MOST * prose


def _otherwise(lines: Sequence[Line], found: Mapping[int, int], score: Callable[[str], float]) -> int:
    """How many lines are citations by themselves, those in brackets aside."""
    others = (line.text for at, line in enumerate(lines) if at not in found and len(line.text) <= _LONGEST)
    return sum(score(other) >= LIKELY for other in others if form_of(other).opening != "bracketed")


def _halves(text: str, line: Line, cut: int) -> tuple[Line, Line]:
    before = text[line.start : cut].rstrip()
    bracket = " ".join(text[cut : line.end].split())
    return (
        replace(line, end=line.start + len(before), text=" ".join(before.split()), closes=False),
        replace(line, start=cut, text=bracket, opens=False, set_apart=True),
    )
