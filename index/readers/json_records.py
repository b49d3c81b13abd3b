"""Reads JSON of other programs: arrays of quotations, exports of Hypothesis and Readwise, CSL-JSON with notes.

A name says what its value is, as the header of a table does; what no name tells is refused with the names there are.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

import msgspec

from index.citations.csl import read_item
from index.citations.imports import is_csl, parse_references
from index.decoding import decode
from index.errors import CitationInvalid, FileUnreadable
from index.readers.cited_fields import FIELDS
from index.readers.frontmatter import describe
from index.readers.reference_files import read_references
from index.readers.renditions import Rendering
from index.readers.tabular import add_record, known_fields
from index.records import Citation, Reading, SourceFile

_REMARKS = frozenset("note notes comment comments remark review summary annotation thought".split())
"""What the type of an object says of its text where that is the reader's own."""

_DEEPEST = 6
"""Levels of objects within objects that are looked into."""


class JsonReader:
    """An object a quotation, or an object a work with its quotations in a list."""

    name = "json"

    def accepts(self, file: SourceFile) -> bool:
        """Whether the name says so, or the text begins as an array of objects and is JSON."""
        if PurePath(file.name.lower()).suffix == ".json":
            return True
        if not file.data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"[", b"{")):
            return False
        try:
            return isinstance(msgspec.json.decode(decode(file)[0]), list)
        except msgspec.DecodeError:
            return False

    def read(self, file: SourceFile) -> list[Reading]:
        """One reading; an object that cannot be read is left out and named.

        Raises:
            FileUnreadable: it is no JSON, or no name in it says which value is the text.
        """
        text, _ = decode(file)
        try:
            given = msgspec.json.decode(text)
        except msgspec.DecodeError as problem:
            raise FileUnreadable(
                f"{file.name!r} is no JSON: {problem}",
                rule="a .json file is one JSON value; one object a line is JSON lines",
                remedy="correct the file, or name it .jsonl if each line is an object",
            ) from problem
        items = given.get("items") if isinstance(given, dict) else given
        if isinstance(items, list) and items and all(map(is_csl, items)):
            return [read_references(file, parse_references(text, "items.json"), self.name)]
        rendering = Rendering(file)
        for number, record in enumerate(_records(given, {}, file.told.columns), 1):
            _add(rendering, record, f"object {number:,} of {file.name!r}")
        if not rendering.passages:
            raise _unknown(file, given)
        return [rendering.reading(reader=self.name, title=PurePath(file.name).stem)]


def _add(rendering: Rendering, record: Mapping[str, Any], name: str) -> None:
    citation = record.get("citation")
    if str(record.get("kind", "")).casefold() in _REMARKS:
        rendering.passage(record["text"])
    elif not record["text"].strip():
        rendering.warnings.append(f"{name} is left out: its text is empty")
    elif isinstance(citation, dict):
        try:
            read_item(citation)
        except CitationInvalid as problem:
            rendering.warnings.append(f"{name} is left out: {problem.found}")
            return
        rendering.passage(record["text"], Citation(describe(citation), csl=citation), note=record.get("note", ""))
    else:
        add_record(rendering, {name: value for name, value in record.items() if isinstance(value, str)})


def _records(given: Any, above: Mapping[str, Any], columns: Mapping[str, str], depth: int = 0) -> Iterator[dict[str, Any]]:
    """The fields of each object that has a text, with those of the objects it stands in."""
    if depth > _DEEPEST:
        return
    if isinstance(given, list):
        for one in given:
            yield from _records(one, above, columns, depth + 1)
    elif isinstance(given, dict):
        fields = _hypothesis(given) or _fields(given, columns)
        if isinstance(fields.get("text"), str):
            yield {**above, **fields}
            return
        # A work's own note is about the work, not about each of its quotations.
        inherited = {name: value for name, value in fields.items() if name in FIELDS}
        for value in given.values():
            if isinstance(value, list | dict):
                yield from _records(value, {**above, **inherited}, columns, depth + 1)


def _fields(given: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    """What an object's names tell, and those of the objects in it."""
    if columns:
        return {field: written for field, name in columns.items() if (written := _written(given.get(name)))}
    told: dict[str, Any] = {"kind": kind} if isinstance(kind := given.get("type") or given.get("kind"), str) else {}
    names = [name for name, value in given.items() if _written(value) or value in ("", None)]
    for field, at in known_fields(names).items():
        told[field] = _written(given[names[at]])
    for name, value in given.items():
        if isinstance(value, dict) and name == "citation":
            told["citation"] = value
        elif isinstance(value, dict):
            within = {field: written for field, written in _fields(value, {}).items() if field not in ("text", "note", "kind")}
            told = {**within, **told}
    return told


def _written(value: Any) -> str:
    """A value as a table would hold it: lists of names apart by semicolons, an object with a name as that name."""
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, list):
        parts = [_name(one) if isinstance(one, dict) else _written(one) for one in value]
        return "; ".join(parts) if parts and all(parts) else ""
    return _name(value) if isinstance(value, dict) else ""


def _name(value: Mapping[str, Any]) -> str:
    """A person as CSL, schema.org or a list of objects writes one; "" for any other object."""
    family, given = (value.get(part) for part in ("family", "given"))
    if isinstance(family, str):
        return f"{family}, {given}" if isinstance(given, str) and given else family
    first, last = value.get("first") or value.get("first_name"), value.get("last") or value.get("last_name")
    if isinstance(first, str) and isinstance(last, str):
        return f"{last}, {first}"
    name = value.get("name") or value.get("literal")
    return name if isinstance(name, str) and len(value) <= 3 else ""


def _hypothesis(given: Mapping[str, Any]) -> dict[str, str]:
    """An annotation of Hypothesis or of the W3C's model: its exact selector is the quotation, its text a remark."""
    target = given.get("target")
    exact = next((value for value in _exact(target if isinstance(target, list) else [target]) if value), "")
    if not exact:
        return {}
    document = given.get("document") if isinstance(given.get("document"), dict) else {}
    title = _first(document.get("title")) if isinstance(document, dict) else ""
    first = (target[0] if isinstance(target, list) else target) or {}
    told = {"text": exact, "title": title, "url": _first(given.get("uri")) or _first(first.get("source"))}
    return {name: value for name, value in {**told, "note": _first(given.get("text"))}.items() if value}


def _exact(targets: Sequence[Any]) -> Iterator[str]:
    for target in targets:
        selectors = target.get("selector") if isinstance(target, dict) else None
        for selector in selectors if isinstance(selectors, list) else [selectors]:
            if isinstance(selector, dict) and isinstance(selector.get("exact"), str):
                yield selector["exact"]


def _first(value: Any) -> str:
    first = value[0] if isinstance(value, list) and value else value
    return first if isinstance(first, str) else ""


def _unknown(file: SourceFile, given: Any) -> FileUnreadable:
    names: dict[str, None] = {}
    _gather_names(given, names)
    return FileUnreadable(
        f"no name in {file.name!r} says which value is the quotation (names: {', '.join(map(repr, list(names)[:30])) or 'none'})",
        rule='an object has its text as "quote", "highlight", "text" or the like, or --columns tells which name is which',
        remedy="say for example --columns 'text=NAME,author=NAME,title=NAME,page=NAME' with names of these objects",
    )


def _gather_names(given: Any, names: dict[str, None], depth: int = 0) -> None:
    if depth < _DEEPEST and len(names) < 100:
        if isinstance(given, dict):
            names |= dict.fromkeys(given)
        for value in given.values() if isinstance(given, dict) else given if isinstance(given, list) else ():
            _gather_names(value, names, depth + 1)
