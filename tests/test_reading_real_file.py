"""What the reader finds in the real collection, pinned by counts, offsets and hashes (its text does not travel with us)."""

import hashlib
from pathlib import Path

import pytest

from index.readers import read_file
from index.records import Excerpt, Reading, SourceFile
from index.report import report

NAME = "000_74679c296b4caa77.txt"
FIRST = (124, 525, "5546929393a2", "a9c563122b16", "0c0d776039af")
LAST = (397062, 397580, "8b30c32d577b", "bac44fd463d6", "6b02cea8897f")
ALL = ("686fcdfeed2f", "b9909e818fb7")


@pytest.fixture(scope="module")
def reading(real_data: Path) -> Reading:
    (one,) = read_file(SourceFile(NAME, (real_data / NAME).read_bytes()))
    return one


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def pinned(excerpt: Excerpt) -> tuple[int, int, str, str, str]:
    assert excerpt.citation is not None
    return excerpt.start, excerpt.end, digest(excerpt.text), digest(excerpt.citation.raw), digest("/".join(excerpt.headings))


def test_the_counts_are_those_of_a_reading_by_eye(reading: Reading) -> None:
    (told,) = report([reading])

    assert told.blocks == {"furniture": 10, "heading": 176, "text": 378, "citation": 378}
    assert told.characters == {"furniture": 202, "heading": 8794, "text": 294709, "citation": 28059}
    assert sum(told.characters.values()) == sum(not character.isspace() for character in reading.document.text)


def test_the_first_and_the_last_excerpt_are_where_they_are(reading: Reading) -> None:
    assert pinned(reading.excerpts[0]) == FIRST
    assert pinned(reading.excerpts[-1]) == LAST


def test_all_excerpts_citations_and_headings_are_those_read_by_eye(reading: Reading) -> None:
    blocks = "\n".join(f"{block.kind} {block.start} {block.end} {block.line}" for block in reading.blocks)
    headings = "\n".join("/".join(excerpt.headings) for excerpt in reading.excerpts)

    assert (digest(blocks), digest(headings)) == ALL


def test_furniture_stands_at_the_top_and_at_the_end_only(reading: Reading) -> None:
    (told,) = report([reading])

    assert [remark.line for remark in told.furniture] == [1, 3, 5, 2075, 2077, 2078, 2080, 2082, 2083, 2085]


def test_every_excerpt_has_its_citation_right_below_and_one_heading(reading: Reading) -> None:
    document = reading.document

    for excerpt in reading.excerpts:
        assert excerpt.citation is not None
        assert excerpt.citation.start is not None
        assert document.text[excerpt.end : excerpt.citation.start].strip() == ""
        assert document.text[excerpt.citation.start : excerpt.citation.end] == excerpt.citation.raw
        assert document.text[excerpt.start : excerpt.end] == excerpt.text
        assert len(excerpt.headings) == 1


def test_one_line_that_looks_like_a_citation_is_part_of_the_argument_around_it(reading: Reading) -> None:
    (told,) = report([reading])

    assert [remark.line for remark in told.kept] == [804]
    assert (told.uncited, told.unattached) == ((), ())


@pytest.mark.parametrize(
    "form", ["{paragraphs}\n\n{citation}", "{paragraphs}\n\n**Source:** {citation}", "{quoted}\n>\n> — {citation}"]
)
def test_written_as_markdown_the_collection_gives_the_same_excerpts(reading: Reading, form: str) -> None:
    written = []
    for excerpt in reading.excerpts:
        assert excerpt.citation is not None
        paragraphs = [line for line in excerpt.text.split("\n") if line.strip()]
        cited = form.format(
            paragraphs="\n\n".join(paragraphs),
            quoted="\n>\n".join(f"> {line}" for line in paragraphs),
            citation=excerpt.citation.raw,
        )
        written.append(f"## {'/'.join(excerpt.headings)}\n\n{cited}\n")

    (again,) = read_file(SourceFile("collection.md", "\n".join(written).encode()))

    assert [told(excerpt) for excerpt in again.excerpts] == [told(excerpt) for excerpt in reading.excerpts]


def told(excerpt: Excerpt) -> tuple[list[str], object]:
    """The words of an excerpt, and the parts of its citation."""
    assert excerpt.citation is not None
    return excerpt.text.replace("\n>", "\n").split(), (excerpt.citation.csl, excerpt.citation.locator)
