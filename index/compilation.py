"""``collection.toml``: what somebody tells about the files of a folder, and the bibliography that lies beside a file.

In a folder it holds for all paths below; one further down adds to it, and wins where both speak.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from index.errors import FileUnreadable
from index.records import FileSettings, Reading, WorkRules

NAME = "collection.toml"
DESCRIPTION = ("title", "compiler", "publisher", "place", "date", "address", "rights")
"""Keys that describe the compilation itself, in the order in which they are written."""

_FILE_KEYS = ("layout", "language", "reader", "citation")
_TABLES = ("files", "corrections", "works")
_RULES = ("same", "different")
_LONGEST = 1_000_000
_SHORTEST_ID = 16
_REMARKS = 5
_LINE = re.compile(r"(?P<path>.+):(?P<line>[1-9]\d*)$")


def settings_for(file: Path, root: Path) -> FileSettings:
    """What the folders from ``root`` down to the file tell about it.

    Raises:
        FileUnreadable: a ``collection.toml`` among them is no TOML, or has a key that nobody reads.
    """
    told = FileSettings(works=works_beside(file))
    top = root if root.is_dir() else root.parent
    for folder in reversed([folder for folder in [file.parent, *file.parents] if folder == top or top in folder.parents]):
        place = folder / NAME
        if place.is_file() and place != file:
            told = _with(told, read_compilation(place), file.relative_to(folder).as_posix())
    return told


def read_compilation(place: Path) -> dict[str, Any]:
    """The tables of a ``collection.toml``, its keys checked.

    Raises:
        FileUnreadable: it cannot be read, is no TOML, or has a key that nobody reads.
    """
    try:
        written = place.read_bytes()[:_LONGEST].decode("utf-8-sig")
        found = tomllib.loads(written)
    except (OSError, ValueError) as problem:
        raise _invalid(place, f"cannot be read: {problem}") from problem
    for name, value in found.items():
        _check(place, name, value)
    return found


def works_beside(file: Path) -> dict[str, dict[str, Any]]:
    """The works of the BibTeX files in the file's folder, by key, as CSL items. Those named like the file win."""
    from index.citations.imports import parse_references

    works: dict[str, dict[str, Any]] = {}
    try:
        beside = sorted(file.parent.glob("*.bib"), key=lambda each: (each.stem == file.stem, each.name))
        for each in beside:
            if each != file and each.stat().st_size <= 20 * _LONGEST:
                entries = parse_references(each.read_text("utf-8", "replace"), each.name).entries
                works |= {
                    entry.key: {name: value for name, value in entry.csl.items() if name != "citation-key"} for entry in entries
                }
    except (OSError, FileUnreadable):
        return works  # what cannot be looked at, or read, is not beside the file for us
    return works


def _with(told: FileSettings, found: Mapping[str, Any], path: str) -> FileSettings:
    """The settings with those of a folder added: its description, what fits the path, and its corrections of this file."""
    described = {key: found[key] for key in DESCRIPTION if key in found}
    made = replace(told, compilation={**told.compilation, **described}, language=found.get("language", told.language))
    for pattern, values in found.get("files", {}).items():
        if fnmatchcase(path, pattern):
            made = replace(made, **values)
    corrections = dict(made.corrections)
    for place, citation in found.get("corrections", {}).items():
        line = _LINE.match(place)
        if line is None:
            corrections[place] = citation
        elif line["path"] == path:
            corrections[line["line"]] = citation
    said = found.get("works", {})
    rules = WorkRules(*(_added(getattr(made.work_rules, name), said.get(name, [])) for name in _RULES))
    return replace(made, corrections=corrections, work_rules=rules)


def _added(above: tuple[tuple[str, ...], ...], names: list[list[str]]) -> tuple[tuple[str, ...], ...]:
    return (*above, *(tuple(each) for each in names))


def _check(place: Path, name: str, value: object) -> None:
    if name in (*DESCRIPTION, "language"):
        if not isinstance(value, str):
            raise _invalid(place, f"has {name} = {value!r}, which is no text")
        return
    if name not in _TABLES or not isinstance(value, dict):
        raise _invalid(place, f"has the key {name!r}")
    for key, told in value.items():
        if name == "works":
            if key not in _RULES or not _are_names(told):
                raise _invalid(place, f"has {key} = {told!r} for works")
            continue
        if name == "corrections":
            if not isinstance(told, str) or not (_LINE.match(key) or len(key) >= _SHORTEST_ID):
                raise _invalid(place, f"corrects {key!r} by {told!r}")
            continue
        unknown = [inner for inner in told if inner not in _FILE_KEYS] if isinstance(told, dict) else [key]
        if unknown or not all(isinstance(inner, str) for inner in told.values()):
            raise _invalid(place, f"has {unknown or told} for files {key!r}")


def _are_names(told: object) -> bool:
    """Whether it is a list of lists of two or more names of works."""
    return isinstance(told, list) and all(
        isinstance(names, list) and len(names) > 1 and all(isinstance(name, str) and name.strip() for name in names)
        for names in told
    )


def _invalid(place: Path, what: str) -> FileUnreadable:
    return FileUnreadable(
        f"{str(place)!r} {what}",
        rule=f'it holds texts ({", ".join(DESCRIPTION)}, language), tables [files."PATH"] with {", ".join(_FILE_KEYS)}, '
        '[corrections] with an excerpt id or "PATH:LINE" and its citation ("" for none), and [works] with same and different, '
        "lists of lists of two or more works, each by its id or a citation",
        remedy="correct or remove that key",
    )


def describe_files(title: str, readings: Iterable[tuple[str, Reading]]) -> str:
    """A first ``collection.toml``: the title, the other keys to fill in, and for each path the layout that was found.

    A layout that is sure stands as a comment, so that a better reader may still read better; one in doubt asks to be named.
    """
    lines = [f"title = {_quoted(title)}", *(f'# {key} = ""' for key in DESCRIPTION[1:]), '# language = "en"']
    for path, reading in readings:
        document, layout = reading.document, reading.layout
        lines += ["", f"[files.{_quoted(path)}]", f"# read as {document.reader}: {len(reading.excerpts)} excerpts"]
        if layout is None:
            continue
        if layout.sure:
            lines.append(f'# layout = "{layout.layout}"')
            continue
        scores = ", ".join(f"{name} {score:.2f}" for name, score in layout.scores) or "nothing speaks for either"
        lines.append(f'# IN DOUBT ({scores}); if you know it: layout = "below" or layout = "above"')
        lines += [f"# line {remark.line}: {remark.why}" for remark in layout.remarks[:_REMARKS]]
    lines += ["", "[corrections]", '# "PATH:LINE" = "Sample, Ada. Cards. Nowhere: Example Press, 1951, p. 12"']
    lines += ["", "[works]", '# same = [["Sample, Ada. Cards", "Sample, A. Of Cards"]]', '# different = [["WORK ID", "WORK ID"]]']
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """The text as a basic string of TOML, which JSON's is."""
    return msgspec.json.encode(text).decode()
