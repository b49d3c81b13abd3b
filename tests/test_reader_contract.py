"""What every reader keeps, whatever the text: exact slices, one block for each character, right line numbers."""

import re
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.errors import FileUnreadable
from index.readers import READERS, read_file
from index.records import Reading, SourceFile
from tests.reader_texts import COLLECTIONS, exported, told

TEXT_READERS = ["excerpts", "markdown", "plain"]
LINES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60),
    st.sampled_from(
        [
            "",
            "ON NOTHING AT ALL",
            "# A Heading",
            "Previous",
            "---",
            "```",
            "    indented",
            "Sample, Ada. Cards. Nowhere: Example Press, 1951, p. 12",
            "(Sample 1990, 14)",
            "Nobody should trust a rumour.",
            "> Nobody did.",
            "> — Sample, Ada. *Cards*. Nowhere: Example Press, 1951, p. 13",
            ">",
            "\u3000\u2028\x85",
        ]
    ),
)
DOCUMENTS = st.lists(st.tuples(LINES, st.sampled_from(["\n", "\r\n", "\r", "\n\n"])), max_size=30).map(
    lambda lines: "".join(line + end for line, end in lines)
)


def check(reading: Reading) -> None:
    text = reading.document.text
    covered = [0] * len(text)
    for block in reading.blocks:
        assert text[block.start : block.end] == text[block.start : block.end].strip()
        assert block.line == len(re.findall("\r\n|[\r\n]", text[: block.start])) + 1
        for at in range(block.start, block.end):
            covered[at] += 1
    assert all(count == 1 for count, character in zip(covered, text, strict=True) if not character.isspace())
    assert max(covered, default=0) <= 1
    spans = [(block.start, block.end) for block in reading.blocks if block.kind == "text"]
    assert [(excerpt.start, excerpt.end) for excerpt in reading.excerpts] == spans
    for excerpt in reading.excerpts:
        assert text[excerpt.start : excerpt.end] == excerpt.text
        citation = excerpt.citation
        assert citation is None or citation.start is None or text[citation.start : citation.end] == citation.raw


@pytest.mark.parametrize("reader", TEXT_READERS)
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(document=DOCUMENTS)
def test_offsets_and_partition_survive_any_text(reader: str, document: str) -> None:
    try:
        readings = read_file(SourceFile("cards", document.encode("utf-8-sig")), reader)
    except FileUnreadable:
        return  # white, mostly control characters, or headings only

    for reading in readings:
        assert reading.document.text == document
        check(reading)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(document=DOCUMENTS)
def test_an_export_of_any_text_reads_back_as_the_same_excerpts(document: str) -> None:
    try:
        readings = read_file(SourceFile("cards", document.encode("utf-8-sig")), "excerpts")
    except FileUnreadable:
        return

    back = read_file(SourceFile("cards.jsonl", exported(readings).encode()))

    assert [reading.excerpts for reading in back] == [reading.excerpts for reading in readings]
    for reading in back:
        check(reading)


@pytest.mark.parametrize("name", COLLECTIONS)
def test_the_collections_of_the_tests_keep_the_contract(name: str) -> None:
    for reading in read_file(SourceFile("cards.txt", told(COLLECTIONS[name])[0].encode())):
        check(reading)


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_is_registered_under_its_own_name_and_refuses_an_empty_file(reader: str) -> None:
    assert READERS[reader].name == reader
    with pytest.raises(FileUnreadable, match=r"'nothing\.txt' is empty"):
        read_file(SourceFile("nothing.txt", b""), reader)


def test_an_unknown_reader_is_refused_with_those_there_are() -> None:
    with pytest.raises(FileUnreadable, match="the readers are pdf, tei, zotero, html"):
        read_file(SourceFile("cards.txt", b"cards"), "scroll")


@pytest.mark.parametrize(
    ("name", "data", "reader"),
    [
        ("cards.md", b"# Cards\n\nA card.\n", "markdown"),
        ("cards.jsonl", b'{"text": "A card."}\n', "jsonl"),
        ("cards", b'{"text": "A card."}\n', "jsonl"),
        ("cards.txt", b"A card keeps one thought.\n\nNothing else.\n", "plain"),
        ("cards.txt", b"A card.\nSample, Ada. Cards. Nowhere: Example Press, 1951, p. 12\n", "excerpts"),
    ],
)
def test_the_file_decides_which_reader_reads_it(name: str, data: bytes, reader: str) -> None:
    (reading,) = read_file(SourceFile(name, data))

    assert reading.document.reader == reader


def test_a_file_with_nothing_to_quote_is_refused() -> None:
    with pytest.raises(FileUnreadable, match="holds no excerpt"):
        read_file(SourceFile("cards.md", b"# Cards\n\n## More Cards\n"))


@pytest.mark.slow
@pytest.mark.parametrize("reader", TEXT_READERS)
@pytest.mark.parametrize(
    "piece", ["A card.\nSample, Ada. Cards. Nowhere: Example Press, 1951, p. 12\n\n", "Previous\n\n", "A card ", "# A\n\nb\n\n"]
)
def test_ten_times_the_text_takes_some_ten_times_as_long(reader: str, piece: str) -> None:
    def seconds(size: int) -> float:
        file = SourceFile("cards", ("x.\n\n" + piece * (size // len(piece))).encode())
        started = time.process_time()
        read_file(file, reader)
        return time.process_time() - started

    seconds(10_000)

    assert seconds(400_000) < 30 * max(seconds(40_000), 0.01)
