"""What people own, in one folder, read in one run of the program: excerpts, pages, citations; and files that must be refused.

Each process of the run has 4 GB of memory and 120 s of processor time.
"""

import json
import re
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from index.collection import Collection
from index.records import Excerpt
from tests.printed_pages import A_PAGE, folios, long_book, paragraph
from tests.test_reading_documents import archive, made
from tests.test_reading_pdf import bomb

pytestmark = pytest.mark.slow
MEMORY, PROCESSOR_SECONDS = 4 << 30, 120
PAGES = 300
SAVED = """<!-- saved from url=(0028)https://example.org/on-salt -->
<html><head><title>On Salt</title><meta name="citation_author" content="Lund, Ivo">
<meta name="citation_publication_date" content="1999/04/02"></head><body><nav><a href="/">Home</a> <a href="/more">More</a></nav>
<article><h1>On Salt</h1><p>A page that somebody kept, and whose own words are these.</p>
<blockquote><p>Nets dry slowly on the wall of the chapel.</p><cite>Ada Moor, <i>Brine and Bread</i>, p. 9</cite></blockquote>
<p>What the author of the page says between the two.</p>
<blockquote cite="https://example.org/other"><p>Nobody counts the wool before it is dry.</p></blockquote>
</article><footer>Subscribe to our letters</footer></body></html>
"""
E_BOOK = """---
title: Shore Studies
author: Una Fell
date: 1948
lang: en
---
# Tides

[\u200b]{epub:type=pagebreak title=12}The tide tables were drawn by a widow with a lead line.

> The sea keeps no accounts.
>
> — Ada Moor, *Brine and Bread*, p. 31

[\u200b]{epub:type=pagebreak title=13}Her son rowed, and wrote nothing down.
"""
ROOT = Path(__file__).parents[1]
PROGRAM = """
import json, sys
from pathlib import Path
from index.build import build_index
from index.files import find_files
from tests.fakes import HashEmbedder
made = build_index(Path(sys.argv[2]), find_files([Path(sys.argv[1])]), HashEmbedder())
print(json.dumps({Path(each.name).name: str(each.error) for each in made.failures}))
"""
Run = tuple[dict[str, str], Collection]


def nested_pdf(depth: int) -> bytes:
    """A PDF whose page tree is its own child, with an array so deep."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2000000000/Deep " + b"[" * depth + b"]" * depth + b">>",
    ]
    return (
        b"%PDF-1.4\n" + b"".join(b"%d 0 obj\n%s\nendobj\n" % each for each in enumerate(objects, 1)) + b"trailer\n<</Root 1 0 R>>"
    )


def fill(folder: Path) -> None:
    """Puts what people own into the folder, and what nobody wants."""
    packed = b"\0" * (600 << 20)
    files = {
        "weir.pdf": long_book(PAGES),
        "essay.docx": made("docx"),
        "shore.epub": made("epub", E_BOOK),
        "kept.html": SAVED.encode(),
        "line.txt": b"salt " * 2_000_000,
        "bomb.pdf": bomb(3),
        "nested.pdf": nested_pdf(1_000_000),
        "bomb.docx": archive({"word/document.xml": packed}),
        "bomb.epub": archive({"META-INF/container.xml": b"<container/>", "content.opf": packed}),
        "growing.txt": b"The clerk writes on.\n\n" * 50_000,
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)


def bounded() -> None:
    """Gives the process that is about to start, and those that it starts, no more than this of either."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """What one run of indexing told, in a process within the bounds, while somebody writes to one of the files."""
    folder, home = tmp_path_factory.mktemp("owned"), tmp_path_factory.mktemp("home")
    fill(folder)
    ended = threading.Event()

    def write_on() -> None:
        with (folder / "growing.txt").open("ab", buffering=0) as growing:
            while not ended.wait(0.0005):
                growing.write(b"And on.\n")

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        command = [sys.executable, "-c", PROGRAM, str(folder), str(home)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT, preexec_fn=bounded)
    finally:
        ended.set()
        writer.join()
    assert done.returncode == 0, done.stderr
    with closing(Collection.open(home)) as collection:
        yield json.loads(done.stdout), collection


def of(run: Run, name: str) -> list[Excerpt]:
    """The excerpts of one file, in its order."""
    collection = run[1]
    (document,) = [card.id for card in collection.documents() if card.name.endswith(f"/{name}")]
    found = [each for each in collection.excerpts(collection.excerpt_ids()) if each.document_id == document]
    return sorted(found, key=lambda each: each.start)


def told(excerpt: Excerpt) -> tuple[str, str, str, str]:
    """The words, and who is cited for them, for what, at which page."""
    assert excerpt.citation
    item, where = excerpt.citation.csl or {}, excerpt.citation.locator
    author = item.get("author", [{"family": ""}])[0]["family"]
    return " ".join(excerpt.text.replace("\u200b", "").split()), author, item.get("title", ""), where.value if where else ""


def test_a_book_of_300_pages_is_cited_by_its_printed_pages_and_nothing_of_it_is_lost(run: Run) -> None:
    names = folios(PAGES)
    assert (names[0], names[11], names[12], names[-1]) == ("i", "xii", "1", "288")
    seen: list[str] = []
    for words, author, title, where in map(told, of(run, "weir.pdf")):
        seeds = [int(seed) for seed in re.findall(r"\((\d+)\.\d\)", words)]
        first, last = names[seeds[0] // A_PAGE], names[seeds[-1] // A_PAGE]

        assert (author, title) == ("Vale", "The Weir Accounts")
        assert where == (first if first == last else f"{first}-{last}")
        seen.append(words)
    assert " ".join(seen) == " ".join(paragraph(seed) for seed in range(PAGES * A_PAGE))


def test_words_and_quotations_of_documents_are_cited_as_whose_they_are(run: Run) -> None:
    essay = {words: rest for words, *rest in map(told, of(run, "essay.docx"))}

    assert essay["Nobody forgets what salt does."] == ["Moor", "Brine and Bread", "9"]
    assert essay["See Shore Studies 3."] == ["Vale", "The Weir Accounts", ""]
    assert next(each.headings for each in of(run, "essay.docx") if each.text == "On a slate.") == ("Salt", "Owed", "Note 2")
    assert [told(each) for each in of(run, "shore.epub")] == [
        ("The tide tables were drawn by a widow with a lead line.", "Fell", "Shore Studies", "12"),
        ("The sea keeps no accounts.", "Moor", "Brine and Bread", "31"),
        ("Her son rowed, and wrote nothing down.", "Fell", "Shore Studies", "13"),
    ]


def test_a_saved_page_keeps_its_own_words_apart_from_those_that_it_quotes(run: Run) -> None:
    assert [told(each) for each in of(run, "kept.html")] == [
        ("A page that somebody kept, and whose own words are these.", "Lund", "On Salt", ""),
        ("Nets dry slowly on the wall of the chapel.", "Moor", "Brine and Bread", "9"),
        ("What the author of the page says between the two.", "Lund", "On Salt", ""),
        ("Nobody counts the wool before it is dry.", "", "", ""),
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("bomb.pdf", r"one of its pages holds [\d,]+ characters, and [\d,]+ are read at most"),
        ("nested.pdf", "it is damaged or no PDF"),
        ("bomb.docx", "unpacks to 600 MB in 1 members; archives are read up to 512 MB"),
        ("bomb.epub", "unpacks to 600 MB in 2 members; archives are read up to 512 MB"),
    ],
)
def test_what_unpacks_or_nests_without_end_is_refused_with_what_to_do(run: Run, name: str, message: str) -> None:
    assert re.search(message, run[0][name])
    assert re.search("save it anew|in parts", run[0][name])


def test_nothing_else_is_refused_but_a_file_that_grows_and_of_that_nothing_is_made_up(run: Run) -> None:
    failures = {**run[0]}
    grown = failures.pop("growing.txt", None)

    assert set(failures) == {"bomb.pdf", "nested.pdf", "bomb.docx", "bomb.epub"}
    assert grown is None or "changes while it is read" in grown
    if grown is None:
        words = {line for each in of(run, "growing.txt") for line in each.text.split("\n") if line}
        assert {"The clerk writes on."} <= words <= {"The clerk writes on.", "And on.", "And", "And on", "A", "An", "And o"}


def test_every_word_of_a_line_of_ten_megabytes_is_found(run: Run) -> None:
    excerpts = of(run, "line.txt")

    assert sum(each.text.count("salt") for each in excerpts) == 2_000_000
    assert max(len(each.text) for each in excerpts) <= 4_000
