"""Folds typography away and keeps the way back: what may differ between a quotation and its source, and nothing else.

The contract, in full (docs/checking.md gives examples): quotation marks and apostrophes of any shape, dashes of any
length and the white space around them, white space of any kind and amount, the ligatures U+FB00-FB06 and the long s,
soft hyphens and invisible marks, ellipsis written as dots, case, NFC against NFD, and paired Markdown emphasis.
Letters, digits, accents and every other punctuation mark stay: folding never turns one word into another.
"""

import re
import unicodedata
from array import array
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import msgspec
import regex

DOUBLE_MARKS = '"“”„‟«»「」『』〝〞〟﹁﹂﹃﹄❝❞＂″'
SINGLE_MARKS = "'‘’‚‛‹›❛❜＇′`´ʼ"
HYPHENS = "-‐‑"
DASHES = "‒–—―−⸺⸻﹘﹣－"
INVISIBLE = "\u00ad\u200b\u2060\ufeff\u200e\u200f\u061c"
"""Soft hyphen, zero width space, word joiner, byte order mark and the direction marks that reorder nothing.

Joiners (U+200C, U+200D) spell words in Persian and Hindi, and embeddings or overrides (U+202A-202E, U+2066-2069)
can make a reader see another sentence: none of these is folded.
"""

_SPACE = rf"[\s{INVISIBLE}]"
_FOLDED = regex.compile(
    rf"""
    (?P<broken>\u00ad[ \t]*\r?\n[ \t]*)
  | (?P<ellipsis>[\s{INVISIBLE}.]*(?:…|\.\s?\.\s?\.)[\s{INVISIBLE}.…]*)
  | (?P<dash>{_SPACE}*[{HYPHENS}{DASHES}]{_SPACE}*(?:[{HYPHENS}{DASHES}]{_SPACE}*)*)
  | (?P<french>«{_SPACE}+|{_SPACE}+»(?=[\s\p{{P}}]|$))
  | (?P<space>{_SPACE}{{2,}}|[^\S ]|[{INVISIBLE}])
  | (?P<mark>[{DOUBLE_MARKS}{SINGLE_MARKS}])
  | (?P<ligature>[\ufb00-\ufb06ſ])
    """,
    regex.VERBOSE,
)
_CLUSTER = regex.compile(r"[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]+|.\p{M}*", regex.DOTALL)
_EMPHASIS = regex.compile(
    r"(?<![\w*_\\])(\*{1,3}|_{1,3})(?=[^\s*_])[^*_\n]{0,400}?(?<=[^\s*_])(\1)(?![\w*_])",
)


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
        if len(lowered) == len(run) and unicodedata.is_normalized("NFC", run):
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
        put(_replacement(match, readable), match.start(), match.end())
        done = match.end()
    if done < len(readable):
        put_plain(done, len(readable))
    return Folded(original=text, text="".join(out), starts=starts, ends=ends)


def _replacement(match: regex.Match[str], text: str) -> str:
    kind = match.lastgroup
    if kind == "broken":
        return ""
    if kind == "ellipsis":
        return "…"
    if kind == "dash":
        return "-"
    if kind == "space":
        return " " if regex.search(r"\s", match[0]) else ""
    if kind == "ligature":
        return unicodedata.normalize("NFKC", match[0]).lower()
    doubled = kind == "french" or match[0] in DOUBLE_MARKS
    after_digit = match.start() > 0 and text[match.start() - 1].isdigit()  # 5' and 5" are not the same length
    return '"' if doubled and after_digit else "'"


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
    left, right = re.search(r"\d+\Z", text[max(0, space - 4) : space]), re.match(r"\d+", text[space + 1 : space + 5])
    return text[space] == " " and bool(left and right and len(left[0]) <= 3 and len(right[0]) == 3)


def _is_minus(folded: Folded, at: int) -> bool:
    """A minus stands free on its left and tight on its right: "of −5 degrees"."""
    source = folded.source(at)
    return source.strip() in ("-", "−") and not source[-1].isspace() and (at == 0 or source[0].isspace())
