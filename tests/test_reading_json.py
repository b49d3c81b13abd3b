"""JSON of other programs: arrays of quotations, annotations of the web, works with their highlights, references with notes."""

import json
from typing import Any

import pytest

from index.errors import FileUnreadable
from index.readers import read_file
from index.records import Reading, SourceFile
from tests.test_reader_contract import check
from tests.test_reading_tables import told


def read(value: Any, name: str = "kept.json") -> Reading:
    (reading,) = read_file(SourceFile(name, json.dumps(value).encode()))
    check(reading)
    return reading


def test_an_array_of_quotations_is_read_by_its_names() -> None:
    reading = read([{"quote": "Nets dry.", "author": "Nora Vale", "work": "Brine", "page": 9}])

    assert told(reading) == [("Nets dry.", "Vale", "Brine", "9")]


def test_a_source_that_is_an_object_is_looked_into() -> None:
    reading = read({"quotes": [{"text": "Nets dry.", "source": {"author": ["Vale, Nora"], "title": "Brine", "page": "9"}}]})

    assert told(reading) == [("Nets dry.", "Vale", "Brine", "9")]


def test_highlights_take_author_and_title_of_the_work_they_stand_in() -> None:
    works = [
        {"title": "Brine", "author": "Nora Vale", "highlights": [{"text": "Nets dry.", "location": 9, "location_type": "page"}]},
        {"title": "Kelp", "author": "Ivo Lund", "highlights": [{"text": "Weeds rise."}]},
    ]

    assert told(read({"results": works})) == [("Nets dry.", "Vale", "Brine", "9"), ("Weeds rise.", "Lund", "Kelp", "")]


def test_an_annotation_of_the_web_quotes_its_selector_and_not_its_comment() -> None:
    row = {
        "uri": "https://example.org/salt",
        "text": "Is that so?",
        "document": {"title": ["On Salt"]},
        "target": [{"source": "https://example.org/salt", "selector": [{"type": "TextQuoteSelector", "exact": "Nets dry."}]}],
    }

    reading = read({"total": 1, "rows": [row]})

    assert told(reading) == [("Nets dry.", "", "On Salt", "")]
    citation = reading.excerpts[0].citation
    assert citation
    assert citation.csl
    assert citation.csl["URL"] == "https://example.org/salt"


def test_references_with_notes_quote_what_is_marked_as_quoted() -> None:
    item = {"id": "vale", "type": "book", "title": "Brine", "author": [{"family": "Vale"}], "note": "p. 9: Nets dry."}

    assert told(read([item])) == [("Nets dry.", "Vale", "Brine", "9")]


def test_an_object_without_text_is_left_out_and_named() -> None:
    reading = read([{"quote": "Nets dry.", "author": "Nora Vale"}, {"quote": "", "author": "Ivo Lund"}])

    assert [row[0] for row in told(reading)] == ["Nets dry."]
    assert reading.warnings == ("object 2 of 'kept.json' is left out: its text is empty",)


@pytest.mark.parametrize("value", [[{"a": "b"}], {"Nora Vale": ["Nets dry."]}, [], "words", 3])
def test_what_no_name_tells_is_refused_with_the_names_there_are(value: Any) -> None:
    with pytest.raises(FileUnreadable, match=r"no name in 'kept\.json' says which value is the quotation"):
        read(value)


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(FileUnreadable, match=r"'kept\.json' is no JSON"):
        read_file(SourceFile("kept.json", b'[{"quote": "Nets dry."'))
