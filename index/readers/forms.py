"""The outer form of a citation line, and which forms a document makes its own.

A compiler cites in one manner; a citation in quite another manner, in the middle of an excerpt, was copied along
from the book excerpted. What a line *is* (a citation or not) is scored elsewhere; this module only compares manners.
"""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Literal

import msgspec

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
    r"(?:\bpp?\.? ?|\bpages? |\bch(?:ap)?\. ?|[§¶] ?|\b(?:(?:1[4-9]|20)\d\d[a-z]?|n\.d\.)[):]*[,:] ?|\d: ?)[\divxlcIVXLC]+"
    r"[\d\s,.–\-ivxlcff&]*(?:\[[^\]]*\])?[.)\]”\"]*$"
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
