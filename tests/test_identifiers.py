"""What documents are cited by beyond metadata: DOI and ISBN on their first pages, references that lie beside plain texts."""

from pathlib import Path

import pytest

from index.files import find_files
from index.readers import read_file
from index.readers.identifiers import identifiers_in, is_isbn
from index.records import Citation, Place, Reading, SourceFile
from tests.printed_pages import Book, paragraph

BOUND, PAPER = "978-3-16-148410-0", "0-306-40615-2"


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ("doi:10.1234/kiln.1961.7. A kiln is opened slowly.", {"DOI": "10.1234/kiln.1961.7"}),
        ("https://doi.org/10.1234/kiln(1961)7 and so on", {"DOI": "10.1234/kiln(1961)7"}),
        ("10.1234/a and also 10.1234/b", {}),
        (f"ISBN {BOUND} (bound)\nISBN-10: {PAPER}", {"ISBN": "9783161484100 0306406152"}),
        (f"Numbers such as {BOUND} mean nothing.", {}),
        ("ISBN 978-3-16-148410-1", {}),
        (f"{'A word. ' * 500} doi:10.1234/far", {}),
    ],
)
def test_a_doi_and_an_isbn_count_where_a_document_prints_its_own(head: str, found: dict[str, str]) -> None:
    assert identifiers_in(head) == found


def test_the_first_page_decides_before_the_next_ones() -> None:
    text = "doi 10.1234/own\n\nSee 10.1234/other\n\nISBN 0-306-40615-2\n\nA word."
    places = [Place("page", text.index(part), str(at)) for at, part in enumerate(("doi", "See", "ISBN", "A word"), 1)]

    assert identifiers_in(text, places) == {"DOI": "10.1234/own", "ISBN": "0306406152"}


@pytest.mark.parametrize(
    ("written", "right"), [("0-8044-2957-X", True), ("080442957x", True), ("0-8044-2957-1", False), ("12345", False)]
)
def test_a_number_is_an_isbn_by_its_check_digit(written: str, right: bool) -> None:
    assert is_isbn(written) is right


def own(reading: Reading) -> tuple[dict[str, object], str]:
    assert reading.document.cited_as
    return reading.document.cited_as.csl, reading.document.cited_as.origin


def test_a_pdf_is_cited_with_the_isbn_of_its_imprint() -> None:
    made = Book()
    made.page("1").column([paragraph(1)])
    made.page("2").column([f"ISBN {BOUND}", paragraph(2)])
    made.page("3").column([paragraph(3)])

    (reading,) = read_file(SourceFile("kilns.pdf", made.data()))

    csl, origin = own(reading)
    assert csl["ISBN"] == "9783161484100"
    assert origin.endswith("and its first pages")
    assert {excerpt.citation.csl["ISBN"] for excerpt in reading.excerpts if excerpt.citation and excerpt.citation.csl} == {
        csl["ISBN"]
    }


@pytest.mark.parametrize("name", ["kilns.txt", "kilns.md"])
def test_a_plain_text_prints_its_doi(name: str) -> None:
    (reading,) = read_file(SourceFile(name, b"A kiln is opened slowly.\n\nhttps://doi.org/10.1234/kiln\n\nWarm pots complain.\n"))

    assert own(reading)[0]["DOI"] == "10.1234/kiln"


REFERENCES = {
    "kilns.bib": "@book{sample1961, author = {Sample, Vera}, title = {Kilns}, year = 1961}",
    "kilns.ris": "TY  - BOOK\nAU  - Sample, Vera\nTI  - Kilns\nPY  - 1961\nER  - \n",
    "kilns.json": '[{"id": "a", "type": "book", "title": "Kilns", "author": [{"family": "Sample", "given": "Vera"}]}]',
}


@pytest.mark.parametrize("beside", REFERENCES)
@pytest.mark.parametrize("name", ["kilns.txt", "kilns.md"])
def test_a_reference_beside_a_plain_text_is_its_citation(tmp_path: Path, name: str, beside: str) -> None:
    (tmp_path / name).write_text("A kiln is opened slowly.\n\nWarm pots complain.\n", "utf-8")
    (tmp_path / beside).write_text(REFERENCES[beside], "utf-8")

    (source,) = find_files([tmp_path]).sources
    (reading,) = read_file(source.load())

    assert own(reading)[0]["author"] == [{"family": "Sample", "given": "Vera"}]
    assert own(reading)[1] == f"{beside} beside it"
    assert [citation.raw for citation in citations(reading)][:1] == [
        "Sample, Vera. Kilns. 1961." if "json" not in beside else "Sample, Vera. Kilns."
    ]


def citations(reading: Reading) -> list[Citation]:
    return [excerpt.citation for excerpt in reading.excerpts if excerpt.citation]


def test_a_reference_whose_key_a_note_uses_is_not_the_note_s_own(tmp_path: Path) -> None:
    (tmp_path / "kilns.md").write_text("I doubt this [@sample1961, p. 4].\n", "utf-8")
    (tmp_path / "kilns.bib").write_text(REFERENCES["kilns.bib"], "utf-8")

    (source,) = find_files([tmp_path]).sources
    (reading,) = read_file(source.load())

    assert not any("author" in (citation.csl or {}) for citation in citations(reading))


def test_pages_alone_are_those_of_the_work_that_lies_beside(tmp_path: Path) -> None:
    (tmp_path / "kilns.txt").write_text(
        "“A kiln is opened slowly.” (p. 4)\n\n“Warm pots complain.” (p. 9)\n\n“Ash turns green.” (p. 12)\n", "utf-8"
    )
    (tmp_path / "kilns.bib").write_text(REFERENCES["kilns.bib"], "utf-8")

    (source,) = find_files([tmp_path]).sources
    (reading,) = read_file(source.load())

    cited = [
        (citation.csl["title"], citation.locator.value) for citation in citations(reading) if citation.csl and citation.locator
    ]
    assert cited == [("Kilns", "4"), ("Kilns", "9"), ("Kilns", "12")]
