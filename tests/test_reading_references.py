"""Files of references: what their notes quote, what is only a remark, and entries that cannot be read."""

import pytest

from index.citations.exports import export_items
from index.citations.imports import parse_references
from index.citations.latex import plain_of
from index.errors import FileUnreadable
from index.readers import read_file
from index.records import CslItem, Reading, SourceFile
from tests.test_reader_contract import check
from tests.test_reading_tables import told


def read(text: str, name: str = "works.bib") -> Reading:
    (reading,) = read_file(SourceFile(name, text.encode()))
    check(reading)
    return reading


BRINE = "@book{vale, author={Vale, Nora}, title={The {B}rine Year}, year=1931, %s}\n"


def test_a_note_with_a_page_before_it_is_a_quotation() -> None:
    reading = read(BRINE % "annote={p. 9: Nets dry.}")

    assert told(reading) == [("Nets dry.", "Vale", "The Brine Year", "9")]


def test_a_remark_is_nobody_s_quotation() -> None:
    reading = read(BRINE % "annote={A dull book, but see chapter two (p. 9).}")

    (excerpt,) = reading.excerpts
    assert excerpt.citation is None
    assert excerpt.headings[0].startswith("Vale, Nora. The Brine Year.")


def test_each_paragraph_of_a_note_is_judged_by_itself() -> None:
    reading = read(BRINE % "annote={``Nets dry.'' (p. 9)\n\nI doubt that.\n\npp. 11--12: Salt keeps.}")

    assert [(excerpt.text, bool(excerpt.citation)) for excerpt in reading.excerpts] == [
        ("Nets dry.", True),
        ("I doubt that.", False),
        ("Salt keeps.", True),
    ]


def test_an_abstract_is_cited_as_the_work() -> None:
    assert told(read(BRINE % "abstract={We dry nets.}")) == [("We dry nets.", "Vale", "The Brine Year", "")]


def test_a_bad_entry_is_left_out_and_named_and_the_next_is_read() -> None:
    reading = read("@book{open, title={Never closed\n" + BRINE % "annote={p. 9: Nets dry.}" + "@book{, title={No key}}\n")

    assert [row[0] for row in told(reading)] == ["Nets dry."]
    assert reading.warnings == (
        "'works.bib', line 1: a value is not closed; it is left out",
        "'works.bib', line 3: an entry has no key before its fields; it is left out",
    )


def test_references_without_notes_are_refused_with_their_use() -> None:
    with pytest.raises(
        FileUnreadable, match=r"references \(1\) and nothing quoted from them.*beside a document of the same name"
    ):
        read(BRINE % "publisher={Weir}")


def test_ris_is_read_likewise() -> None:
    reading = read(
        "TY  - BOOK\r\nAU  - Vale, Nora\r\nTI  - The Brine Year\r\nPY  - 1931//\r\n"
        "N1  - p. 9: Nets dry.\r\nER  - \r\nTY  - JOUR\r\n",
        "works.ris",
    )

    assert told(reading) == [("Nets dry.", "Vale", "The Brine Year", "9")]
    assert reading.warnings == ("'works.ris', line 7: a record does not end; it is left out",)


ITEM: CslItem = {
    "type": "article-journal",
    "title": "On Nets & Salt",
    "author": [{"family": "Vále", "given": "Nora J."}, {"literal": "Institute of Salt"}],
    "container-title": "Shore Studies",
    "volume": "3",
    "issue": "2",
    "page": "11–19",
    "issued": {"date-parts": [[1931]]},
    "DOI": "10.1000/nets",
}


@pytest.mark.parametrize(("form", "name"), [("bibtex", "a.bib"), ("ris", "a.ris"), ("csl-json", "a.json")])
def test_what_is_exported_is_imported_as_the_same_item(form: str, name: str) -> None:
    (entry,) = parse_references(export_items([ITEM], form), name).entries

    kept = {field: entry.csl.get(field) for field in ITEM}
    people = [{part: name[part] for part in ("family", "given", "literal") if name.get(part)} for name in entry.csl["author"]]
    assert kept | {"author": people, "page": str(kept["page"]).replace("--", "–").replace("-", "–")} == ITEM


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        (r"M{\"u}ller", "Müller"),
        (r"\'{E}t\'e", "Été"),
        (r"\c{c}a va", "ça va"),
        (r"{\o}re, \ss, \AA", "øre, ß, Å"),
        (r"A \& B, 5\%", "A & B, 5%"),
        (r"``quoted'' --- 3--4", "“quoted” — 3–4"),
        (r"\emph{Brine} {DNA}", "Brine DNA"),
        (r"\unknown{kept}", r"\unknownkept"),
    ],
)
def test_latex_becomes_what_it_prints(latex: str, plain: str) -> None:
    assert plain_of(latex) == plain
