"""BibTeX, RIS and CSL-JSON, read back by libraries that did not write them."""

import json
import re

import pytest
import rispy  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st
from pybtex.database import parse_string  # type: ignore[import-untyped]

from index.citations.csl import clean
from index.citations.exports import FORMATS, export_items, with_locator
from index.errors import CitationInvalid
from index.records import CslItem, Locator

BOOK: CslItem = {
    "type": "book",
    "author": [{"family": "Ames", "given": "Ruth B."}, {"family": "Gogh", "given": "Jan", "non-dropping-particle": "van"}],
    "editor": [{"literal": "Institute of Notes, Boston and York"}],
    "title": "100% {Sure} & $5 #1: a_b ~ c^d \\e",
    "publisher": "Ames & Sons",
    "publisher-place": "Boston",
    "volume": "2",
    "edition": "3",
    "issued": {"date-parts": [[1956]]},
    "URL": "https://example.org/a_b%20{c}",
}
ARTICLE: CslItem = {
    "type": "article-journal",
    "author": [{"family": "King", "given": "Martin", "suffix": "Jr."}, {"family": "Salter"}],
    "title": "On Footnotes",
    "container-title": "Review of Finding",
    "volume": 104,
    "issue": 4,
    "page": "439–58",
    "issued": {"date-parts": [[1935, 8, 7]]},
    "DOI": "10.1000/x_1",
}


def plain(latex: str) -> str:
    """What a BibTeX value says, without LaTeX and without braces."""
    spelled = latex.replace(r"\textbraceleft{}", "\ue000").replace(r"\textbraceright{}", "\ue001")
    spelled = (
        spelled.replace(r"\textasciicircum{}", "^").replace(r"\textasciitilde{}", "\ue002").replace(r"\textbackslash{}", "\ue003")
    )
    text = re.sub(r"\\([$&#%_])", r"\1", spelled).replace("{", "").replace("}", "")
    return text.translate({0xE000: "{", 0xE001: "}", 0xE002: "~", 0xE003: "\\"})


def test_a_book_in_bibtex_reads_back_field_by_field() -> None:
    ((key, entry),) = parse_string(export_items([BOOK], "bibtex"), "bibtex").entries.items()

    assert key == "ames1956100"
    assert entry.type == "book"
    assert plain(entry.fields["title"]) == BOOK["title"]
    assert plain(entry.fields["publisher"]) == "Ames & Sons"
    assert (entry.fields["address"], entry.fields["volume"], entry.fields["edition"]) == ("Boston", "2", "3")
    assert entry.fields["year"] == "1956"
    assert entry.fields["url"] == "https://example.org/a_b%20%7Bc%7D"


def test_an_article_in_bibtex_reads_back_field_by_field() -> None:
    ((key, entry),) = parse_string(export_items([ARTICLE], "bibtex"), "bibtex").entries.items()

    assert key == "king1935footnotes"
    assert entry.type == "article"
    assert entry.fields["journal"] == "Review of Finding"
    assert (entry.fields["number"], entry.fields["pages"]) == ("4", "439--58")
    assert (entry.fields["year"], entry.fields["month"], entry.fields["day"]) == ("1935", "August", "7")
    assert entry.fields["doi"] == "10.1000/x_1"


def test_names_in_bibtex_divide_where_csl_divides_them() -> None:
    names = [
        {"family": "Gogh", "given": "Jan", "non-dropping-particle": "van"},
        {"family": "Gaulle", "given": "Charles", "non-dropping-particle": "De"},
        {"family": "de Beauvoir", "given": "Simone"},
        {"family": "García Márquez", "given": "Gabriel José"},
        {"family": "King", "given": "Martin Luther", "suffix": "Jr."},
        {"family": "Salter"},
        {"family": "others"},
        {"literal": "Institute of Notes, Boston and York"},
    ]
    entry = parse_string(export_items([{"title": "T", "author": names}], "bibtex"), "bibtex").entries["goght"]

    divided = [
        [
            plain(" ".join(part))
            for part in (one.first_names + one.middle_names, one.prelast_names, one.last_names, one.lineage_names)
        ]
        for one in entry.persons["author"]
    ]

    assert divided == [
        ["Jan", "van", "Gogh", ""],
        ["Charles", "", "De Gaulle", ""],
        ["Simone", "", "de Beauvoir", ""],
        ["Gabriel José", "", "García Márquez", ""],
        ["Martin Luther", "", "King", "Jr."],
        ["", "", "Salter", ""],
        ["", "", "others", ""],
        ["", "", "Institute of Notes, Boston and York", ""],
    ]


def test_a_title_in_bibtex_keeps_its_capitals() -> None:
    assert "  title = {{On Footnotes}},\n" in export_items([ARTICLE], "bibtex")


def test_a_book_and_an_article_in_ris_read_back_field_by_field() -> None:
    book, article = rispy.loads(export_items([BOOK, ARTICLE], "ris"))

    assert book["type_of_reference"] == "BOOK"
    assert book["authors"] == ["Ames, Ruth B.", "van Gogh, Jan"]
    assert book["secondary_authors"] == ["Institute of Notes, Boston and York"]
    assert (book["title"], book["year"], book["publisher"]) == (BOOK["title"], "1956", "Ames & Sons")
    assert (book["place_published"], book["volume"], book["edition"]) == ("Boston", "2", "3")
    assert book["urls"] == ["https://example.org/a_b%20{c}"]
    assert article["type_of_reference"] == "JOUR"
    assert article["authors"] == ["King, Martin, Jr.", "Salter"]
    assert (article["start_page"], article["end_page"], article["number"]) == ("439", "58", "4")
    assert (article["year"], article["date"], article["doi"]) == ("1935", "1935/08/07/", "10.1000/x_1")


def test_cite_keys_do_not_depend_on_the_list_and_are_shared_by_equal_items_only() -> None:
    one, other = (
        {"type": "book", "title": title, "author": [{"family": "Ames"}], "issued": 1956} for title in ("The Era", "An Era Past")
    )

    keys = list(parse_string(export_items([one, other, BOOK, one], "bibtex"), "bibtex").entries)
    turned = list(parse_string(export_items([BOOK, other, one], "bibtex"), "bibtex").entries)

    assert len(keys) == 3
    assert sorted(keys) == sorted(turned)
    assert keys[0] != keys[1]
    assert all(re.fullmatch(r"ames1956era-[0-9a-f]{4}", key) for key in keys[:2])


@pytest.mark.parametrize(
    ("csl", "key"), [({"title": "Война и мир"}, "work"), ({"title": "Ärger", "author": [{"family": "Çelik"}]}, "celikarger")]
)
def test_a_cite_key_is_plain_ascii(csl: CslItem, key: str) -> None:
    assert list(parse_string(export_items([csl], "bibtex"), "bibtex").entries) == [key]


def test_csl_json_keeps_the_ids_it_is_given_and_makes_those_it_is_not() -> None:
    written = json.loads(
        export_items([BOOK | {"id": "mine"}, ARTICLE, ARTICLE | {"id": "two"}, BOOK | {"id": "two", "volume": 9}], "csl-json")
    )

    ids = [csl["id"] for csl in written]

    assert ids[:2] == ["mine", "king1935footnotes"]
    assert "two" not in ids


def test_the_place_of_a_passage_and_its_document_go_into_the_note() -> None:
    passage = with_locator(ARTICLE | {"note": "Mine"}, Locator("page", "440-41", note="online 3"), quoted_in="A Reader.")

    (read,) = rispy.loads(export_items([passage], "ris"))

    assert passage["note"] == "Mine; Cited: page 440-41 [online 3]; Quoted in: A Reader."
    assert read["notes"] == [passage["note"]]
    assert (read["start_page"], read["end_page"]) == ("439", "58")
    assert with_locator(ARTICLE, None) == ARTICLE


@pytest.mark.parametrize(
    "issued", [{"literal": "no later than spring"}, {"date-parts": [[1950], [1953]]}, {"date-parts": [[1950]], "circa": True}]
)
def test_dates_that_are_no_plain_year_survive_in_words(issued: CslItem) -> None:
    csl = {"title": "T", "issued": issued}
    said = issued.get("literal") or ("ca. 1950" if "circa" in issued else "1950--1953")

    (entry,) = parse_string(export_items([csl], "bibtex"), "bibtex").entries.values()

    assert entry.fields["year"] == said
    assert rispy.loads(export_items([csl], "ris"))[0]["date"] == said.replace("--", "–")


def test_no_items_make_an_empty_export() -> None:
    written = {name: export_items([], name) for name in FORMATS}

    assert "bib:" not in written.pop("zotero-rdf").partition("<rdf:RDF")[2].partition(">")[2]
    assert written == {"csl-json": "[]\n", "bibtex": "", "ris": ""}


def test_an_unknown_format_is_refused_with_those_there_are() -> None:
    with pytest.raises(CitationInvalid, match=r"format 'endnote' is unknown; the formats are csl-json, bibtex, ris"):
        export_items([BOOK], "endnote")


titles = st.text(max_size=40).filter(lambda text: clean(text) not in ("", '"'))


@settings(deadline=None, max_examples=200)
@given(title=titles, family=titles)
def test_any_title_and_name_survive_bibtex(title: str, family: str) -> None:
    csl = {"type": "book", "title": title, "author": [{"literal": family}]}

    (entry,) = parse_string(export_items([csl], "bibtex"), "bibtex").entries.values()

    assert plain(entry.fields["title"]) == clean(title)
    assert [plain(" ".join(one.last_names)) for one in entry.persons["author"]] == [clean(family)]


@settings(deadline=None, max_examples=200)
@given(title=titles)
def test_any_title_survives_ris(title: str) -> None:
    (entry,) = rispy.loads(export_items([{"type": "book", "title": title}], "ris"))

    assert entry["title"] == clean(title)
