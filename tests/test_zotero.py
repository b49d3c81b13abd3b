"""A Zotero library: its data folder, its exports, its notes; what is read again and what an excerpt leads back to."""

import json
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from index.build import build_index
from index.collection import Collection
from index.errors import FileUnreadable
from index.readers import read_file
from index.records import Excerpt, SourceFile
from index.zotero import find_zotero
from tests.fakes import HashEmbedder
from tests.printed_pages import Book, paragraph
from tests.test_reader_contract import check
from tests.test_reading_tables import told

TABLES = """
CREATE TABLE itemTypes (itemTypeID INTEGER PRIMARY KEY, typeName TEXT);
CREATE TABLE items (itemID INTEGER PRIMARY KEY, itemTypeID INT, key TEXT);
CREATE TABLE deletedItems (itemID INTEGER PRIMARY KEY);
CREATE TABLE fields (fieldID INTEGER PRIMARY KEY, fieldName TEXT);
CREATE TABLE itemDataValues (valueID INTEGER PRIMARY KEY, value);
CREATE TABLE itemData (itemID INT, fieldID INT, valueID INT);
CREATE TABLE creatorTypes (creatorTypeID INTEGER PRIMARY KEY, creatorType TEXT);
CREATE TABLE creators (creatorID INTEGER PRIMARY KEY, firstName TEXT, lastName TEXT, fieldMode INT);
CREATE TABLE itemCreators (itemID INT, creatorID INT, creatorTypeID INT, orderIndex INT);
CREATE TABLE itemAttachments (itemID INTEGER PRIMARY KEY, parentItemID INT, linkMode INT, contentType TEXT, path TEXT);
CREATE TABLE itemNotes (itemID INTEGER PRIMARY KEY, parentItemID INT, note TEXT, title TEXT);
CREATE TABLE itemAnnotations (itemID INTEGER PRIMARY KEY, parentItemID INT, type INT, text TEXT, comment TEXT, color TEXT,
    pageLabel TEXT, sortIndex TEXT, position TEXT);
CREATE TABLE collections (collectionID INTEGER PRIMARY KEY, collectionName TEXT, parentCollectionID INT);
CREATE TABLE collectionItems (collectionID INT, itemID INT);
INSERT INTO itemTypes VALUES (1, 'book'), (2, 'attachment'), (3, 'note'), (4, 'annotation');
INSERT INTO fields VALUES (1, 'title'), (2, 'date'), (3, 'publisher');
INSERT INTO creatorTypes VALUES (1, 'author');
INSERT INTO items VALUES (1, 1, 'BOOKAAAA'), (2, 2, 'FILEAAAA'), (3, 4, 'MARKAAAA'), (4, 3, 'NOTEAAAA'), (5, 1, 'BOOKBBBB');
INSERT INTO items VALUES (6, 1, 'GONEAAAA');
INSERT INTO deletedItems VALUES (6);
INSERT INTO itemDataValues VALUES (1, 'The Brine Year'), (2, '1931-00-00 1931'), (3, 'Weir Press'), (4, 'Kelp');
INSERT INTO itemData VALUES (1, 1, 1), (1, 2, 2), (1, 3, 3), (5, 1, 4), (6, 1, 4);
INSERT INTO creators VALUES (1, 'Nora', 'Vale', 0), (2, NULL, 'Institute of Salt', 1);
INSERT INTO itemCreators VALUES (1, 1, 1, 0), (1, 2, 1, 1), (5, 1, 1, 0);
INSERT INTO itemAttachments VALUES (2, 1, 0, 'application/pdf', 'storage:brine.pdf');
INSERT INTO itemAnnotations VALUES (3, 2, 1, 'Nets dry slowly.', 'So they do', '#ff0', '9', '00008', '{"pageIndex": 8}');
INSERT INTO itemNotes VALUES (4, 1, '<div><p>Mine alone.</p></div>', 'Mine');
INSERT INTO collections VALUES (1, 'Shore', NULL), (2, 'Salt', 1);
INSERT INTO collectionItems VALUES (2, 1);
"""


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "Zotero"
    stored = folder / "storage" / "FILEAAAA"
    stored.mkdir(parents=True)
    made = Book()
    for number in range(9):
        made.page(str(number + 1)).column([paragraph(number)])
    (stored / "brine.pdf").write_bytes(made.data())
    with sqlite3.connect(folder / "zotero.sqlite") as connection:
        connection.executescript(TABLES)
    connection.close()
    return folder


def indexed(tmp_path: Path, library: Path, collection: str | None = None) -> Collection:
    build_index(tmp_path / "home", find_zotero(library, collection), HashEmbedder())
    return Collection.open(tmp_path / "home")


def marked(collection: Collection) -> Excerpt:
    return next(excerpt for excerpt in collection.excerpts(collection.excerpt_ids()) if excerpt.text == "Nets dry slowly.")


def test_an_attachment_is_a_document_cited_by_its_item(tmp_path: Path, library: Path) -> None:
    collection = indexed(tmp_path, library)

    card = next(card for card in collection.documents() if card.reader == "pdf")
    assert card.cited_as
    assert (card.cited_as.origin, card.cited_as.link) == ("Zotero", "zotero://open-pdf/library/items/FILEAAAA")
    assert card.cited_as.csl == {
        "type": "book",
        "title": "The Brine Year",
        "publisher": "Weir Press",
        "author": [{"family": "Vale", "given": "Nora"}, {"literal": "Institute of Salt"}],
        "issued": {"date-parts": [[1931]]},
    }


def test_what_was_marked_is_cited_with_its_page_and_leads_back(tmp_path: Path, library: Path) -> None:
    collection = indexed(tmp_path, library)

    excerpt = marked(collection)
    assert excerpt.citation
    assert excerpt.citation.csl
    assert excerpt.citation.csl["title"] == "The Brine Year"
    assert excerpt.citation.locator
    assert excerpt.citation.locator.value == "9"
    places = [place.label for place in collection.places(excerpt.document_id) if place.start == excerpt.start]
    assert places == ["zotero://open-pdf/library/items/FILEAAAA?page=9&annotation=MARKAAAA"]


def test_a_remark_of_the_reader_is_cited_by_nobody(tmp_path: Path, library: Path) -> None:
    collection = indexed(tmp_path, library)

    own = next(excerpt for excerpt in collection.excerpts(collection.excerpt_ids()) if excerpt.text == "Mine alone.")
    assert own.citation is None
    assert not any(excerpt.text == "So they do" for excerpt in collection.excerpts(collection.excerpt_ids()))


def test_a_collection_limits_it_and_an_unknown_one_is_refused(tmp_path: Path, library: Path) -> None:
    assert len(find_zotero(library, "Shore").sources) == 2
    with pytest.raises(FileUnreadable, match="no collection 'Moor'; its collections are 'Salt', 'Shore'"):
        find_zotero(library, "Moor")


def test_running_again_reads_only_what_has_changed(tmp_path: Path, library: Path) -> None:
    indexed(tmp_path, library).close()
    with sqlite3.connect(library / "zotero.sqlite") as connection:
        connection.execute("UPDATE itemAnnotations SET text = 'Nets dry at last.'")
    connection.close()

    summary = build_index(tmp_path / "home", find_zotero(library), HashEmbedder())

    assert summary.unchanged == ("zotero/brine.pdf",)
    assert summary.replaced == ("zotero/The Brine Year (marks and notes)",)


def test_a_locked_database_is_read_from_a_copy(library: Path) -> None:
    with sqlite3.connect(library / "zotero.sqlite", isolation_level=None) as connection:
        connection.execute("BEGIN EXCLUSIVE")

        sources = find_zotero(library).sources

    connection.close()
    assert len(sources) == 2


def test_what_is_no_library_is_refused(tmp_path: Path) -> None:
    (tmp_path / "zotero.sqlite").write_bytes(b"salt" * 1000)

    with pytest.raises(FileUnreadable, match="cannot be read"):
        find_zotero(tmp_path)
    with pytest.raises(FileUnreadable, match=r"holds no zotero\.sqlite"):
        find_zotero(tmp_path / "..")
    with pytest.raises(FileUnreadable, match="is not there"):
        find_zotero(tmp_path / "nowhere")


def test_an_export_with_files_is_read_likewise(tmp_path: Path) -> None:
    (tmp_path / "brine.pdf").write_bytes(Book().page().column([paragraph(1)]).data())
    item: dict[str, Any] = {
        "itemType": "book",
        "key": "BOOKAAAA",
        "title": "The Brine Year",
        "creators": [{"creatorType": "author", "firstName": "Nora", "lastName": "Vale"}],
        "date": "1931",
        "attachments": [
            {
                "path": "brine.pdf",
                "key": "FILEAAAA",
                "annotations": [{"annotationText": "Nets dry slowly.", "annotationPageLabel": "9"}],
            }
        ],
        "notes": [{"note": "<p>Mine alone.</p>"}],
    }
    export = tmp_path / "library.json"
    export.write_text(json.dumps({"config": {"label": "BetterBibTeX JSON"}, "items": [item]}))

    assert marked(indexed(tmp_path, export)).citation
    assert [source.name for source in find_zotero(export).sources] == [
        "zotero/The Brine Year (marks and notes)",
        "zotero/brine.pdf",
    ]


ADDRESS = "http://zotero.org/users/1/items/BOOKAAAA"
ITEMS = [
    {"uris": [ADDRESS], "itemData": {"type": "book", "title": "The Brine Year", "author": [{"family": "Vale", "given": "Nora"}]}}
]
CITED = {"citationItems": [{"uris": [ADDRESS], "locator": "9"}]}
HIGHLIGHT = (
    f'<p><span class="highlight" data-annotation="{quote(json.dumps({"pageLabel": "9"}))}">“Nets dry slowly.”</span> '
    f'<span class="citation" data-citation="{quote(json.dumps(CITED))}">'
    '(<span class="citation-item">Vale, 1931, p. 9</span>)</span> Is that so?</p>'
)


def note(items: object) -> bytes:
    listed = f'data-citation-items="{quote(json.dumps(items))}"' if items else ""
    return f"<div {listed}><h1>Annotations</h1>{HIGHLIGHT}<p>Mine alone.</p></div>".encode()


def test_a_note_cites_its_highlights_by_the_items_it_carries() -> None:
    (reading,) = read_file(SourceFile("note.html", note(ITEMS)))

    check(reading)
    assert told(reading) == [("Nets dry slowly.", "Vale", "The Brine Year", "9"), ("Mine alone.", "", "", "")]
    assert reading.excerpts[1].citation is None


def test_a_note_without_its_items_cites_the_line_as_written() -> None:
    (reading,) = read_file(SourceFile("note.html", note(None)))

    citation = reading.excerpts[0].citation
    assert citation
    assert citation.raw == "(Vale, 1931, p. 9)"
    assert told(reading)[0][1:] == ("Vale", "", "9")


def test_a_report_cites_each_item_s_highlights_by_the_item() -> None:
    report = (
        '<ul class="report combine-child-items"><li class="item book"><h2>The Brine Year</h2><table>'
        "<tr><th>Author</th><td>Nora Vale</td></tr><tr><th>Date</th><td>1931</td></tr></table>"
        '<ul class="notes"><li><p><span class="highlight">“Nets dry slowly.”</span> <span class="citation">(p. 9)</span></p>'
        "<p>Mine alone.</p></li></ul></li></ul>"
    )

    (reading,) = read_file(SourceFile("Report.html", report.encode()))

    check(reading)
    assert told(reading) == [("Nets dry slowly.", "Vale", "The Brine Year", "9"), ("Mine alone.", "", "", "")]


GROUPS = """
CREATE TABLE libraries (libraryID INTEGER PRIMARY KEY, type TEXT);
CREATE TABLE groups (groupID INTEGER PRIMARY KEY, libraryID INT, name TEXT);
ALTER TABLE items ADD COLUMN libraryID INT;
INSERT INTO libraries VALUES (1, 'user'), (2, 'group'), (3, 'feed');
INSERT INTO groups VALUES (77, 2, 'Salt Friends');
UPDATE items SET libraryID = 1;
INSERT INTO items VALUES (11, 1, 'BOOKAAAA', 2), (12, 2, 'FILEGRPA', 2), (13, 4, 'MARKGRPA', 2), (14, 1, 'FEEDAAAA', 3);
INSERT INTO itemData VALUES (11, 1, 4), (14, 1, 4);
INSERT INTO itemCreators VALUES (11, 1, 1, 0);
INSERT INTO itemAttachments VALUES (12, 11, 0, 'application/pdf', 'storage:kelp.pdf');
INSERT INTO itemAnnotations VALUES (13, 12, 1, 'Kelp has no root.', '', '#ff0', '3', '00002', '{"pageIndex": 2}');
INSERT INTO itemNotes VALUES (15, 14, '<p>A feed says so.</p>', '');
INSERT INTO items VALUES (15, 3, 'NOTEFEED', 3);
"""


def test_a_group_s_items_are_read_and_lead_back_to_the_group(tmp_path: Path, library: Path) -> None:
    with sqlite3.connect(library / "zotero.sqlite") as connection:
        connection.executescript(GROUPS)
    connection.close()

    collection = indexed(tmp_path, library)

    excerpts = {excerpt.text: excerpt for excerpt in collection.excerpts(collection.excerpt_ids())}
    found = excerpts["Kelp has no root."]
    places = [place.label for place in collection.places(found.document_id) if place.start == found.start]
    assert places == ["zotero://open-pdf/groups/77/items/FILEGRPA?page=3&annotation=MARKGRPA"]
    assert "Nets dry slowly." in excerpts
    assert not any("feed" in text for text in excerpts)


def test_a_group_may_be_named_as_a_collection_is(tmp_path: Path, library: Path) -> None:
    with sqlite3.connect(library / "zotero.sqlite") as connection:
        connection.executescript(GROUPS)
    connection.close()

    collection = indexed(tmp_path, library, "Salt Friends")

    assert [excerpt.text for excerpt in collection.excerpts(collection.excerpt_ids())] == ["Kelp has no root."]


def test_an_exported_item_of_a_group_leads_back_to_the_group(tmp_path: Path) -> None:
    item = {"itemType": "book", "title": "Kelp", "itemKey": "BOOKGRPA", "uri": "http://zotero.org/groups/77/items/BOOKGRPA",
            "creators": [], "notes": ["<p>“Kelp has no root.” (p. 3)</p>"], "attachments": []}  # fmt: skip
    export = tmp_path / "export.json"
    export.write_text(json.dumps({"config": {}, "items": [item]}), "utf-8")

    (source,) = find_zotero(export).sources

    assert json.loads(source.read())["link"] == "zotero://select/groups/77/items/BOOKGRPA"
