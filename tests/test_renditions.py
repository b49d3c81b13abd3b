"""Renditions: the text as read beside the bytes, made again by `ibid verify`; older catalogs; references beside a file."""

import re
import sqlite3
from pathlib import Path
from typing import Self

import pytest

from index.build import build_index
from index.catalog import SCHEMA
from index.collection import Collection
from index.errors import FileUnreadable, RecordInvalid
from index.files import Source, find_files, read_whole
from index.readers import readings, renditions
from index.readers.renditions import Rendering
from index.records import DocumentCitation, SourceFile
from index.verify import verify
from tests.fakes import HashEmbedder
from tests.printed_pages import Book, paragraph
from tests.shelf import index_text
from tests.test_damage import as_before_sums

OWN = DocumentCitation({"type": "book", "title": "Brine"}, "its metadata")
TABLE = b"quote,author,title\nNets dry slowly.,Nora Vale,Brine\n"


def rendering() -> Rendering:
    return Rendering(SourceFile("brine.pdf", b"salt"))


def test_paragraphs_become_excerpts_with_the_pages_they_stand_on() -> None:
    made = rendering()
    for number in range(1, 5):
        made.place("page", str(number), number)
        made.paragraph("salt " * 120)

    reading = made.reading(reader="pdf", title="Brine", cited_as=OWN)

    locators = [excerpt.citation.locator for excerpt in reading.excerpts if excerpt.citation]
    assert [(where.value, where.pages) for where in locators if where] == [("1-2", ((1, 2),)), ("3-4", ((3, 4),))]


def test_a_page_that_prints_no_number_gives_no_locator() -> None:
    made = rendering()
    made.place("page", "", 1)
    made.paragraph("Nets dry slowly.")

    (excerpt,) = made.reading(reader="pdf", title="Brine", cited_as=OWN).excerpts

    assert excerpt.citation
    assert excerpt.citation.locator is None


def test_furniture_within_a_paragraph_stands_behind_its_excerpt() -> None:
    made = rendering()
    made.paragraph("Nets dry")
    made.beside("12")
    made.paragraph("slowly.", continues=True)

    reading = made.reading(reader="pdf", title="Brine", cited_as=OWN)

    assert reading.document.text == "Nets dry\nslowly.\n\n12"
    assert [excerpt.text for excerpt in reading.excerpts] == ["Nets dry\nslowly."]


def test_headings_hold_until_one_of_their_level() -> None:
    made = rendering()
    for words, level in (("Shore", 1), ("Nets", 2), ("Boats", 2), ("Salt", 1)):
        made.heading(words, level)
        made.passage(f"On {words}.")

    headings = [excerpt.headings for excerpt in made.reading(reader="html", title="Brine").excerpts]

    assert headings == [("Shore",), ("Shore", "Nets"), ("Shore", "Boats"), ("Salt",)]


def test_more_text_than_any_document_has_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renditions, "LONGEST", 100)
    made = rendering()
    made.paragraph("salt " * 10)

    with pytest.raises(FileUnreadable, match="more than 100 characters of text"):
        made.paragraph("salt " * 20)


def test_a_rendition_that_overlaps_itself_is_refused() -> None:
    made = rendering()
    made.paragraph("Nets dry slowly.")
    reading = made.reading(reader="pdf", title="Brine", cited_as=OWN)

    with pytest.raises(RecordInvalid):
        readings.reading_of(reading.document, [readings.Passage(0, 4), readings.Passage(2, 16)], [])


@pytest.fixture
def home(tmp_path: Path) -> Path:
    book = Book("Brine", "Nora Vale").page().column([paragraph(1)]).data()
    build_index(tmp_path / "home", [SourceFile("brine.pdf", book), SourceFile("kept.csv", TABLE)], HashEmbedder())
    return tmp_path / "home"


def test_what_was_read_is_read_again_and_found_the_same(home: Path) -> None:
    assert verify(home).findings == ()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            'UPDATE documents SET rendition = replace(rendition, \'"sha256":"\', \'"sha256":"0\')',
            "not the rendition that was indexed",
        ),
        (
            "UPDATE files SET data = (SELECT data FROM files WHERE name = 'kept.csv')",
            "no longer give this text, which was made by pypdfium2",
        ),
    ],
)
def test_a_rendition_that_its_bytes_do_not_give_is_found(home: Path, change: str, found: str) -> None:
    with sqlite3.connect(home / "catalog.sqlite3") as connection:
        connection.execute(change)
    connection.close()

    assert any(found in finding.found for finding in verify(home).findings)


def test_a_word_broken_at_the_end_of_a_line_is_found_in_one_piece(tmp_path: Path) -> None:
    made = Book().page().lines(["Everybody at the weir was an account-", "ant of some kind or other."]).data()
    build_index(tmp_path, [SourceFile("weir.pdf", made)], HashEmbedder())

    collection = Collection.open(tmp_path)

    assert len(collection.phrases.holding(["an accountant of some kind"])) == 1
    assert (
        collection.excerpts(collection.excerpt_ids())[0].text
        == "Everybody at the weir was an account-\nant of some kind or other."
    )
    assert verify(tmp_path).findings == ()


def test_places_and_bytes_are_kept(home: Path) -> None:
    collection = Collection.open(home)
    card = next(card for card in collection.documents() if card.reader == "pdf")

    assert collection.file_bytes(card.id).startswith(b"%PDF-")
    assert [(place.kind, place.number) for place in collection.places(card.id)] == [("page", 1)]


def test_a_catalog_that_knew_no_renditions_is_brought_to_this_layout(tmp_path: Path) -> None:
    index_text(tmp_path)
    as_before_sums(tmp_path)
    table = re.search(r"CREATE TABLE documents \(.*?\n\);", SCHEMA, re.DOTALL)
    assert table
    older = re.sub(r"(?s),(\s*-- characters by kind.*?\n).*\);", r"\1);", table[0])
    with sqlite3.connect(tmp_path / "catalog.sqlite3") as connection:
        connection.execute("PRAGMA legacy_alter_table = ON")
        connection.execute(older.replace("TABLE documents", "TABLE older"))
        columns = ", ".join(row[1] for row in connection.execute("PRAGMA table_info(older)"))
        connection.execute(f"INSERT INTO older SELECT {columns} FROM documents")
        connection.execute("DROP TABLE documents")
        connection.execute("ALTER TABLE older RENAME TO documents")
    connection.close()

    collection = Collection.open(tmp_path)
    (card,) = collection.documents()

    assert (card.rendition, card.cited_as, collection.places(card.id)) == (None, None, ())
    assert verify(tmp_path).findings == ()


def test_a_reference_beside_a_document_is_its_citation_and_no_document(tmp_path: Path) -> None:
    (tmp_path / "brine.pdf").write_bytes(Book().page().column([paragraph(1)]).data())
    (tmp_path / "brine.bib").write_text("@book{v, author={Vale, Nora}, title={The Brine Year}}")

    scope = find_files([tmp_path])

    (source,) = scope.sources
    assert list(source.load().told.beside) == ["brine.bib"]


def test_a_document_is_read_again_when_the_reference_beside_it_changes(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "brine.pdf").write_bytes(Book().page().column([paragraph(1)]).data())
    (folder / "brine.bib").write_text("@book{v, author={Vale, Nora}, title={The Brine Year}}")
    build_index(tmp_path / "home", find_files([folder]), HashEmbedder())
    again = build_index(tmp_path / "home", find_files([folder]), HashEmbedder())
    (folder / "brine.bib").write_text("@book{v, author={Vale, Nora}, title={The Salt Year}}")

    changed = build_index(tmp_path / "home", find_files([folder]), HashEmbedder())

    assert again.unchanged == ("files/brine.pdf",)
    assert changed.replaced == ("files/brine.pdf",)
    (card,) = Collection.open(tmp_path / "home").documents()
    assert card.cited_as
    assert card.cited_as.csl["title"] == "The Salt Year"


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "log.txt"
    file.write_bytes(b"salt\n" * 100)
    opened = Path.open
    monkeypatch.setattr(Path, "open", lambda path, *how: Growing(opened, path, *how))

    with pytest.raises(FileUnreadable, match="changes while it is read"):
        read_whole(file)


class Growing:
    """An opened file to which another process appends as soon as it is looked at."""

    def __init__(self, opened: object, path: Path, *how: str) -> None:
        self._handle = opened(path, *how)  # type: ignore[operator]
        self._writer = opened(path, "ab")  # type: ignore[operator]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._handle.close()
        self._writer.close()

    def fileno(self) -> int:
        return int(self._handle.fileno())

    def read(self, size: int) -> bytes:
        self._writer.write(b"more\n")
        self._writer.flush()
        return bytes(self._handle.read(size))


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe.txt")
    handle = os.open(tmp_path / "pipe.txt", os.O_RDWR)

    with pytest.raises(FileUnreadable, match="is no regular file"):
        Source("pipe.txt", "file:///pipe.txt", lambda: read_whole(tmp_path / "pipe.txt")).load()
    os.close(handle)


def test_a_bad_line_is_told_when_indexing(tmp_path: Path) -> None:
    summary = build_index(tmp_path, [SourceFile("kept.csv", TABLE + b"short\n")], HashEmbedder())

    assert summary.warnings == ("line 3 of 'kept.csv' is left out: it has 1 cells where the header has 3",)
