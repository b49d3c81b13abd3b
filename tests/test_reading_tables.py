"""Tables of quotations: columns known by their headers, rows that cannot be read left out and named, nothing guessed."""

import pytest

from index.errors import FileUnreadable
from index.readers import read_file
from index.readers.tabular import parse_columns
from index.records import FileSettings, Reading, SourceFile
from tests.test_reader_contract import check


def read(table: str, name: str = "kept.csv", **columns: str) -> Reading:
    (reading,) = read_file(SourceFile(name, table.encode(), FileSettings(columns=columns)))
    check(reading)
    return reading


def told(reading: Reading) -> list[tuple[str, str, str, str]]:
    """Text, first author's family name, title and locator of each excerpt."""
    rows = []
    for excerpt in reading.excerpts:
        csl = (excerpt.citation and excerpt.citation.csl) or {}
        author = csl.get("author", [{}])[0]
        where = excerpt.citation and excerpt.citation.locator
        rows.append(
            (excerpt.text, author.get("family", author.get("literal", "")), csl.get("title", ""), where.value if where else "")
        )
    return rows


def test_an_export_of_a_reading_app_is_read_by_its_header() -> None:
    reading = read(
        "Highlight,Book Title,Book Author,Note,Location Type,Location,Highlighted at\n"
        '"Salt keeps, and so does grudge.",The Brine Year,"Vale, Nora",,page,7,2021-01-01 10:00:00+00:00\n'
        "Nets dry slowly.,The Brine Year,Nora Vale,mine,location,385,2021-01-01 10:00:00+00:00\n"
    )

    assert told(reading) == [
        ("Salt keeps, and so does grudge.", "Vale", "The Brine Year", "7"),
        ("Nets dry slowly.", "Vale", "The Brine Year", "385"),
    ]
    assert [excerpt.citation.locator.label for excerpt in reading.excerpts if excerpt.citation and excerpt.citation.locator] == [
        "page",
        "location",
    ]


def test_the_day_a_passage_was_marked_is_not_the_year_of_the_book() -> None:
    reading = read("Quote,Author,Highlighted at\nNets dry.,Nora Vale,2021-01-01\n")

    citation = reading.excerpts[0].citation
    assert citation
    assert citation.csl
    assert "issued" not in citation.csl
    assert citation.problem == "no title is given"


def test_the_compiler_s_note_is_kept_and_never_quoted() -> None:
    reading = read("quote,author,note\nNets dry.,Nora Vale,I doubt it\n")

    assert [excerpt.text for excerpt in reading.excerpts] == ["Nets dry."]
    assert "I doubt it" in reading.document.text


def test_one_bad_line_is_left_out_and_named_and_the_rest_is_read() -> None:
    reading = read(
        "quote,author,title\n"
        "First words.,Nora Vale,Brine\n"
        '"never closed,Ivo Lund,Kelp\n'
        '"Third, in marks.",Nora Vale,Brine\n'
        "too,short\n"
        ",Nora Vale,Brine\n"
        "Last words.,Ivo Lund,Kelp\n"
    )

    assert [row[:2] for row in told(reading)] == [("First words.", "Vale"), ("Third, in marks.", "Vale"), ("Last words.", "Lund")]
    assert [warning.split(":")[0] for warning in reading.warnings] == [
        "line 3 of 'kept.csv' is left out",
        "line 5 of 'kept.csv' is left out",
        "line 6 of 'kept.csv' is left out",
    ]


def test_a_row_with_a_cell_too_many_cites_nobody() -> None:
    reading = read("quote,author,title\nKeep, this,Nora Vale,Brine\nGood words.,Ivo Lund,Kelp\n")

    assert [row[0] for row in told(reading)] == ["Good words."]


@pytest.mark.parametrize(("name", "between"), [("kept.tsv", "\t"), ("kept.csv", ";"), ("kept.csv", ",")])
def test_tabs_semicolons_and_commas_part_columns(name: str, between: str) -> None:
    reading = read(
        between.join(["quote", "author", "title", "page"]) + "\n" + between.join(["Nets dry.", "Nora Vale", "Brine", "9"]), name
    )

    assert told(reading) == [("Nets dry.", "Vale", "Brine", "9")]


def test_a_line_break_within_a_quotation_stays() -> None:
    assert read('quote,author\n"One line,\nanother.",Nora Vale\n').excerpts[0].text == "One line,\nanother."


def test_a_header_that_names_no_text_is_refused_with_what_to_say() -> None:
    with pytest.raises(FileUnreadable, match=r"header is 'col1', 'who'.*--columns 'text=NAME"):
        read("col1,who\nNets dry.,Nora Vale\n")


def test_the_user_s_word_on_columns_decides() -> None:
    reading = read("col1,who,Work, full\nNets dry.,Nora Vale,Brine,x\n", text="col1", author="who", title="Work")

    assert told(reading) == [("Nets dry.", "Vale", "Brine", "")]
    assert reading.document.rendition
    assert reading.document.rendition.columns == {"text": "col1", "author": "who", "title": "Work"}


def test_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(FileUnreadable, match="there is no column 'Words'"):
        read("quote,author\nNets dry.,Nora Vale\n", text="Words")


def test_columns_are_written_as_field_and_header() -> None:
    assert parse_columns('text=Highlight,title="Book, Title", author=Who') == {
        "text": "Highlight",
        "title": "Book, Title",
        "author": "Who",
    }


@pytest.mark.parametrize("written", ["", "Highlight", "text=", "title=Book", "text=a,colour=b", 'text="open'])
def test_columns_written_otherwise_are_refused(written: str) -> None:
    with pytest.raises(FileUnreadable, match="it is field=Header"):
        parse_columns(written)


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("Nora Vale", [("Vale", "Nora")]),
        ("Vale, Nora", [("Vale", "Nora")]),
        ("Vale, Nora; Lund, Ivo", [("Vale", "Nora"), ("Lund", "Ivo")]),
        ("Robert Vale, Ivan Lund", [("Vale", "Robert"), ("Lund", "Ivan")]),
        ("van der Vale, Nora", [("van der Vale", "Nora")]),
        ("Institute of Salt", [("Institute of Salt", "")]),
        ("Lo Shan, Mei Tan", [("Lo Shan, Mei Tan", "")]),
    ],
)
def test_names_that_cannot_be_told_apart_stay_whole(written: str, names: list[tuple[str, str]]) -> None:
    (excerpt,) = read(f'quote,author,title\nNets dry.,"{written}",Brine\n').excerpts

    assert excerpt.citation
    assert excerpt.citation.csl
    people = excerpt.citation.csl["author"]
    assert [(person.get("family") or person["literal"], person.get("given", "")) for person in people] == names
