"""Folds typography away and keeps the way back: what may differ between a quotation and its source, and nothing else.

The contract, in full (docs/checking.md gives examples): quotation marks and apostrophes of any shape, dashes of any
length and the white space around them, white space of any kind and amount, the ligatures U+FB00-FB06 and the long s,
soft hyphens and invisible marks, ellipsis written as dots, case, NFC against NFD, and paired Markdown emphasis.
Letters, digits, accents and every other punctuation mark stay: folding never turns one word into another.
"""

import re
import unicodedata
from array import array
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal

import msgspec
import regex

DOUBLE_MARKS = '"“”„‟«»「」『』〝〞〟﹁﹂﹃﹄❝❞＂″'
SINGLE_MARKS = "'‘’‚‛‹›❛❜＇′`´ʼ"
HYPHENS = "-‐‑"
DASHES = "‒–—―−⸺⸻﹘﹣－"
INVISIBLE = "\u00ad\u200b\u2060\ufeff"
"""Soft hyphen, zero width space, word joiner and byte order mark.

Joiners (U+200C, U+200D) spell words in Persian and Hindi, and every mark of direction (U+200E, U+200F, U+061C, U+202A-202E,
U+2066-2069) can make a browser draw words in another order: none of these is folded.
"""

_SPACE = rf"\s{INVISIBLE}"
_DASH = rf"\{HYPHENS}{DASHES}"
_LOOSE = rf"[{_SPACE}.…{_DASH}«»]"
_FOLDED = regex.compile(
    rf"(?P<loose>(?!(?:\.[ ]?|-)(?!{_LOOSE}))(?:[ ]{_LOOSE}|(?![ ]){_LOOSE}){_LOOSE}*+)|(?P<mark>[{DOUBLE_MARKS}{SINGLE_MARKS}])"
    r"|(?P<ligature>[\ufb00-\ufb06ſ])"
)
"""``loose`` is the longest run of white space, dots, dashes and guillemets; a lone space, full stop or hyphen folds to itself and
is passed over."""

_ATOM = regex.compile(rf"(?P<space>[{_SPACE}]++)|(?P<dots>[.…]++)|(?P<dash>[{_DASH}])|(?P<mark>[«»])")
_BROKEN = regex.compile(r"\u00ad[ \t]*+\r?\n[ \t]*+")
_ELLIPSIS = regex.compile(r"…|\.\s?\.\s?\.")
_MOST_MARKS = 32
_CLUSTER = regex.compile(
    rf"[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]{{1,{_MOST_MARKS}}}|.\p{{M}}{{0,{_MOST_MARKS}}}", regex.DOTALL
)
"""A letter with its marks; longer stacks are cut, because ordering the marks of one takes quadratic time."""

_STACKED = regex.compile(rf"[\p{{M}}\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]{{{_MOST_MARKS},}}")
_EMPHASIS = regex.compile(
    r"(?<![\w*_\\])(\*{1,3}|_{1,3})(?=[^\s*_])[^*_\n]{0,400}?(?<=[^\s*_])(\1)(?![\w*_])",
)


_EDITION = regex.compile(
    r"(?:(?<=\p{L}{3})|(?<=[\p{Pf}\p{Pe}.,;:!?\"']))[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}(?![\p{L}\p{N}])"
    r"|(?<=[\p{L}\p{Pf}\p{Pe}.,;:!?])[†‡]{1,3}(?!\w)"
    r"|[ \t]?\[(?:(?:pp?\.|page|fol\.|f\.|S\.)[ \t]?\d{1,4}|(?:n|fn|note)\.?[ \t]?\d{1,3}"
    r"|\d{1,3})(?:[ \t]?[,;–-][ \t]?\d{1,4}){0,12}[rv]?\]"
    r"|[ \t]?\{(?:pp?\.[ \t]?)?\d{1,4}\}|[ \t]?\|(?:pp?\.[ \t]?)?\d{1,4}\|"
    r"|(?P<broken>(?<=\p{Ll}{2})[-‐][ \t]{0,9}\r?\n[ \t]{0,9}(?=\p{Ll}))"
)
"""Marks of an edition inside a source's text: of notes, of pages, and the hyphen of a word that is broken over a line's end."""


class Folded(msgspec.Struct, frozen=True):
    """A folded text with its way back: folded character ``i`` stands for ``original[starts[i]:ends[i]]``."""

    original: str
    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original span of folded ``[start, end)``, which must not be empty."""
        return self.starts[start], self.ends[end - 1]

    def source(self, at: int) -> str:
        """The original characters behind folded character ``at``."""
        return self.original[self.starts[at] : self.ends[at]]


def fold(text: str) -> Folded:
    """Folds a text by the contract above; linear in its length."""
    out: list[str] = []
    starts, ends = array("I"), array("I")

    def put(folded: str, start: int, end: int) -> None:
        out.append(folded)
        starts.extend([start] * len(folded))
        ends.extend([end] * len(folded))

    def put_plain(start: int, end: int) -> None:
        run = readable[start:end]
        lowered = _lower(run)
        if len(lowered) == len(run) and (run.isascii() or (not _STACKED.search(run) and unicodedata.is_normalized("NFC", run))):
            out.append(lowered)
            starts.extend(range(start, end))
            ends.extend(range(start + 1, end + 1))
            return
        for cluster in _CLUSTER.finditer(run):
            put(_lower(unicodedata.normalize("NFC", cluster[0])), start + cluster.start(), start + cluster.end())

    readable = _without_emphasis(text)
    done = 0
    for match in _FOLDED.finditer(readable):
        if match.start() > done:
            put_plain(done, match.start())
        if match.lastgroup == "loose":
            for folded, start, end in _fold_loose(readable, match.start(), match.end()):
                put(folded, start, end)
        else:
            put(_fold_one(readable, match), match.start(), match.end())
        done = match.end()
    if done < len(readable):
        put_plain(done, len(readable))
    return Folded(original=text, text="".join(out), starts=starts, ends=ends)


def _fold_one(text: str, match: regex.Match[str]) -> str:
    """A ligature spelled out, or a quotation mark."""
    if match.lastgroup == "ligature":
        return unicodedata.normalize("NFKC", match[0]).lower()
    return _fold_mark(text, match.start(), doubled=match[0] in DOUBLE_MARKS)


def fold_editions(text: str) -> list[Folded]:
    """Folds a source without the marks of its edition, each with the same way back: broken words with their hyphen, then joined.

    Empty where there are no such marks.
    """
    if _EDITION.search(text) is None:
        return []
    kept = _EDITION.sub(lambda match: match[0] if match["broken"] else "\u200b" * len(match[0]), text)
    joined = _EDITION.sub(lambda match: "\u200b" * len(match[0]), text)
    return [msgspec.structs.replace(fold(bare), original=text) for bare in dict.fromkeys([kept, joined]) if bare != text]


def broken_words(text: str) -> bool:
    """Whether a word of a source's text is broken over the end of a line."""
    return any(match["broken"] for match in _EDITION.finditer(text))


def _fold_mark(text: str, at: int, *, doubled: bool) -> str:
    after_digit = at > 0 and text[at - 1].isdigit()  # 5' and 5" are not the same length
    return '"' if doubled and after_digit else "'"


def _fold_loose(text: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """What a run of white space, dots, dashes and guillemets folds to, each with its span; one pass."""
    atoms = [(match.lastgroup or "", *match.span()) for match in _ATOM.finditer(text, start, end)]
    at = plain_until = 0
    while at < len(atoms):
        kind, begins, ends = atoms[at]
        if kind in ("space", "dots") and at >= plain_until:
            plain_until = _after(atoms, at, ("space", "dots"))
            if _ELLIPSIS.search(text, begins, atoms[plain_until - 1][2]):
                yield "…", begins, atoms[plain_until - 1][2]
                at = plain_until
                continue
        following = atoms[at + 1 : at + 2]
        if kind == "dash" or (kind == "space" and following and following[0][0] == "dash"):
            at = _after(atoms, at, ("space", "dash"))
            yield "-", begins, atoms[at - 1][2]
        elif kind == "mark" or (kind == "space" and _closes_french(text, following)):
            at, until = _french(text, atoms, at)
            yield _fold_mark(text, begins, doubled=True), begins, until
        else:
            yield from _fold_atom(text, kind, begins, ends)
            at += 1


def _after(atoms: Sequence[tuple[str, int, int]], at: int, kinds: tuple[str, str]) -> int:
    """The first atom from ``at`` on that is of no such kind."""
    return next((place for place in range(at, len(atoms)) if atoms[place][0] not in kinds), len(atoms))


def _closes_french(text: str, following: Sequence[tuple[str, int, int]]) -> bool:
    if not following or text[following[0][1]] != "»":
        return False
    after = text[following[0][2] : following[0][2] + 1]
    return not after or after.isspace() or unicodedata.category(after).startswith("P")


def _french(text: str, atoms: Sequence[tuple[str, int, int]], at: int) -> tuple[int, int]:
    """Past a guillemet and the white space on its inner side, and where that ends."""
    if atoms[at][0] == "space":
        return at + 2, atoms[at + 1][2]
    if text[atoms[at][1]] == "«" and atoms[at + 1 : at + 2] and atoms[at + 1][0] == "space":
        return at + 2, atoms[at + 1][2]
    return at + 1, atoms[at][2]


def _fold_atom(text: str, kind: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    if kind == "space" and (broken := _BROKEN.match(text, start, end)):
        yield "", start, broken.end()
        start = broken.end()
    if kind == "space":
        if start < end:
            yield " " if any(map(str.isspace, text[start:end])) else "", start, end
    else:
        yield from ((text[at], at, at + 1) for at in range(start, end))


@lru_cache(maxsize=4096)
def _lower_letter(letter: str) -> str:
    lowered = letter.lower()
    return lowered if len(lowered) == 1 else letter


def _lower(run: str) -> str:
    lowered = run.lower()
    if len(lowered) != len(run):
        lowered = "".join(map(_lower_letter, run))
    return lowered.replace("ς", "σ")


def _without_emphasis(text: str) -> str:
    """Paired ``*`` and ``_`` become invisible marks, one for one, so that offsets hold."""
    if "*" not in text and "_" not in text:
        return text
    letters = list(text)
    for match in _EMPHASIS.finditer(text):
        for start, end in (match.span(1), match.span(2)):
            letters[start:end] = "\u200b" * (end - start)
    return "".join(letters)


# Says where a word may be cut: nowhere inside, not even at its apostrophe, hyphen, decimal comma or percent sign.

_WORD = re.compile(r"\w+")

_PREFIX = re.compile(r"\b(?:non|un|anti|counter|pseudo|quasi|semi|half|ex|de|dis|in|re|pre|post|pro|co|self)\Z")
"""Prefixes that make another word, often its opposite, even where an en dash was set for their hyphen."""

DashKind = Literal["hyphen", "dash", "either"]


def dash_kind(folded: Folded, at: int) -> DashKind:
    """What the dash at folded position ``at`` does: joins one word, parts two, or could do either.

    A bare hyphen between letters joins ("man-eating"); an em dash, two hyphens or anything with white space around
    it parts ("a man - eating"); an en dash without white space is used for both, and so is anything between digits.
    """
    text, source = folded.text, folded.source(at)
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if before.isdigit() and after.isdigit():
        return "either"
    if source[0] in HYPHENS and "\n" in source and is_letter(before) and is_letter(after):
        return "either"  # at the end of a line a hyphen may break a word or join two
    if len(source) > 1 or source in "—―⸺⸻﹘":
        return "dash"
    if source in HYPHENS and is_letter(before) and is_letter(after):
        return "hyphen"
    return "either"


def cuts_word(folded: Folded, at: int) -> bool:
    """Whether a cut between folded characters ``at - 1`` and ``at`` goes through a word, a number or an abbreviation."""
    text = folded.text
    if not 0 < at < len(text):
        return False
    left, right = text[at - 1], text[at]
    if is_letter(left) and is_letter(right):
        return True
    if (left.isdigit() and right in "%‰°") or (is_letter(left) and right in "+#"):
        return True
    return _joins(folded, at - 1) or _joins(folded, at) or _cuts_thousands(text, at)


def word_spans(folded: Folded) -> list[tuple[int, int]]:
    """The words of a folded text as spans, in order; what may not be cut is one word ("U.S.S.R.", "10,000")."""
    spans: list[tuple[int, int]] = []
    for match in _WORD.finditer(folded.text):
        start, end = match.span()
        if spans and cuts_word(folded, start):
            start = spans.pop()[0]
        spans.append((start, end))
    return spans


def is_letter(character: str) -> bool:
    """Whether it belongs to a word wherever it stands: letters, digits, marks, joiners; not the empty string."""
    return character.isalnum() or (character != "" and unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf", "Pc"))


def _joins(folded: Folded, at: int) -> bool:
    """Whether the character at ``at`` holds what stands left and right of it together."""
    text, joiner = folded.text, folded.text[at]
    if joiner not in "'-.,:/&×":
        return False
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if joiner == "-" and after.isdigit() and _is_minus(folded, at):
        return True
    if not (is_letter(before) and is_letter(after)):
        return False
    if joiner in "'&":
        return True
    if joiner == "-":
        unspaced, ranges = len(folded.source(at)) == 1, before.isdigit() and after.isdigit()
        return unspaced and (ranges or dash_kind(folded, at) == "hyphen" or _PREFIX.search(text[max(0, at - 9) : at]) is not None)
    if before.isdigit() and after.isdigit():
        return True
    return joiner == "." and not is_letter(text[at - 2 : at - 1] if at > 1 else "")


def _cuts_thousands(text: str, at: int) -> bool:
    """A cut beside the space in "10 000", which is one number."""
    space = at if text[at] == " " else at - 1
    left, right = re.search(r"(?<!\d)\d+\Z", text[max(0, space - 4) : space]), re.match(r"\d+", text[space + 1 : space + 5])
    return text[space] == " " and bool(left and right and len(left[0]) <= 3 and len(right[0]) == 3)


def _is_minus(folded: Folded, at: int) -> bool:
    """A minus stands free on its left and tight on its right: "of −5 degrees"."""
    source = folded.source(at)
    return source.strip() in ("-", "−") and not source[-1].isspace() and (at == 0 or source[0].isspace())
