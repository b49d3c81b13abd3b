"""Attributions at the end of the very line they belong to: ``"…" — Somebody, Title, p. 3``, ``… (Somebody 1990, 14)``.

A single one proves little: essays refer to their sources in brackets. Callers decide by how many a document has.
"""

import re
from typing import Literal

import msgspec

from index.readers.attributions import LIKELY, WEAK, bare, likeness, place_only
from index.readers.cited_lines import NAME_AND_PAGE
from index.readers.readings import trimmed

TailKind = Literal["dash", "bracket", "citekey", "place", "link", "note", "lead"]

_LONGEST = 300
_FINISHED = re.compile(r"[.!?…:][\"”’»)\]*_]*$|…\W*$|\]$|[”\"»]$")
_QUOTATION = re.compile(
    r"(?:\d{1,4}[.)]\s+|\(\d{1,4}\)\s+|\[\d{1,4}\]\s+|[-*•]\s+)?[*_]*(?:[“\"«„].*[”\"»“]|‘.*’|'.*')[*_]*[.,;]?$", re.DOTALL
)
_DASH = re.compile(r"(?<=[\s”\"»’'.!?…*_])(?P<dash>[—–―]+|--+|~|-)\s*(?=[\w“\"'‘«*_\[(])|\s(?P<spaced>-)\s(?=[\w“\"*_\[(])")
_LINKED = re.compile(
    r"(?:(?:(?<!\s)\s++)?(?:\((?:\[[^\[\]]*\]\([^()\s]*\)[\s,;]*+){1,20}\)|\[[^\[\]]*\]\([^()\s]*\)|\[[^\[\]]{1,80}\](?=\s*$))){1,20}[.]?$"
)
_LINK = re.compile(r"\[(?P<words>[^\[\]]*)\]\((?P<address>[^()\s]*)\)")
_CITEKEYS = re.compile(r"(?:(?<!\s)\s++)?\[(?P<inner>[^\[\]@]*+@[^\[\]]++)\][.]?$")
_NOTE = re.compile(
    r"(?:(?<!\s)\s++)?(?:\[\^(?P<name>[^\]\s]{1,40})\]|\[(?P<number>\d{1,3})\]|(?P<raised>(?<![¹²³⁰⁴-⁹])[¹²³⁰⁴-⁹]+)|\^(?P<caret>\d{1,3}))[.]?$"
)
_LEAD = re.compile(
    r"[(\[]?(?:(?P<label>pp?\.|pages?|pgs?\.?|s\.|seiten?|página|pág\.|pagina|loc(?:ation)?\.?|с\.|стр\.)\s*)?"
    r"(?P<value>\d{1,5}(?:\s*[-–]\s*\d{1,5})?)[)\]]?\s*(?P<sign>[:–—-])?\s+(?=\S)",
    re.IGNORECASE,
)
"""A page at the beginning of a line: "p. 14: …", "14: “…”"."""

_BARE_PAGE = re.compile(r"(?:\d{1,4}(?:\s*[-–]\s*\d{1,4})?|[ivxlc]{1,7})(?:ff?\.?)?")
_FEWEST_WORDS = 3
_NUMBERED = re.compile(r"(?:\d{1,4}[.)]|\(\d{1,4}\)|\[\d{1,4}\])\s+")
_PAIRS = {")": "(", "]": "["}
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_REMARK = re.compile(
    r"[\[(](?:see|cf|compare|e\.g|i\.e|the |a |an |and |or |but |as |if |table|fig|plate|map|note|emphasis|my |sic)\b",
    re.IGNORECASE,
)


class Tail(msgspec.Struct, frozen=True):
    """The attribution with which a line ends; the text before it ends at ``cut``, ``name`` is that of a note."""

    kind: TailKind
    cut: int
    start: int
    end: int
    likeness: float
    quoted: bool
    name: str = ""


def find_tail(text: str, start: int, end: int) -> Tail | None:
    """The attribution that ends the line ``text[start:end]``, or None. Linear in its last 300 characters."""
    for find in (_note, _citekeys, _links, _bracket, _dash, _unsigned):
        tail = find(text, start, end)
        if tail and tail.cut > start:
            return tail
    return None


def find_lead(text: str, start: int, end: int) -> Tail | None:
    """The page with which the line ``text[start:end]`` begins, its text behind it; ``cut`` is where that begins."""
    found = _LEAD.match(text, start, end)
    if found is None or len(text[found.end() : end].split()) < _FEWEST_WORDS:
        return None
    quoted = _is_quoted(text[found.end() : end])
    if not (found["label"] or (found["sign"] and quoted)) or (not found["sign"] and not quoted and found[0][0] not in "(["):
        return None
    return Tail("lead", found.end(), start, start + len(found[0].rstrip()), 0.9, quoted, found["value"])


def is_quoted(words: str) -> bool:
    """Whether a text begins and ends with quotation marks, its number aside."""
    words = _NUMBERED.sub("", words)
    return len(words) > 2 and words[0] in "“\"«„‘'" and words.rstrip(".,;")[-1:] in "”\"»“’'"


def bare_page(words: str) -> str:
    """The page of words that are nothing but one in brackets: "14" of "(14)"; "" for others."""
    inner = words.strip("()[]. ")
    return inner if _BARE_PAGE.fullmatch(inner) else ""


def _note(text: str, start: int, end: int) -> Tail | None:
    found = _NOTE.search(text, max(start, end - 60), end)
    if found is None or found.end() != end:
        return None
    name = found["name"] or found["number"] or found["caret"] or (found["raised"] or "").translate(_RAISED)
    before = text[start : found.start()]
    if not before.strip() or not (_FINISHED.search(before.rstrip()) or found["name"]):
        return None
    begin, stop = trimmed(text, found.start(), found.end())
    return Tail("note", start + len(before.rstrip()), begin, stop, 0.0, _is_quoted(before), name)


def _citekeys(text: str, start: int, end: int) -> Tail | None:
    found = _CITEKEYS.search(text, max(start, end - _LONGEST), end)
    if found is None or found["inner"].count("@") != 1:
        return None
    return _tail("citekey", text, start, found.start(), found.start() + len(found[0]) - len(found[0].lstrip()), end, 0.95)


def _links(text: str, start: int, end: int) -> Tail | None:
    """Links of reference managers: "([Ames, 1951, p. 14](zotero://…)) ([pdf](…))", "([Location 14](https://…))"."""
    region = max(start, end - 4 * _LONGEST)
    opening = text.find("](", region, end)
    found = _LINKED.search(text, region, end) if opening >= 0 else None
    if found is None or found.end() != end:
        return None
    words = [link["words"].strip("() ") for link in _LINK.finditer(found[0])]
    begin = found.start() + len(found[0]) - len(found[0].lstrip())
    if not words:
        return None
    if place_only(words[0]):
        return _tail("place", text, start, found.start(), begin, end, 0.95)
    score = max(likeness(words[0]), likeness(f"({words[0]})"))
    return (
        _tail("link", text, start, found.start(), begin, end, score)
        if score >= WEAK
        else _plain_link(text, start, found, begin, end)
    )


def _plain_link(text: str, start: int, found: re.Match[str], begin: int, end: int) -> Tail | None:
    """A link without words of its own ("View Highlight") that follows a finished text."""
    links = list(_LINK.finditer(found[0]))
    short = all(len(link["words"].split()) <= 3 for link in links) and found[0].lstrip().startswith("(")
    return _tail("link", text, start, found.start(), begin, end, 0.0) if short else None


def _bracket(text: str, start: int, end: int) -> Tail | None:
    last = end - 1 - (text[end - 1] == ".")
    opening = _PAIRS.get(text[last]) if last > start else None
    if opening is None:
        return None
    at = _opening(text, max(start, end - _LONGEST), last, opening)
    if at < 0 or not _is_finished(text[start:at]):
        return None
    words = bare(text[at:end])
    if _REMARK.match(words):
        return None
    if place_only(words):
        return _tail("place", text, start, at, at, end, 0.9)
    inner = words.strip("[]().")
    if bare_page(words) and _is_quoted(text[start:at]):
        return _tail("place", text, start, at, at, end, 0.9)
    score = max(likeness(words), 0.6 if NAME_AND_PAGE.match(words) else 0.0, _inner_likeness(inner))
    return _tail("bracket", text, start, at, at, end, score) if score >= WEAK else None


def _inner_likeness(words: str) -> float:
    """As what stands in brackets would be judged without them, a dash before it."""
    score = likeness(words)
    named = likeness(f"— {words}")
    return max(score, 0.45 if named >= LIKELY and ("," in words or len(words.split()) <= 4) else 0.0)


def _opening(text: str, first: int, last: int, opening: str) -> int:
    depth = 0
    for at in range(last, first - 1, -1):
        depth += (text[at] == text[last]) - (text[at] == opening)
        if not depth:
            return at
    return -1


def _dash(text: str, start: int, end: int) -> Tail | None:
    """The last dash behind a finished text that a name or a title follows to the end."""
    best = None
    for found in _DASH.finditer(text, max(start + 1, end - _LONGEST), end):
        at = found.start("dash") if found["dash"] else found.start("spaced")
        before = text[start:at].rstrip()
        if not before or not _is_finished(before):
            continue
        single = (found["dash"] or found["spaced"]) == "-"
        words = bare(text[at:end])
        score = likeness("— " + words.lstrip("—–―-~ "))
        if score >= LIKELY and (not single or _QUOTATION.match(before)):
            best = _tail("dash", text, start, at, at, end, score)
            break
    return best


def _unsigned(text: str, start: int, end: int) -> Tail | None:
    """What follows a line's closing quotation mark without any sign: only a name with more behind it."""
    at = max(text.rfind(mark, max(start, end - _LONGEST), end) for mark in '”"»')
    if at <= start or not text[at + 1 : at + 2].isspace() or not _is_quoted(text[start : at + 1]):
        return None
    words = bare(text[at + 1 : end])
    if not words[:1].isupper():
        return None
    score = likeness(f"— {words}")
    if score < LIKELY or not ("," in words or any(map(str.isdigit, words))):
        return None
    begin, _ = trimmed(text, at + 1, end)
    return _tail("dash", text, start, at + 1, begin, end, score)


def _is_finished(before: str) -> bool:
    before = before.rstrip()
    return bool(before) and (_FINISHED.search(before) is not None or _QUOTATION.match(before) is not None)


def _is_quoted(before: str) -> bool:
    return _QUOTATION.match(before.strip()) is not None


def _tail(kind: TailKind, text: str, start: int, cut: int, begin: int, end: int, score: float) -> Tail:
    before = text[start:cut]
    return Tail(kind, start + len(before.rstrip()), begin, end, score, _is_quoted(before))
