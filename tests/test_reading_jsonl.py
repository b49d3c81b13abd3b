"""JSON lines: any file of texts with citations, and our own export read back."""

import json
import re
from typing import Any

import pytest

from index.errors import FileUnreadable
from index.readers import read_file
from index.readers.jsonl import export_line
from index.records import Excerpt, Reading, SourceFile
from tests.reader_texts import COLLECTIONS, WEB_PAGE, exported, told

LINE = "Sample, Ada. Cards. Nowhere: Example Press, 1951, p. 12-13"


def read(*lines: dict[str, Any] | str, name: str = "cards.jsonl") -> list[Reading]:
    written = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    return read_file(SourceFile(name, written.encode()))


def only(readings: list[Reading]) -> Excerpt:
    (reading,) = readings
    (excerpt,) = reading.excerpts
    return excerpt


def export(collection: str = WEB_PAGE) -> tuple[Reading, list[dict[str, Any]]]:
    (reading,) = read_file(SourceFile("box/cards.txt", told(collection)[0].encode()))
    return reading, lines_of([reading])


def lines_of(readings: list[Reading]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in exported(readings).splitlines()]


def test_texts_stand_one_after_the_other_in_a_document_named_like_the_file() -> None:
    (reading,) = read({"text": "A card. "}, {"text": "A box.\nAnd a lid."}, name="box/cards.jsonl")

    assert reading.document.text == "A card. \n\nA box.\nAnd a lid."
    assert [(excerpt.start, excerpt.text) for excerpt in reading.excerpts] == [(0, "A card."), (10, "A box.\nAnd a lid.")]
    assert (reading.document.name, reading.document.title, reading.document.complete) == ("box/cards.jsonl", "cards", False)


def test_a_citation_may_be_a_raw_line() -> None:
    citation = only(read({"text": "A card.", "citation": LINE})).citation

    assert citation is not None
    assert (citation.raw, citation.start) == (LINE, None)
    assert citation.locator is not None
    assert citation.locator.pages == ((12, 13),)


def test_a_citation_may_be_a_csl_item() -> None:
    item = {
        "type": "book",
        "title": "Cards",
        "author": [{"family": "Sample", "given": "Ada"}],
        "issued": {"date-parts": [[1951]]},
    }

    citation = only(read({"text": "A card.", "citation": item})).citation

    assert citation is not None
    assert (citation.csl, citation.raw) == (item, "Sample, Ada. Cards. 1951.")


@pytest.mark.parametrize("given", [{"heading": "ON CARDS"}, {"headings": ["ON CARDS"]}])
def test_headings_may_be_one_or_several(given: dict[str, Any]) -> None:
    assert only(read({"text": "A card.", **given})).headings == ("ON CARDS",)


def test_an_export_line_has_exactly_the_fields_promised() -> None:
    _, lines = export()

    line = lines[1]

    assert list(line) == ["id", "document", "start", "end", "text", "headings", "citation"]
    assert list(line["document"]) == ["name", "sha256"]
    assert list(line["citation"]) == ["raw", "start", "end", "csl", "locator", "likely", "problem", "inferred", "beside"]
    assert line["citation"]["locator"] == {"label": "page", "value": "13", "pages": [[13, 13]], "note": ""}


def test_an_excerpt_without_a_citation_is_exported_with_null() -> None:
    excerpt = only(read({"text": "A card."}))

    line = json.loads(export_line(excerpt, read({"text": "A card."})[0].document))

    assert line["citation"] is None


@pytest.mark.parametrize("name", COLLECTIONS)
def test_an_export_reads_back_as_the_same_collection(name: str) -> None:
    reading, lines = export(COLLECTIONS[name])

    (back,) = read(*lines, name="export.jsonl")

    assert back.excerpts == reading.excerpts
    assert (back.document.id, back.document.name, back.document.sha256) == (
        reading.document.id,
        reading.document.name,
        reading.document.sha256,
    )
    assert back.document.file_sha256 != back.document.sha256


def test_an_export_of_an_export_is_the_same_export() -> None:
    _, lines = export()

    again = lines_of(read(*lines))

    assert again == lines


def test_an_export_of_several_documents_reads_back_as_several_documents() -> None:
    one, two = export(COLLECTIONS["MLA"])[1], export(COLLECTIONS["sayings"])[1]

    readings = read(*one, *two)

    assert [len(reading.excerpts) for reading in readings] == [len(one), len(two)]


def test_an_id_that_the_catalog_numbered_is_accepted() -> None:
    _, lines = export()

    (reading,) = read({**lines[0], "id": f"{lines[0]['id']}-2"})

    assert reading.excerpts[0].id == lines[0]["id"]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"text": "Another text that is not what it was."}, "its span is"),
        ({"start": -1}, "its span is"),
        ({"end": None}, "gives only some"),
        ({"document": {"name": "cards.txt"}}, "sha256"),
        ({"document": {"name": "cards.txt", "sha256": "f00"}}, "not 64 hexadecimal digits"),
        ({"id": "0" * 16}, "its id is"),
        ({"citation": {"raw": LINE, "start": 0}}, "its span is"),
        ({"citation": {"raw": 7}}, "its citation is none"),
        ({"citation": {"raw": LINE, "csl": {"type": "scroll"}}}, "its citation is none"),
    ],
)
def test_an_export_that_contradicts_itself_is_refused_with_the_line(change: dict[str, Any], found: str) -> None:
    _, lines = export()

    with pytest.raises(FileUnreadable, match=found) as refusal:
        read({**lines[0], **change}, name="box/export.jsonl")

    assert "line 1 of 'box/export.jsonl'" in refusal.value.found


def test_excerpts_that_overlap_are_refused() -> None:
    _, lines = export()
    moved = {**lines[1], "start": lines[0]["start"] + 1, "end": lines[0]["start"] + 1 + len(lines[1]["text"])}

    with pytest.raises(FileUnreadable, match=r"line 2 .* overlaps"):
        read(lines[0], moved)


def test_a_wrong_offset_does_not_fill_the_memory() -> None:
    _, lines = export()
    far = 10**15

    with pytest.raises(FileUnreadable, match="at most"):
        read({**lines[0], "start": far, "end": far + len(lines[0]["text"]), "citation": None, "id": None})


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("{", "line 3"),
        ("[]", "Expected `object`"),
        ('{"citation": "x"}', "missing required field `text`"),
        ('{"text": 7}', "Expected `str`"),
        ('{"text": " "}', "its text is empty"),
        ('{"text": "A card.", "headings": "ON CARDS"}', r"\$\.headings"),
        ('{"text": "A card.", "citation": {"title": ["x"]}}', "its citation is none"),
        ('{"text": "A card.", "citation": {"type": "scroll", "title": "x"}}', "its citation is none"),
        ('{"text": "\\ud800"}', "line 3"),
    ],
)
def test_a_bad_line_is_left_out_and_named_and_the_rest_is_read(line: str, found: str) -> None:
    (reading,) = read_file(SourceFile("cards.jsonl", f'{{"text": "A card."}}\n\n{line}\n{{"text": "A box."}}\n'.encode()))

    assert [excerpt.text for excerpt in reading.excerpts] == ["A card.", "A box."]
    (warning,) = reading.warnings
    assert "line 3 of 'cards.jsonl'" in warning
    assert re.search(found, warning)


def test_a_file_of_bad_lines_is_refused_with_file_line_rule_and_remedy() -> None:
    with pytest.raises(FileUnreadable, match="missing required field `text`") as refusal:
        read("", '{"citation": "x"}', "{", name="box/cards.jsonl")

    assert refusal.value.found.startswith("line 2 of 'box/cards.jsonl'")
    assert "JSON object" in refusal.value.rule
    assert "correct the line" in refusal.value.remedy
