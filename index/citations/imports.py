"""Reads references from what other programs write: BibTeX and BibLaTeX, RIS, CSL-JSON; the counterpart of exports.py.

A record that cannot be read is left out and named; the rest is read. Fields that CSL has no place for are kept as they are.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from index.citations.csl import DATE_FIELDS, NAME_FIELDS, TEXT_FIELDS, TYPES, read_item
from index.citations.latex import plain_of
from index.citations.locators import parse_date
from index.errors import CitationInvalid, FileUnreadable
from index.records import CslItem

_BIBTEX_TYPES = {
    "article": "article-journal", "book": "book", "mvbook": "book", "booklet": "pamphlet", "collection": "book",
    "inbook": "chapter", "incollection": "chapter", "inproceedings": "paper-conference", "conference": "paper-conference",
    "proceedings": "book", "manual": "report", "techreport": "report", "report": "report", "phdthesis": "thesis",
    "mastersthesis": "thesis", "thesis": "thesis", "unpublished": "manuscript", "online": "webpage", "electronic": "webpage",
    "www": "webpage", "patent": "patent", "periodical": "periodical", "reference": "book", "inreference": "entry",
    "letter": "personal_communication", "dataset": "dataset", "software": "software", "audio": "song", "video": "motion_picture",
}  # fmt: skip
_BIBTEX_TEXTS = {
    "title": "title", "journal": "container-title", "journaltitle": "container-title", "booktitle": "container-title",
    "publisher": "publisher", "school": "publisher", "institution": "publisher", "organization": "publisher",
    "address": "publisher-place", "location": "publisher-place", "edition": "edition", "volume": "volume", "number": "issue",
    "series": "collection-title", "pages": "page", "isbn": "ISBN", "issn": "ISSN", "doi": "DOI", "url": "URL",
    "language": "language", "chapter": "chapter-number",
}  # fmt: skip
_BIBTEX_NAMES = {"author": "author", "editor": "editor", "translator": "translator", "bookauthor": "container-author"}
_RIS_TYPES = {
    "JOUR": "article-journal", "BOOK": "book", "CHAP": "chapter", "CONF": "paper-conference", "CPAPER": "paper-conference",
    "THES": "thesis", "RPRT": "report", "NEWS": "article-newspaper", "MGZN": "article-magazine", "ELEC": "webpage",
    "BLOG": "post-weblog", "UNPB": "manuscript", "PAT": "patent", "CASE": "legal_case", "STAT": "legislation", "MAP": "map",
    "EDBOOK": "book", "EBOOK": "book", "ENCYC": "entry-encyclopedia", "DICT": "entry-dictionary", "HEAR": "hearing",
    "PCOMM": "personal_communication", "PAMP": "pamphlet", "CLSWK": "classic", "DATA": "dataset", "VIDEO": "motion_picture",
    "MPCT": "motion_picture", "SOUND": "song", "BILL": "bill", "COMP": "software", "STAND": "standard",
}  # fmt: skip
_RIS_TEXTS = {
    "TI": "title", "T1": "title", "BT": "title", "T2": "container-title", "JO": "container-title", "JF": "container-title",
    "JA": "container-title-short", "T3": "collection-title", "PB": "publisher", "CY": "publisher-place", "PP": "publisher-place",
    "ET": "edition", "VL": "volume", "IS": "issue", "SN": "ISBN", "DO": "DOI", "UR": "URL", "LA": "language", "DB": "archive",
}  # fmt: skip
_RIS_NAMES = {"AU": "author", "A1": "author", "A2": "editor", "ED": "editor", "A3": "collection-editor", "A4": "translator"}
_RIS_NOTES = {"AB": "abstract", "N2": "abstract", "N1": "note", "RN": "note", "C1": "note"}
_RIS_LINE = re.compile(r"([A-Z][A-Z0-9])  ?-(?: (.*)|\s*)")
_ENTRY = re.compile(r"@\s*([A-Za-z]+)\s*[{(]")
_FIELD = re.compile(r"\s*([A-Za-z][\w:.+/-]*)\s*=\s*")
_AND = re.compile(r"(?<!\s)\s++and\s+", re.IGNORECASE)
_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_LONGEST_KEY = 500


class Entry(msgspec.Struct, frozen=True):
    """A reference: its key and item, its free texts by the field's name, the files it names, and its line (0: not known)."""

    key: str
    csl: CslItem
    notes: dict[str, str] = {}
    files: tuple[str, ...] = ()
    line: int = 0


class References(msgspec.Struct, frozen=True):
    """What a file of references holds, and what in it could not be read ("line 7: …")."""

    entries: tuple[Entry, ...]
    problems: tuple[str, ...] = ()


def parse_references(text: str, name: str) -> References:
    """The references in a text, by the ending of its file's name (.bib, .ris, .json).

    Raises:
        FileUnreadable: a JSON file is no array of CSL items, or there is no reference in the text at all.
    """
    ending = name.lower().rpartition(".")[2]
    found = {"bib": _bibtex, "ris": _ris}.get(ending, _csl)(text)
    entries: list[Entry] = []
    problems: list[str] = []
    for entry in found:
        if isinstance(entry, str):
            problems.append(entry)
            continue
        try:
            read_item(entry.csl)
        except CitationInvalid as error:
            problems.append(f"line {entry.line}: {error.found}" if entry.line else f"{entry.key!r}: {error.found}")
        else:
            entries.append(entry)
    if not entries:
        raise FileUnreadable(
            f"{name!r} holds no reference that can be read" + (f" ({problems[0]})" if problems else ""),
            rule="a file of references holds BibTeX entries, RIS records or an array of CSL-JSON items",
            remedy="correct the file, or leave it out",
        )
    return References(tuple(entries), tuple(problems))


def _bibtex(text: str) -> Iterator[Entry | str]:
    """Entries, or what is wrong in place of one; after a bad one it goes on with the next line that starts an entry."""
    strings: dict[str, str] = {}
    at = 0
    while found := _ENTRY.search(text, at):
        kind, line = found[1].lower(), text.count("\n", 0, found.start()) + 1
        if kind in ("comment", "preamble"):
            at = found.end()
            continue
        try:
            key, at = _entry_key(text, found.end(), kind)
            fields, at = _bibtex_fields(text, at, strings)
        except ValueError as problem:
            following = re.compile(r"^[^\S\n]*+@", re.MULTILINE).search(text, found.end())
            yield f"line {line}: {problem}"
            at = following.start() if following else len(text)
            continue
        if kind == "string":
            strings |= fields
        else:
            yield _bibtex_entry(kind, key, fields, line)


def _entry_key(text: str, at: int, kind: str) -> tuple[str, int]:
    if kind == "string":
        return "", at
    comma = text.find(",", at, at + _LONGEST_KEY)
    key = text[at:comma].strip() if comma > 0 else ""
    if comma < 0 or not key or any(sign in key for sign in "{}=@\n"):
        raise ValueError("an entry has no key before its fields")
    return key, comma + 1


def _bibtex_fields(text: str, at: int, strings: Mapping[str, str]) -> tuple[dict[str, str], int]:
    fields: dict[str, str] = {}
    while found := _FIELD.match(text, at):
        value, at = _bibtex_value(text, found.end(), strings)
        fields.setdefault(found[1].lower(), value)
        rest = re.compile(r"\s*,?").match(text, at)
        at = rest.end() if rest else at
    closing = re.compile(r"\s*[})]").match(text, at)
    if not closing:
        shown = text[at : at + 30].split("\n", maxsplit=1)[0].strip()
        raise ValueError(f"an entry is not closed before {shown!r}" if shown else "an entry is not closed")
    return fields, closing.end()


def _bibtex_value(text: str, at: int, strings: Mapping[str, str]) -> tuple[str, int]:
    """A value with its parts joined: braces, quotation marks, numbers and names of strings."""
    parts: list[str] = []
    while True:
        if text[at : at + 1] in '{"' and at < len(text):
            end = _closing(text, at)
            parts.append(text[at + 1 : end])
            at = end + 1
        else:
            word = re.compile(r"[^\s,#{}()\"]+").match(text, at)
            if not word:
                raise ValueError("a field has no value")
            parts.append(word[0] if word[0].isdigit() else strings.get(word[0].lower(), word[0]))
            at = word.end()
        joint = re.compile(r"\s*#\s*").match(text, at)
        if not joint:
            return "".join(parts), at
        at = joint.end()


def _closing(text: str, at: int) -> int:
    """Where the brace or quotation mark that opens here is closed; braces within count, whatever stands before them."""
    quoted, depth = text[at] == '"', 0
    for found in re.compile(r'[{}"]').finditer(text, at + quoted):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if (quoted and found[0] == '"' and depth == 0) or (not quoted and depth == 0):
            return found.start()
        if depth < 0:
            break
    raise ValueError("a value is not closed")


def _bibtex_entry(kind: str, key: str, fields: Mapping[str, str], line: int) -> Entry:
    csl: CslItem = {"type": _BIBTEX_TYPES.get(kind, "document"), "citation-key": key}
    for field, variable in _BIBTEX_TEXTS.items():
        if value := " ".join(plain_of(fields.get(field, "")).split()):
            csl.setdefault(variable, value)
    if subtitle := " ".join(plain_of(fields.get("subtitle", "")).split()):
        csl["title"] = f"{csl['title']}: {subtitle}" if "title" in csl else subtitle
    for field, role in _BIBTEX_NAMES.items():
        if people := [_bibtex_name(name) for name in _AND.split(fields.get(field, "").strip()) if name and name != "others"]:
            csl[role] = people
    if issued := _bibtex_date(fields):
        csl["issued"] = issued
    if csl["type"] == "book" and "issue" in csl:
        csl["collection-number"] = csl.pop("issue")
    known = {*_BIBTEX_TEXTS, *_BIBTEX_NAMES, "subtitle", "year", "date", "month", "file", "keywords"}
    notes = {name: plain_of(value) for name, value in fields.items() if name not in known and value.strip()}
    return Entry(key, csl, notes, _bibtex_files(fields.get("file", "")), line)


def _bibtex_name(written: str) -> dict[str, str]:
    """Names as "Family, Given", "Given Family" with its particles in small letters, or a body in braces."""
    if written.startswith("{") and _closing_or_none(written) == len(written) - 1:
        return {"literal": " ".join(plain_of(written).split())}
    parts = [" ".join(plain_of(part).split()) for part in written.split(",")]
    if len(parts) > 1:
        family, given, suffix = parts[0], parts[-1], parts[1] if len(parts) > 2 else ""
        return {"family": family, "given": given} | ({"suffix": suffix} if suffix else {})
    words = plain_of(written).split()
    first = next((at for at, word in enumerate(words[:-1]) if at and word[0].islower()), len(words) - 1)
    return {"family": " ".join(words[first:]), "given": " ".join(words[:first])} if first else {"family": " ".join(words)}


def _closing_or_none(written: str) -> int | None:
    try:
        return _closing(written, 0)
    except ValueError:
        return None


def _bibtex_date(fields: Mapping[str, str]) -> dict[str, Any] | None:
    written = plain_of(fields.get("date") or fields.get("year") or "").strip()
    iso = re.fullmatch(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", written)
    if iso:
        parts = [int(part) for part in iso.groups() if part]
        month = _MONTHS.get(fields.get("month", "").strip().lower()[:3])
        return {"date-parts": [[*parts, month] if month and len(parts) == 1 else parts]}
    return (parse_date(written) or {"literal": written}) if written else None


def _bibtex_files(written: str) -> tuple[str, ...]:
    """The paths in a "file" field, as Zotero, JabRef and Mendeley write it: "name:path:type;…" or plain paths."""
    found = []
    for one in re.split(r"(?<!\\);", written):
        parts = [part.replace("\\:", ":").replace("\\;", ";") for part in re.split(r"(?<!\\):", one)]
        found.append(max(parts[:2], key=len) if len(parts) > 1 else one.strip())
    return tuple(path.strip() for path in found if path.strip())


def _ris(text: str) -> Iterator[Entry | str]:
    record: list[tuple[str, str]] = []
    begun = 0
    for number, line in enumerate(text.splitlines(), 1):
        found = _RIS_LINE.fullmatch(line.rstrip())
        if found and found[1] == "ER":
            yield _ris_entry(record, begun) if record else f"line {number}: a record ends that has not begun"
            record = []
        elif found and found[1] == "TY":
            if record:
                yield f"line {begun}: a record does not end before the next begins in line {number}"
            record, begun = [("TY", (found[2] or "").strip())], number
        elif found and record:
            record.append((found[1], (found[2] or "").strip()))
        elif record and line.strip():
            record[-1] = (record[-1][0], f"{record[-1][1]}\n{line.strip()}")
    if record:
        yield f"line {begun}: a record does not end"


def _ris_entry(record: list[tuple[str, str]], line: int) -> Entry:
    csl: CslItem = {}
    notes: dict[str, str] = {}
    files: list[str] = []
    for tag, value in record:
        if not value:
            continue
        if tag == "TY":
            csl["type"] = _RIS_TYPES.get(value, "document")
        elif tag in _RIS_NAMES:
            csl.setdefault(_RIS_NAMES[tag], []).append(_ris_name(value))
        elif tag in _RIS_TEXTS:
            csl.setdefault(_RIS_TEXTS[tag], " ".join(value.split()))
        elif tag in _RIS_NOTES:
            notes[_RIS_NOTES[tag]] = f"{notes[_RIS_NOTES[tag]]}\n\n{value}" if _RIS_NOTES[tag] in notes else value
        elif tag in ("PY", "Y1", "DA") and (issued := _ris_date(value)) and tag != "DA":
            csl.setdefault("issued", issued)
        elif tag in ("L1", "L4"):
            files.append(value)
    pages = [value for tag, value in record if tag in ("SP", "EP") and value]
    if pages:
        csl["page"] = "–".join(dict.fromkeys(pages[:2]))
    key = next((value for tag, value in record if tag == "ID"), "")
    return Entry(key, csl, notes, tuple(files), line)


def _ris_name(value: str) -> dict[str, str]:
    family, comma, given = (part.strip() for part in value.partition(","))
    return {"family": family, "given": given} if comma and given else {"literal": value}


def _ris_date(value: str) -> dict[str, Any] | None:
    parts = [int(part) for part in value.split("/")[:3] if part.strip().isdecimal()]
    return {"date-parts": [parts]} if parts and value.split("/", maxsplit=1)[0].strip().isdecimal() else parse_date(value)


def _csl(text: str) -> Iterator[Entry | str]:
    try:
        given = msgspec.json.decode(text)
    except msgspec.DecodeError as problem:
        yield f"it is no JSON: {problem}"
        return
    items = given.get("items") if isinstance(given, dict) and isinstance(given.get("items"), list) else given
    for number, item in enumerate(items if isinstance(items, list) else [items], 1):
        if not is_csl(item):
            yield f"item {number} is no CSL item"
            continue
        known = {"type", "id", *NAME_FIELDS, *DATE_FIELDS, *TEXT_FIELDS} - {"annote", "abstract", "note"}
        csl = {name: value for name, value in item.items() if name in known}
        notes = {name: str(item[name]) for name in ("abstract", "annote", "note") if isinstance(item.get(name), str)}
        yield Entry(str(item.get("citation-key") or item.get("id") or ""), csl, notes)


def is_csl(item: object) -> bool:
    """Whether a JSON value looks like an item of CSL-JSON: a type that CSL knows, and a title or a list of names."""
    return isinstance(item, dict) and item.get("type") in TYPES and bool(item.keys() & {"title", *NAME_FIELDS})
