"""Word processors' files, e-books and markup, read through pandoc: words, headings, notes, tables, metadata, and bombs."""

import io
import subprocess
import zipfile

import pytest

from index.errors import FileUnreadable
from index.readers import read_file
from index.readers.pandoc import program
from index.records import Reading, SourceFile
from tests.test_reader_contract import check

ESSAY = """---
title: The Weir Accounts
author: [Nora Vale, Ivo Lund]
date: 1931-05-04
---
# Salt

The boats came up[^1] before noon.

> Nobody forgets what salt does.
>
> — Ada Moor, *Brine and Bread*, p. 9

- rope
- fish

## Owed

| load | paid |
|------|------|
| salt | rope |

The clerk drew ships.[^2]

[^1]: See *Shore Studies* 3.
[^2]: On a slate.
"""
WANTED = [
    ("The boats came up before noon.", ("Salt",)),
    ("See Shore Studies 3.", ("Salt", "Note 1")),
    ("Nobody forgets what salt does.", ("Salt",)),
    ("• rope\n\n• fish", ("Salt",)),
    ("load\tpaid\nsalt\trope\n\nThe clerk drew ships.", ("Salt", "Owed")),
    ("On a slate.", ("Salt", "Owed", "Note 2")),
]


def made(form: str, essay: str = ESSAY) -> bytes:
    """The essay in this format."""
    command = [program(), "-f", "markdown", "-t", form, "-s", "-o", "-"]
    return subprocess.run(command, input=essay.encode(), capture_output=True, check=True).stdout


def read(data: bytes, name: str) -> Reading:
    (reading,) = read_file(SourceFile(name, data))
    check(reading)
    return reading


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("docx", "a.docx"),
        ("epub", "a.epub"),
        ("latex", "a.tex"),
        ("mediawiki", "a.wiki"),
        ("jats", "a.xml"),
        ("docbook5", "a.xml"),
    ],
)
def test_words_headings_notes_and_tables_come_in_their_order(form: str, name: str) -> None:
    reading = read(made(form), name)

    found = [(excerpt.text, excerpt.headings) for excerpt in reading.excerpts]
    assert found == WANTED or (form == "latex" and [each[0] for each in found][:4] == [each[0] for each in WANTED][:4])


@pytest.mark.parametrize(("form", "name"), [("docx", "a.docx"), ("odt", "a.odt"), ("epub", "a.epub"), ("fb2", "a.fb2")])
def test_title_and_authors_cite_the_document(form: str, name: str) -> None:
    own = read(made(form), name).document.cited_as

    assert own
    assert own.origin == "its metadata"
    assert own.csl["title"] == "The Weir Accounts"
    assert [person["family"] for person in own.csl["author"]] == ["Vale", "Lund"]


@pytest.mark.parametrize(("tag", "language"), [("C", None), ("de-AT", "de-AT")])
def test_the_language_of_a_book_is_a_language(tag: str, language: str | None) -> None:
    own = read(made("epub", f"---\ntitle: Salt\nlang: {tag}\n---\nNets dry slowly.\n"), "a.epub").document.cited_as

    assert own
    assert own.csl.get("language") == language


def test_a_quotation_that_its_last_line_attributes_is_cited_by_it() -> None:
    excerpt = next(each for each in read(made("docx"), "a.docx").excerpts if each.text.startswith("Nobody"))

    assert excerpt.citation
    assert excerpt.citation.csl
    assert excerpt.citation.csl["author"] == [{"family": "Moor", "given": "Ada"}]
    assert excerpt.citation.locator
    assert excerpt.citation.locator.value == "9"


def test_a_note_is_tied_to_the_place_that_refers_to_it() -> None:
    document = read(made("docx"), "a.docx").document

    places = [place for place in document.places if place.label == "Note 1"]
    assert document.text[: places[0].start].endswith("came up")
    assert document.text[places[1].start :].startswith("See Shore Studies")


def test_pages_of_an_e_book_are_locators() -> None:
    essay = "# Salt\n\nThe boats [\u200b]{epub:type=pagebreak title=12}came up.\n\nThe clerk drew ships.\n"
    data = made("epub", essay)

    locators = [excerpt.citation.locator for excerpt in read(data, "a.epub").excerpts if excerpt.citation]

    assert [place.label for place in read(data, "a.epub").document.places if place.kind == "page"] == ["12"]
    assert all(where is None or where.value == "12" for where in locators)


def test_a_rendition_tells_what_made_it_and_is_made_again_the_same() -> None:
    data = made("docx")

    first, again = read(data, "a.docx").document.rendition, read(data, "a.docx").document.rendition

    assert first == again
    assert first
    assert set(first.tools) == {"pandoc", "format"}


def archive(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as written:
        for name, data in members.items():
            written.writestr(name, data)
    return packed.getvalue()


def test_an_archive_that_unpacks_to_very_much_is_refused_unopened() -> None:
    bomb = archive({"word/document.xml": b"\0" * (600 << 20)})

    with pytest.raises(FileUnreadable, match="unpacks to 600 MB"):
        read(bomb, "a.docx")


def test_a_damaged_archive_and_one_of_another_kind_are_refused() -> None:
    with pytest.raises(FileUnreadable):
        read(made("docx")[:2000], "a.docx")
    with pytest.raises(FileUnreadable, match="ZIP archive"):
        read(archive({"notes.txt": b"salt"}), "a.zip")
    with pytest.raises(FileUnreadable, match=r"'a\.docx'"):
        read(archive({"word/document.xml": b"<w:document>"}), "a.docx")


def test_latex_reads_no_other_file() -> None:
    reading = read(b"\\documentclass{article}\\begin{document}Salt. \\input{/etc/hostname} Nets.\\end{document}", "a.tex")

    assert reading.excerpts[0].text.split() == ["Salt.", "Nets."]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.html", b"<p>" + b"salt " * 2_000_000),
        ("a.txt", b"salt " * 2_000_000),
        ("a.md", b"salt " * 2_000_000),
        ("a.org", b"* Salt\n" + b"salt " * 2_000_000 + b"\n#+begin_quote\nNets.\n-- Nora Vale, /Brine/\n#+end_quote\n"),
        ("a.xml", b"<TEI><text><p>" + b"salt " * 2_000_000 + b"</p></text></TEI>"),
    ],
)
def test_a_line_of_ten_megabytes_is_read_in_pieces(name: str, data: bytes) -> None:
    (reading,) = read_file(SourceFile(name, data))

    assert all(reading.document.text[each.start : each.end] == each.text for each in reading.excerpts)
    assert max(len(excerpt.text) for excerpt in reading.excerpts) <= 2_500
    assert sum(excerpt.text.count("salt") for excerpt in reading.excerpts) == 2_000_000


@pytest.mark.parametrize(("name", "data"), [("a.csv", b"quote\n" + b"salt " * 2_000_000), ("a.csv", b"salt," * 2_000_000)])
def test_a_cell_or_a_header_of_ten_megabytes_is_refused(name: str, data: bytes) -> None:
    with pytest.raises(FileUnreadable, match=r"'a\.csv'"):
        read(data, name)
