"""What reference managers, word processors and search engines can take from an excerpt and a work."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs
from xml.etree import ElementTree as ET

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from index.citations.exports import export_items, with_locator
from index.records import Citation, Excerpt, Locator, QuotedIn
from service.bibliography import Cited, accepted_export
from service.cli.cite import FORMATS
from service.links import Links
from service.note_files import write_notes
from service.page_metadata import quotation_metadata
from tests.shelf import index_text, served

Client = TestClient[Litestar]
CASE = {"type": "legal_case", "title": "Tarn v. Sample", "container-title": "F.2d", "authority": "2d Cir."}
REPRINT = {
    "type": "book",
    "title": "The Quiet Harbour",
    "author": [{"family": "Tamimi", "given": "Nura", "non-dropping-particle": "al-"}],
    "issued": {"date-parts": [[1988]]},
    "original-date": {"date-parts": [[1931]]},
}
INTERVIEW = {
    "type": "interview",
    "title": "On tides",
    "author": [{"family": "Sample", "given": "Ada"}],
    "interviewer": [{"family": "Tarn", "given": "Otto"}],
}
WORDS = "The tide came in.\nNobody <looked> up & it went."
RDF = {
    "dcterms": "http://purl.org/dc/terms/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "bib": "http://purl.org/net/biblio#",
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    home = tmp_path_factory.mktemp("home")
    index_text(home)
    with served(home) as client:
        yield client


@pytest.fixture(scope="module")
def work(client: Client) -> str:
    return str(client.get("/v1/works").json()["works"][0]["id"])


@pytest.fixture(scope="module")
def excerpt(client: Client, work: str) -> str:
    return str(client.get(f"/v1/works/{work}").json()["excerpts"][0])


@pytest.mark.parametrize(
    ("item", "form", "kept"),
    [
        (CASE, "bibtex", "institution = {2d Cir.}"),
        (CASE, "ris", "PB  - 2d Cir."),
        (REPRINT, "bibtex", "origdate = {1931}"),
        (REPRINT, "ris", "OP  - 1931"),
        (REPRINT, "bibtex", "author = {al-Tamimi, Nura}"),
        (REPRINT, "ris", "AU  - al-Tamimi, Nura"),
        (INTERVIEW, "bibtex", "note = {Interview by Otto Tarn}"),
        (INTERVIEW, "ris", "N1  - Interview by Otto Tarn"),
        ({"type": "manuscript", "title": "Log"}, "ris", "TY  - MANSCPT"),
    ],
)
def test_an_export_keeps_what_the_source_gives(item: dict[str, object], form: str, kept: str) -> None:
    assert kept in export_items([item], form)


@pytest.mark.parametrize("form", ["csl-json", "bibtex", "ris", "zotero-rdf"])
def test_page_words_and_compilation_travel_with_a_passage(form: str) -> None:
    item = with_locator(REPRINT, Locator("page", "12"), quoted_in="A Reader", quotation=WORDS)

    written = unescape(unescape(export_items([item], form)))

    assert "Cited: page 12; Quoted in: A Reader" in written.replace("\\&", "&")
    assert "The tide came in. Nobody <looked> up & it went." in written.replace("\\&", "&")


def test_zotero_rdf_gives_the_item_and_its_note() -> None:
    item = with_locator(REPRINT, Locator("page", "12"), quoted_in="A Reader", quotation=WORDS)

    root = ET.fromstring(export_items([item], "zotero-rdf"))

    document, memo = root.find("bib:Document", RDF), root.find("bib:Memo", RDF)
    assert document is not None
    assert memo is not None
    assert document.findtext("dc:title", namespaces=RDF) == "The Quiet Harbour"
    reference = document.find("dcterms:isReferencedBy", RDF)
    assert reference is not None
    assert reference.get(f"{{{RDF['rdf']}}}resource") == memo.get(f"{{{RDF['rdf']}}}about")
    assert "&lt;looked&gt; up &amp; it went." in str(memo.findtext("rdf:value", namespaces=RDF))


def _passage(text: str) -> Cited:
    citation = Citation("raw", csl=REPRINT, locator=Locator("page", "12"))
    return Cited(Excerpt("e1", "d", 0, len(text), text, ("Tides",), citation), QuotedIn("A Reader"))


def test_cards_hold_the_very_words_and_no_formula() -> None:
    written = write_notes([_passage(WORDS), _passage("=1+1")], "cards", "apa", Links("http://ibid.example")).decode("utf-8-sig")

    rows = list(csv.DictReader(io.StringIO(written, newline="")))
    assert rows[0]["quotation"] == WORDS
    assert rows[0]["citation"] == "(al-Tamimi, 1931/1988, p. 12, as cited in A Reader)"
    assert rows[0]["link"] == "http://ibid.example/x/e1"
    assert rows[1]["quotation"] == "'=1+1"


def test_a_word_document_holds_words_citation_and_link() -> None:
    written = write_notes([_passage(WORDS)], "docx", "chicago-notes", Links("http://ibid.example"))

    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        document = ET.fromstring(archive.read("word/document.xml"))
        relations = archive.read("word/_rels/document.xml.rels").decode()
    word = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    paragraphs = ["".join(run.text or "" for run in each.iter(f"{word}t")) for each in document.iter(f"{word}p")]
    assert paragraphs[:2] == WORDS.splitlines()
    assert paragraphs[2].startswith("Nura al-Tamimi, The Quiet Harbour")
    italic = [run for run in document.iter(f"{word}r") if run.find(f"{word}rPr/{word}i") is not None]
    assert "The Quiet Harbour" in "".join(text.text or "" for run in italic for text in run.iter(f"{word}t"))
    assert "http://ibid.example/x/e1" in relations


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", ""),
        ("*/*", ""),
        ("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", ""),
        ("application/x-bibtex", "bibtex"),
        ("application/vnd.citationstyles.csl+json, text/html;q=0.5", "csl-json"),
        ("text/html, application/x-bibtex;q=0.5", ""),
        ("application/x-research-info-systems;q=0", ""),
        ("image/png", ""),
        (";;q=x,,", ""),
    ],
)
def test_the_accept_header_decides_by_its_qualities(accept: str, form: str) -> None:
    assert accepted_export(accept) == form


def test_a_page_is_a_citation_to_who_accepts_one(client: Client, work: str, excerpt: str) -> None:
    bibtex = client.get(f"/x/{excerpt}", headers={"accept": "application/x-bibtex"})
    ris = client.get(f"/sources/{work}", headers={"accept": "application/x-research-info-systems"})
    page = client.get(f"/x/{excerpt}", headers={"accept": "text/html"})

    assert bibtex.headers["content-type"].startswith("application/x-bibtex")
    assert bibtex.text.startswith("@")
    assert ris.text.startswith("TY  - ")
    assert "accept" in bibtex.headers["vary"].lower()
    assert page.text.startswith("<!doctype html>")


@pytest.mark.parametrize("path", ["/x/{excerpt}", "/sources/{work}"])
def test_a_page_says_what_it_cites_in_four_ways(client: Client, path: str, work: str, excerpt: str) -> None:
    html = client.get(path.format(work=work, excerpt=excerpt)).text

    (coins,) = re.findall(r'<span class="Z3988" title="([^"]+)">', html)
    context = parse_qs(unescape(coins))
    (linked,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    told = json.loads(linked)
    title = re.findall(r'<meta name="citation_title" content="([^"]+)">', html)
    item = client.get(f"/v1/works/{work}").json()["source"]["csl"]
    assert context["ctx_ver"] == ["Z39.88-2004"]
    assert item["title"] in {*context.get("rft.btitle", ()), *context.get("rft.atitle", ()), *context.get("rft.title", ())}
    assert [unescape(each) for each in title] == [item["title"]]
    assert (told["isPartOf"] if told["@type"] == "Quotation" else told)["name"] == item["title"]
    for media, address in re.findall(r'<link rel="alternate" type="([^"]+)" href="([^"]+)">', html):
        answer = client.get(unescape(address).removeprefix("http://testserver.local"))
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(media)


def test_no_words_of_a_passage_end_the_script_that_holds_them() -> None:
    metadata = quotation_metadata(REPRINT, "http://x", "</script><script>alert(1)</script>", "A Reader")

    assert "</script>" not in metadata.linked
    assert json.loads(metadata.linked)["text"] == "</script><script>alert(1)</script>"


def test_a_citation_comes_with_its_full_reference(client: Client, excerpt: str) -> None:
    path = f"/v1/excerpts/{excerpt}/citation"

    alone = client.get(path, params={"style": "apa"}).text
    both = client.get(path, params={"style": "apa", "reference": "true"}).text.splitlines()
    html = client.get(path, params={"format": "html", "reference": "true"}).text

    assert both[0] == alone.strip()
    assert len(both) == 2
    assert html.count("<p>") == 2
    assert client.get(path, params={"format": "ris", "reference": "true"}).status_code == 400


def test_a_stranger_cannot_name_a_file_as_style(client: Client, excerpt: str, tmp_path: Path) -> None:
    answer = client.get(f"/v1/excerpts/{excerpt}/citation", params={"style": str(tmp_path / "x.csl")})

    assert answer.status_code == 400
    assert "is unknown" in answer.json()["detail"]


def test_the_command_line_names_every_format() -> None:
    from service.bibliography import FORMS
    from service.note_files import NOTE_FORMATS

    assert (*FORMS, *NOTE_FORMATS) == FORMATS
