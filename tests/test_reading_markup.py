"""Markup that says whose words are whose: HTML, TEI, Org and MediaWiki; and what it leaves open stays open."""

import pytest

from index.errors import FileUnreadable
from index.readers import read_file
from index.records import Reading, SourceFile
from tests.test_reader_contract import check
from tests.test_reading_tables import told


def read(text: str, name: str = "page.html") -> Reading:
    (reading,) = read_file(SourceFile(name, text.encode()))
    check(reading)
    return reading


def cited(reading: Reading) -> list[tuple[str, str, str, str]]:
    """The rows of excerpts that do not cite the document itself."""
    own = reading.document.cited_as
    rows = told(reading)
    return [
        row
        for row, excerpt in zip(rows, reading.excerpts, strict=True)
        if excerpt.citation and not (own and excerpt.citation.csl == own.csl)
    ]


NETS = ("Nets dry slowly.", "Vale", "Brine and Bread", "9")
CITE = "Nora Vale, <i>Brine and Bread</i>, p. 9"


@pytest.mark.parametrize(
    "html",
    [
        f"<blockquote><p>Nets dry slowly.</p><cite>{CITE}</cite></blockquote>",
        f"<blockquote><p>Nets dry slowly.</p><footer>— <cite>{CITE}</cite></footer></blockquote>",
        f"<blockquote>Nets dry slowly.<br><cite>{CITE}</cite></blockquote>",
        f"<blockquote><p>Nets dry slowly.</p><p>— {CITE}</p></blockquote>",
        f"<blockquote>Nets dry slowly.</blockquote><p>— {CITE}</p>",
        f'<blockquote>Nets dry slowly.</blockquote><p class="attribution">{CITE}</p>',
        f"<figure><blockquote>Nets dry slowly.</blockquote><figcaption>{CITE}</figcaption></figure>",
    ],
)
def test_a_quotation_takes_the_citation_that_the_markup_ties_to_it(html: str) -> None:
    reading = read(f"<html><body><h1>Kept</h1><p>By me.</p>{html}<p>More of mine.</p></body></html>")

    assert cited(reading) == [NETS]
    assert [excerpt.text for excerpt in reading.excerpts] == ["By me.", "Nets dry slowly.", "More of mine."]


def test_lines_above_their_quotations_cite_what_is_below_them() -> None:
    reading = read(
        f"<p><cite>{CITE}</cite></p><blockquote>Nets dry slowly.</blockquote>"
        "<p><cite>Ivo Lund, <i>Kelp</i>, p. 2</cite></p><blockquote>Weeds rise.</blockquote>"
    )

    assert cited(reading) == [NETS, ("Weeds rise.", "Lund", "Kelp", "2")]


def test_lines_that_fit_on_both_sides_cite_nothing() -> None:
    reading = read(
        f"<p><cite>{CITE}</cite></p><blockquote>Nets dry slowly.</blockquote><p><cite>Ivo Lund, <i>Kelp</i>, p. 2</cite></p>"
    )

    assert cited(reading) == []


def test_a_quotation_tied_to_nothing_stands_apart_in_the_page_and_cites_it() -> None:
    reading = read("<title>Essay</title><p>He said:</p><blockquote>Nets dry slowly.</blockquote><p>And left.</p>")

    assert [excerpt.text for excerpt in reading.excerpts] == ["He said:", "Nets dry slowly.", "And left."]
    assert {excerpt.citation.raw for excerpt in reading.excerpts if excerpt.citation} == {"Essay."}


def test_what_stands_around_the_main_text_is_left_out() -> None:
    body = "The tide came in. " * 20
    reading = read(
        f"<body><nav>Home</nav><header>Site</header><main><p>{body}</p></main><aside>Ads</aside><footer>Imprint</footer></body>"
    )

    assert reading.document.text == body.strip()


def test_numbers_of_notes_are_no_words_and_the_notes_stand_behind() -> None:
    reading = read(
        '<p>Nets dry<sup><a href="#fn1">1</a></sup> slowly.</p><p>So it was.</p>'
        '<ol><li id="fn1">See Lund. <a href="#ref1" role="doc-backlink">↩</a></li></ol>'
    )

    assert [excerpt.text for excerpt in reading.excerpts] == ["Nets dry slowly.\n\nSo it was.", "See Lund."]
    assert reading.excerpts[1].headings == ("Note 1",)
    anchors = [place for place in reading.document.places if place.label == "Note 1"]
    assert [reading.document.text[place.start :][:7] for place in anchors] == [" slowly", "See Lun"]


def test_a_saved_page_keeps_its_address_date_and_author() -> None:
    reading = read(
        "<!-- saved from url=(0028)https://example.org/on-salt --><head><title>On Salt | Shore</title>"
        '<meta name="citation_title" content="On Salt"><meta name="citation_author" content="Vale, Nora">'
        '<meta name="citation_publication_date" content="1999/04/02"></head><p>Salt keeps.</p>'
    )

    own = reading.document.cited_as
    assert own
    assert own.origin == "its metadata"
    assert own.csl == {
        "type": "webpage",
        "title": "On Salt",
        "author": [{"family": "Vale", "given": "Nora"}],
        "issued": {"date-parts": [[1999, 4, 2]]},
        "URL": "https://example.org/on-salt",
    }


def test_linked_data_tell_author_and_date_where_nothing_else_does() -> None:
    reading = read(
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "On Salt", "author": {"name": "Nora Vale"}, '
        '"datePublished": "1999-04-02"}</script><p>Salt keeps.</p>'
    )

    own = reading.document.cited_as
    assert own
    assert own.csl["author"] == [{"family": "Vale", "given": "Nora"}]
    assert own.csl["issued"] == {"date-parts": [[1999, 4, 2]]}


def test_a_page_in_an_old_encoding_is_read_as_it_declares() -> None:
    page = '<meta charset="iso-8859-1"><p>Café “salt”.</p>'.encode("cp1252")

    (reading,) = read_file(SourceFile("page.html", page))

    assert reading.document.text == "Café “salt”."


TEI = """<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><fileDesc>
<titleStmt><title>Kept</title><editor>Ivo Lund</editor></titleStmt>
</fileDesc></teiHeader><text><body><div><head>Shore</head>%s</div></body>
<back><listBibl><bibl xml:id="brine"><author>Nora Vale</author>, <title>Brine and Bread</title></bibl></listBibl></back>
</text></TEI>"""


@pytest.mark.parametrize(
    "cit",
    [
        (
            "<cit><quote>Nets dry slowly.</quote><bibl><author>Vale, Nora</author> <title>Brine and Bread</title> "
            '<biblScope unit="page">9</biblScope></bibl></cit>'
        ),
        '<cit><quote>Nets dry slowly.</quote><bibl>Nora Vale, <hi rend="italic">Brine and Bread</hi>, p. 9</bibl></cit>',
        '<cit><quote>Nets dry slowly.</quote><bibl corresp="#brine"><citedRange unit="page">9</citedRange></bibl></cit>',
    ],
)
def test_tei_ties_a_quotation_to_its_work(cit: str) -> None:
    reading = read(TEI % f"<p>By me.</p>{cit}", "kept.xml")

    assert cited(reading) == [NETS]
    assert [excerpt.headings for excerpt in reading.excerpts] == [("Shore",), ("Shore",)]


def test_tei_pages_are_locators_and_the_header_cites_the_document() -> None:
    reading = read(TEI % '<pb n="xii"/><p>Salt keeps.</p><pb n="1"/><p>Nets dry.</p>', "kept.xml")

    own = reading.document.cited_as
    assert own
    assert own.csl == {"type": "book", "title": "Kept", "editor": [{"family": "Lund", "given": "Ivo"}]}
    (excerpt,) = reading.excerpts
    assert excerpt.citation
    assert excerpt.citation.locator
    assert excerpt.citation.locator.value == "xii-1"


def test_a_tei_quotation_without_a_work_cites_nobody() -> None:
    (excerpt,) = read(TEI % "<cit><quote>Nets dry slowly.</quote></cit>", "kept.xml").excerpts

    assert excerpt.citation is None


def test_xml_that_is_not_closed_is_refused_and_entities_are_not_expanded() -> None:
    with pytest.raises(FileUnreadable, match="no well-formed XML"):
        read("<TEI><text><p>Open</text></TEI>", "kept.xml")
    bomb = (
        '<!DOCTYPE TEI [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><TEI><text><body><p>Salt &b; keeps.</p></body></text></TEI>'
    )
    assert "haha" not in read(bomb, "kept.xml").document.text


ORG = "#+TITLE: Kept\n%s\n#+begin_quote\nNets dry slowly.%s\n#+end_quote\n%s"


@pytest.mark.parametrize(
    ("above", "within", "below"),
    [
        ("* Nora Vale\n** Brine and Bread (1931)", " (p. 9)", ""),
        ("* Shore", "\n--- Nora Vale, /Brine and Bread/, p. 9", ""),
        ("* Shore", "", "-- Nora Vale, /Brine and Bread/, p. 9"),
        ("* Shore\n:PROPERTIES:\n:AUTHOR: Nora Vale\n:TITLE: Brine and Bread\n:PAGE: 9\n:END:", "", ""),
    ],
)
def test_an_org_quotation_is_cited_by_its_line_its_properties_or_its_headings(above: str, within: str, below: str) -> None:
    assert cited(read(ORG % (above, within, below), "kept.org")) == [NETS]


def test_headings_that_are_not_all_works_cite_nothing() -> None:
    text = ORG % ("* Nora Vale\n** Brine and Bread (1931)", "", "* On the weather\n#+begin_quote\nIt rained.\n#+end_quote\n")

    reading = read(text + "#+begin_quote\nTold.\n--- Ivo Lund, /Kelp/, p. 2\n#+end_quote\n", "kept.org")

    assert cited(reading) == [("Told.", "Lund", "Kelp", "2")]


def test_wiki_quotations_take_the_source_below_them_and_the_person_above() -> None:
    reading = read(
        "== Nora Vale ==\n* Nets dry slowly.\n** ''Brine and Bread'' (1931), p. 9\n"
        "== Robert Lund ==\n* Weeds<br>rise.\n** [[Robert Lund|R. Lund]], ''Kelp'', p. 2\n"
        "{{quote|It rained.|author=Ada Moor|source=''Weather'', p. 3}}\n",
        "kept.wiki",
    )

    rows = cited(reading)
    assert rows[1:] == [("Weeds\nrise.", "Lund", "Kelp", "2"), ("It rained.", "Moor", "Weather", "3")]
    assert rows[0] in (NETS, ("Nets dry slowly.", "", "Brine and Bread", "9"))
