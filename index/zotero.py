"""Finds what a Zotero library holds: its data folder, or an export of Better BibTeX with its files.

The database is only read; where Zotero keeps it locked, a copy is. Each attachment is a document cited by its item; what was
marked and noted of an item is a document of its own, one JSON object that the reader ``zotero`` lays out.
"""

import re
import shutil
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from index.citations.imports import parse_references
from index.errors import FileUnreadable
from index.files import Scope, Source, read_whole
from index.readers.cited_fields import date_of
from index.records import CslItem, DocumentCitation, FileSettings

ORIGIN = "Zotero"
_OWN = "library"
_GROUP = re.compile(r"zotero\.org/(groups/\d+)/")
_TYPES = {
    "book": "book",
    "bookSection": "chapter",
    "journalArticle": "article-journal",
    "magazineArticle": "article-magazine",
    "newspaperArticle": "article-newspaper",
    "thesis": "thesis",
    "report": "report",
    "webpage": "webpage",
    "blogPost": "post-weblog",
    "letter": "personal_communication",
    "manuscript": "manuscript",
    "conferencePaper": "paper-conference",
    "interview": "interview",
    "encyclopediaArticle": "entry-encyclopedia",
    "dictionaryEntry": "entry-dictionary",
    "statute": "legislation",
    "case": "legal_case",
    "film": "motion_picture",
    "patent": "patent",
    "map": "map",
    "presentation": "speech",
    "preprint": "article",
    "document": "document",
}
_FIELDS = {
    "title": "title",
    "publicationTitle": "container-title",
    "bookTitle": "container-title",
    "proceedingsTitle": "container-title",
    "encyclopediaTitle": "container-title",
    "websiteTitle": "container-title",
    "blogTitle": "container-title",
    "publisher": "publisher",
    "university": "publisher",
    "institution": "publisher",
    "place": "publisher-place",
    "volume": "volume",
    "issue": "issue",
    "pages": "page",
    "edition": "edition",
    "series": "collection-title",
    "DOI": "DOI",
    "ISBN": "ISBN",
    "ISSN": "ISSN",
    "url": "URL",
    "language": "language",
    "archive": "archive",
    "archiveLocation": "archive_location",
    "callNumber": "call-number",
    "caseName": "title",
    "nameOfAct": "title",
    "subject": "title",
}
_ROLES = {
    "author": "author",
    "editor": "editor",
    "translator": "translator",
    "bookAuthor": "container-author",
    "seriesEditor": "collection-editor",
    "interviewer": "interviewer",
    "recipient": "recipient",
    "director": "director",
    "contributor": "contributor",
}
_READ = frozenset(".pdf .epub .html .htm .txt .md .docx .odt .rtf .xml .tex".split())


class Highlight(msgspec.Struct, frozen=True):
    """Words marked in an attachment, the remark on them, their printed page, and the address that opens them in Zotero."""

    text: str
    comment: str = ""
    page: str = ""
    link: str = ""


class Marked(msgspec.Struct, frozen=True):
    """An item with what was marked and noted of it; ``notes`` are HTML, ``link`` selects it in Zotero."""

    zotero: int
    csl: CslItem
    link: str
    highlights: tuple[Highlight, ...] = ()
    notes: tuple[str, ...] = ()


class _Item(msgspec.Struct, frozen=True):
    """``library`` is how Zotero's addresses name the one it is in: "library" for one's own, "groups/7" for a group's."""

    key: str
    csl: CslItem
    files: tuple[tuple[str, Path], ...] = ()
    highlights: tuple[Highlight, ...] = ()
    notes: tuple[str, ...] = ()
    library: str = _OWN


def find_zotero(path: Path, collection: str | None = None) -> Scope:
    """The documents of a library: attachments that are there, and one for the marks and notes of each item that has any.

    Args:
        path: a data folder (with zotero.sqlite), or an export: Better BibTeX JSON, CSL-JSON or BibTeX with files.
        collection: only items of the collection of this name, and of those in it; or of the group library of this name.

    Raises:
        FileUnreadable: there is no library, it cannot be read, or it has no such collection.
    """
    if path.is_dir() or path.name == "zotero.sqlite":
        folder = path if path.is_dir() else path.parent
        items = list(_from_database(folder, collection))
    elif path.is_file():
        if collection:
            raise _refused(path, f"is an export, and --collection names {collection!r}", "export that collection alone")
        folder, items = path.parent, list(_from_export(path))
    else:
        raise _refused(path, "is not there", "name the folder that holds zotero.sqlite, or an export")
    root = f"zotero:{path.absolute().as_uri()}"
    sources = [source for item in items for source in _sources(item, root)]
    return Scope((root,), tuple(sorted(sources, key=lambda source: (source.name, source.origin))))


def _sources(item: _Item, root: str) -> Iterator[Source]:
    select = f"zotero://select/{item.library}/items/{item.key}"
    root = root if item.library == _OWN else f"{root}/{item.library}"  # keys are unique within a library only
    for key, file in item.files:
        if file.suffix.lower() in _READ and file.is_file():
            link = f"zotero://open-pdf/{item.library}/items/{key}" if file.suffix.lower() == ".pdf" else select
            told = partial(FileSettings, cited_as=DocumentCitation(item.csl, ORIGIN, link))
            yield Source(f"zotero/{file.name}", f"{root}/{item.key}/{key}", partial(read_whole, file), told)
    if item.highlights or item.notes:
        marked = msgspec.json.encode(Marked(1, item.csl, select, item.highlights, item.notes))
        name = f"zotero/{item.csl.get('title', item.key)} (marks and notes)"
        yield Source(name.replace("\n", " "), f"{root}/{item.key}/marks", lambda: marked)


def _from_database(folder: Path, collection: str | None) -> Iterator[_Item]:
    database = folder / "zotero.sqlite"
    if not database.is_file():
        raise _refused(folder, "holds no zotero.sqlite", "name Zotero's data folder (Settings, Advanced, Files and Folders)")
    with tempfile.TemporaryDirectory() as room:
        try:
            with closing(_open(database, Path(room))) as connection:
                yield from _items(connection, folder, collection)
        except sqlite3.DatabaseError as problem:
            raise _refused(database, f"cannot be read ({problem})", "close Zotero and try again") from problem


def _open(database: Path, room: Path) -> sqlite3.Connection:
    """The database, read only; a copy of it where Zotero has locked it."""
    connection = sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=1.0)
    try:
        connection.execute("SELECT count(*) FROM items").fetchone()
    except sqlite3.OperationalError as problem:
        connection.close()
        if "locked" not in str(problem) and "busy" not in str(problem):
            raise
        copy = room / "zotero.sqlite"
        shutil.copyfile(database, copy)
        connection = sqlite3.connect(f"{copy.as_uri()}?mode=ro", uri=True)
        if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            connection.close()
            raise sqlite3.DatabaseError("it changed while it was copied") from problem
    return connection


def _items(connection: sqlite3.Connection, folder: Path, collection: str | None) -> Iterator[_Item]:
    rows = connection.execute(
        """SELECT i.itemID, i.key, t.typeName FROM items i JOIN itemTypes t USING (itemTypeID)
        WHERE i.itemID NOT IN (SELECT itemID FROM deletedItems) ORDER BY i.key"""
    ).fetchall()
    wanted = _collected(connection, collection) if collection else None
    keys = {item: key for item, key, _ in rows}
    fields, creators = _fields(connection), _creators(connection)
    files, notes = _files(connection, folder, keys), _notes(connection, keys)
    libraries = _libraries(connection)
    highlights = _highlights(connection, keys, libraries)
    for item, key, kind in rows:
        if kind in ("attachment", "note", "annotation") or (wanted is not None and item not in wanted):
            continue
        if not libraries.get(item, _OWN):
            continue
        own = files.get(item, [])
        marks = tuple(mark for attachment, _, _ in own for mark in highlights.get(attachment, []))
        there = tuple((file_key, path) for _, file_key, path in own)
        csl = _csl(kind, fields.get(item, {}), creators.get(item, []))
        yield _Item(key, csl, there, marks, tuple(notes.get(item, ())), libraries.get(item, _OWN))


def _libraries(connection: sqlite3.Connection) -> dict[int, str]:
    """The library of each item that is not in one's own, as addresses name it; "" for a feed, whose items nobody collected."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not {"libraries", "groups"} <= tables:  # Zotero before 5
        return {}
    query = """
        SELECT i.itemID, l.type, g.groupID FROM items i JOIN libraries l USING (libraryID) LEFT JOIN groups g USING (libraryID)
        WHERE l.type != 'user'
    """
    return {item: f"groups/{group}" if kind == "group" and group else "" for item, kind, group in connection.execute(query)}


def _of_group(connection: sqlite3.Connection, name: str) -> set[int]:
    """The items of the group library of this name."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'groups'").fetchone():
        return set()
    query = "SELECT i.itemID FROM items i JOIN groups g USING (libraryID) WHERE g.name = ?"
    return {item for (item,) in connection.execute(query, [name])}


def _collected(connection: sqlite3.Connection, name: str) -> set[int]:
    found = connection.execute("SELECT collectionID FROM collections WHERE collectionName = ?", [name]).fetchall()
    if not found and (grouped := _of_group(connection, name)):
        return grouped
    if not found:
        names = [row[0] for row in connection.execute("SELECT collectionName FROM collections ORDER BY 1 LIMIT 20")]
        raise FileUnreadable(
            f"the Zotero library has no collection {name!r}",
            rule=f"its collections are {', '.join(map(repr, names)) or 'none'}",
            remedy="name one of them",
        )
    query = """
        WITH RECURSIVE within(id) AS (
            SELECT collectionID FROM collections WHERE collectionName = ?
            UNION SELECT c.collectionID FROM collections c JOIN within ON c.parentCollectionID = within.id
        ) SELECT itemID FROM collectionItems WHERE collectionID IN within
    """
    return {item for (item,) in connection.execute(query, [name])}


def _fields(connection: sqlite3.Connection) -> dict[int, dict[str, str]]:
    found: defaultdict[int, dict[str, str]] = defaultdict(dict)
    query = """
        SELECT d.itemID, f.fieldName, v.value FROM itemData d JOIN fields f USING (fieldID) JOIN itemDataValues v USING (valueID)
    """
    for item, field, value in connection.execute(query):
        found[item][field] = str(value)
    return found


def _creators(connection: sqlite3.Connection) -> dict[int, list[dict[str, Any]]]:
    found: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    query = """
        SELECT ic.itemID, t.creatorType, c.firstName, c.lastName, c.fieldMode FROM itemCreators ic
        JOIN creators c USING (creatorID) JOIN creatorTypes t USING (creatorTypeID) ORDER BY ic.itemID, ic.orderIndex
    """
    for item, kind, first, last, whole in connection.execute(query):
        name = {"name": last} if whole else {"firstName": first or "", "lastName": last or ""}
        found[item].append({"creatorType": kind, **name})
    return found


def _files(connection: sqlite3.Connection, folder: Path, keys: Mapping[int, str]) -> dict[int, list[tuple[int, str, Path]]]:
    """The attachments of each item: number, key and path; linked files relative to a base folder are not found."""
    found: defaultdict[int, list[tuple[int, str, Path]]] = defaultdict(list)
    for item, parent, path in connection.execute("SELECT itemID, parentItemID, path FROM itemAttachments ORDER BY itemID"):
        if item in keys and path and parent in keys:
            stored = path.removeprefix("storage:")
            where = folder / "storage" / keys[item] / Path(stored).name if stored != path else Path(path)
            found[parent].append((item, keys[item], where))
    return found


def _notes(connection: sqlite3.Connection, keys: Mapping[int, str]) -> dict[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    for item, parent, note in connection.execute("SELECT itemID, parentItemID, note FROM itemNotes ORDER BY itemID"):
        if item in keys and parent in keys and note:
            found[parent].append(note)
    return found


def _highlights(
    connection: sqlite3.Connection, keys: Mapping[int, str], libraries: Mapping[int, str]
) -> dict[int, list[Highlight]]:
    """What was marked in each attachment, in the order of its pages."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "itemAnnotations" not in tables:  # Zotero before 6
        return {}
    found: defaultdict[int, list[Highlight]] = defaultdict(list)
    query = (
        "SELECT itemID, parentItemID, text, comment, pageLabel, position FROM itemAnnotations ORDER BY parentItemID, sortIndex"
    )
    for item, parent, text, comment, page, position in connection.execute(query):
        if item in keys and parent in keys and text:
            within = libraries.get(item, _OWN)
            link = f"zotero://open-pdf/{within}/items/{keys[parent]}?page={_index(position) + 1}&annotation={keys[item]}"
            found[parent].append(Highlight(text, comment or "", page or "", link))
    return found


def _index(position: object) -> int:
    """The page of the file, from 0, in a position as Zotero keeps it."""
    try:
        told = msgspec.json.decode(position) if isinstance(position, str) else {}
    except msgspec.DecodeError:
        return 0
    index = told.get("pageIndex") if isinstance(told, dict) else 0
    return index if isinstance(index, int) else 0


def _csl(kind: str, fields: Mapping[str, Any], creators: Sequence[Mapping[str, Any]]) -> CslItem:
    csl: CslItem = {"type": _TYPES.get(kind, "document")}
    for field, variable in _FIELDS.items():
        if isinstance(fields.get(field), str) and fields[field].strip():
            csl.setdefault(variable, " ".join(fields[field].split()))
    for creator in creators:
        role = _ROLES.get(str(creator.get("creatorType", "author")), "contributor")
        name = creator.get("name")
        person = (
            {"literal": str(name)}
            if name
            else {"family": str(creator.get("lastName", "")), "given": str(creator.get("firstName", ""))}
        )
        csl.setdefault(role, []).append({part: text for part, text in person.items() if text})
    # Zotero stores a date as "1951-03-00 March 1951": what it understood, then what was typed.
    stored = str(fields.get("date", "")).split(" ", 1)
    written = stored[-1] if stored[0].count("-") == 2 and len(stored) > 1 else " ".join(stored)
    if written.strip():
        csl["issued"] = date_of(written) or {"literal": written.strip()}
    return csl


def _from_export(path: Path) -> Iterator[_Item]:
    """Items of an export: Better BibTeX JSON with notes and attachments, else references with the files they name."""
    text = read_whole(path).decode("utf-8", "replace")
    if path.suffix.lower() == ".json":
        try:
            given = msgspec.json.decode(text)
        except msgspec.DecodeError as problem:
            raise _refused(path, f"is no JSON ({problem})", "export the library again") from problem
        if isinstance(given, dict) and isinstance(given.get("items"), list) and isinstance(given.get("config"), dict):
            yield from (_exported(item, path.parent) for item in given["items"] if isinstance(item, dict) and "itemType" in item)
            return
    for entry in parse_references(text, path.name).entries:
        files = tuple((entry.key, path.parent / file) for file in entry.files)
        yield _Item(entry.key, entry.csl, files)


def _exported(item: Mapping[str, Any], folder: Path) -> _Item:
    fields = {name: value for name, value in item.items() if isinstance(value, str)}
    creators = [creator for creator in item.get("creators", []) if isinstance(creator, dict)]
    attached = [each for each in item.get("attachments", []) if isinstance(each, dict) and isinstance(each.get("path"), str)]
    notes = [note.get("note") if isinstance(note, dict) else note for note in item.get("notes", [])]
    key = str(item.get("itemKey") or item.get("key") or item.get("citationKey") or item.get("itemID") or "")
    files = tuple((str(each.get("itemKey") or each.get("key") or key), folder / each["path"]) for each in attached)
    marks = tuple(mark for each in attached for mark in _exported_marks(each))
    return _Item(
        key,
        _csl(str(item["itemType"]), fields, creators),
        files,
        marks,
        tuple(note for note in notes if isinstance(note, str) and note),
        found[1] if (found := _GROUP.search(str(item.get("uri", "")))) else _OWN,
    )


def _exported_marks(attachment: Mapping[str, Any]) -> Iterator[Highlight]:
    for mark in attachment.get("annotations", []):
        if isinstance(mark, dict) and isinstance(mark.get("annotationText"), str):
            yield Highlight(
                mark["annotationText"], str(mark.get("annotationComment") or ""), str(mark.get("annotationPageLabel") or "")
            )


def _refused(path: Path, found: str, remedy: str) -> FileUnreadable:
    return FileUnreadable(f"{path} {found}", rule="a Zotero library is its data folder or an export of it", remedy=remedy)
