"""The reading view: a document in its order, a place in it, its printed pages; and lists of passages, in parts."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from index.build import build_index
from index.collection import Collection
from index.records import SourceFile
from service import reading
from tests.fakes import HashEmbedder
from tests.printed_pages import Book, paragraph
from tests.shelf import TEXT, index_text, served

Client = TestClient[Litestar]
HOSTILE = "<script>alert(1)</script> nets"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    book = Book("Brine", "Nora Vale")
    for number in range(4):
        book.page(str(number + 7)).column([paragraph(number * 10 + each) for each in range(4)])
    table = f"quote,author,title\n{HOSTILE},Nora Vale,Brine\n"
    files = [
        SourceFile("brine.pdf", book.data()),
        SourceFile("lighthouses.txt", TEXT.encode()),
        SourceFile("kept.csv", table.encode()),
    ]
    build_index(home, files, HashEmbedder())
    return home


@pytest.fixture(scope="module")
def client(home: Path) -> Iterator[Client]:
    with served(home) as client:
        yield client


@pytest.fixture(scope="module")
def documents(home: Path) -> dict[str, str]:
    return {card.name: card.id for card in Collection.open(home).documents()}


def runs(page: str) -> list[tuple[int, str]]:
    from html import unescape

    return [(int(start), unescape(text)) for start, text in re.findall(r'<span data-start="(\d+)">(.*?)</span>', page, re.DOTALL)]


@pytest.mark.parametrize("name", ["brine.pdf", "lighthouses.txt", "kept.csv"])
def test_every_word_of_a_document_is_shown_where_it_stands(
    home: Path, client: Client, documents: dict[str, str], name: str
) -> None:
    text = Collection.open(home).document_text(documents[name], 0, 10**9)

    shown = runs(client.get(f"/d/{documents[name]}").text)

    assert all(text[start : start + len(words)] == words for start, words in shown)
    assert "".join("".join(words for _, words in shown).split()) == "".join(text.split())


def test_excerpts_headings_and_citations_are_told_apart(client: Client, documents: dict[str, str]) -> None:
    page = client.get(f"/d/{documents['lighthouses.txt']}").text

    assert page.count('<section class="passage"') == 4
    assert re.findall(r'<h2><span data-start="\d+">(.*?)</span></h2>', page) == ["LAMPS AND KEEPERS", "FOG SIGNALS"]
    assert page.count('<p class="citation written">') == 4


def test_text_of_a_document_is_always_text(client: Client, documents: dict[str, str]) -> None:
    page = client.get(f"/d/{documents['kept.csv']}").text

    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_a_passage_leads_to_its_place(client: Client, home: Path, documents: dict[str, str]) -> None:
    excerpt = Collection.open(home).excerpts_of(documents["brine.pdf"])[0]

    page = client.get(f"/x/{excerpt.id}").text

    assert f'href="/d/{excerpt.document_id}#p={excerpt.start}-{excerpt.end}"' in page
    assert f'src="/d/{excerpt.document_id}/page/1?p={excerpt.start}-{excerpt.end}"' in page
    assert f'href="/d/{excerpt.document_id}/file#page=1"' in page


def test_a_document_s_own_words_are_not_quoted_in_itself(client: Client, home: Path, documents: dict[str, str]) -> None:
    excerpt = Collection.open(home).excerpts_of(documents["brine.pdf"])[0]

    assert "quoted in" not in client.get(f"/v1/excerpts/{excerpt.id}").json()["citation"]["formatted"]


def test_a_printed_page_is_drawn_and_kept(client: Client, documents: dict[str, str]) -> None:
    address = f"/d/{documents['brine.pdf']}/page/2"

    plain, marked = client.get(address, params={"width": "200"}), client.get(address, params={"width": "200", "p": "0-4000"})

    assert plain.headers["content-type"] == "image/png"
    assert plain.content.startswith(b"\x89PNG")
    assert plain.content != marked.content
    assert client.get(address, params={"width": "200"}).content == plain.content


def test_the_file_itself_is_served_byte_for_byte_in_a_sandbox(client: Client, home: Path, documents: dict[str, str]) -> None:
    response = client.get(f"/d/{documents['brine.pdf']}/file")

    assert response.content == Collection.open(home).file_bytes(documents["brine.pdf"])
    assert response.headers["content-type"] == "application/pdf"
    assert "sandbox" in response.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/d/nothing", 404),
        ("/d/{pdf}?at=-1", 400),
        ("/d/{pdf}?at=99999999", 404),
        ("/d/{pdf}?at=x", 400),
        ("/d/{pdf}?colour=red", 400),
        ("/d/{pdf}/page/0", 404),
        ("/d/{pdf}/page/99", 404),
        ("/d/{pdf}/page/1?p=9", 400),
        ("/d/{pdf}/page/1?p=5-99999999", 404),
        ("/d/{text}/page/1", 404),
        ("/d/{text}/file", 404),
        ("/sources?heading=FOG&passages=-1", 400),
    ],
)
def test_what_is_not_there_is_told(client: Client, documents: dict[str, str], path: str, status: int) -> None:
    address = path.format(pdf=documents["brine.pdf"], text=documents["lighthouses.txt"])

    assert client.get(address).status_code == status


def test_a_long_document_is_shown_in_parts_that_hold_all_of_it(
    home: Path, client: Client, documents: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PART", 2_000)
    collection = Collection.open(home)
    document = documents["brine.pdf"]
    text = collection.document_text(document, 0, 10**9)

    at, shown = 0, ""
    while True:
        part = reading.part_of(collection, document, at)
        shown += "".join(run.text for piece in part.pieces for run in piece.runs)
        if part.after is None:
            break
        at = part.after

    assert at > 0
    assert "".join(shown.split()) == "".join(text.split())


def test_filters_list_the_passages_themselves_in_parts(tmp_path: Path) -> None:
    text = "".join(
        f"Saying {number} of the shore.\n\nVale, Nora. Brine. Weir: Weir Press, 1931, p. {number}\n\n" for number in range(1, 61)
    )
    index_text(tmp_path, text)
    with served(tmp_path) as client:
        first, second = (client.get("/sources", params={"author": "vale", **more}).text for more in ({}, {"passages": "50"}))

    assert (first.count('<article class="card"'), second.count('<article class="card"')) == (50, 10)
    assert "Saying 1 of the shore." in first
    assert "Saying 60 of the shore." in second
    assert 'href="/sources?author=vale&amp;passages=50#passages"' in first


def test_a_part_of_the_collection_lists_the_documents_that_hold_it(client: Client) -> None:
    listed = client.get("/sources", params={"heading": "fog signals"}).text

    assert "(lighthouses.txt)" in listed
    assert "(kept.csv)" not in listed
    assert "(kept.csv)" in client.get("/sources").text


def test_signs_of_a_block_quotation_are_not_shown_as_lines_of_text(tmp_path: Path) -> None:
    text = "# Brine\n\n" + "\n\n".join(
        f"> Saying {number} of the shore.\n>\n> — Nora Vale, *Brine*, p. {number}" for number in range(1, 9)
    )
    build_index(tmp_path, [SourceFile("kept.md", text.encode())], HashEmbedder())
    (card,) = Collection.open(tmp_path).documents()
    with served(tmp_path) as client:
        shown = client.get(f"/d/{card.id}").text

    assert [words for _, words in runs(shown) if not words.strip("> \n")] == []
    assert sum("Saying" in words for _, words in runs(shown)) == 8
    assert shown.count('class="citation written dashed"') == 8
