"""Collections of cited excerpts: where excerpts end, what heads them, and what is none of both."""

import pytest

from index.readers import read_file
from index.records import Excerpt, Reading, SourceFile
from tests.reader_texts import AUTHOR_DATE, CHICAGO_NOTES, COLLECTIONS, PARTS, WEB_PAGE, found, told


def read(text: str, name: str = "cards.txt", reader: str | None = None) -> Reading:
    (reading,) = read_file(SourceFile(name, text.encode()), reader)
    return reading


def cited_by(reading: Reading, words: str) -> Excerpt:
    (excerpt,) = [excerpt for excerpt in reading.excerpts if excerpt.citation and words in excerpt.citation.raw]
    return excerpt


@pytest.mark.parametrize("name", COLLECTIONS)
def test_every_line_is_what_a_careful_person_says_it_is(name: str) -> None:
    text, expected = told(COLLECTIONS[name])

    reading = read(text)

    lines = text.split("\n")
    wrong = [(lines[at], got) for at, (got, want) in enumerate(zip(found(reading), expected, strict=True)) if got != want]
    assert reading.document.reader == "excerpts"
    assert wrong == []


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
@pytest.mark.parametrize("name", COLLECTIONS)
def test_the_kind_of_line_end_changes_nothing_but_offsets(name: str, line_end: str) -> None:
    text, _ = told(COLLECTIONS[name])

    with_feeds, other = read(text), read(text.replace("\n", line_end))

    assert [(block.kind, block.line) for block in other.blocks] == [(block.kind, block.line) for block in with_feeds.blocks]
    assert [excerpt.headings for excerpt in other.excerpts] == [excerpt.headings for excerpt in with_feeds.excerpts]


def test_an_excerpt_runs_to_its_citation_over_blank_lines_ellipses_brackets_and_quotation_marks() -> None:
    reading = read(told(WEB_PAGE)[0])

    excerpt = cited_by(reading, "p. 13")

    assert excerpt.text.startswith("… a card without a page is a rumour….\n\nNobody")
    assert excerpt.text.endswith("[The keeper laughs]")


def test_an_excerpt_may_begin_right_below_the_citation_before() -> None:
    reading = read(told(WEB_PAGE)[0])

    excerpt = cited_by(reading, "Specimen and Mock")

    assert excerpt.text == "The drawer itself has an order of its own, and the order is an argument."


def test_a_citation_copied_along_in_another_manner_stays_in_its_excerpt() -> None:
    reading = read(told(WEB_PAGE)[0])

    excerpt = cited_by(reading, "p. 230-31")

    assert excerpt.text.startswith("QUESTION:")
    assert "\n\nB. Specimen, The Open Drawer" in excerpt.text
    assert excerpt.text.endswith("B. Specimen.”")


def test_a_citation_in_the_manner_of_notes_ends_an_excerpt_where_all_are_notes() -> None:
    reading = read(told(CHICAGO_NOTES)[0])

    assert sum(excerpt.citation is not None and excerpt.citation.start is not None for excerpt in reading.excerpts) == 5


def test_notes_of_the_book_excerpted_stay_in_the_excerpt_where_headings_never_follow_their_like() -> None:
    own = "".join(
        f"ON CARD NUMBER {n}\n\nIt is lost.\nSample, Ada. Cards. Nowhere: Example Press, 1951, p. {n}\n\n" for n in range(1, 40)
    )
    note = "B. Specimen, The Open Drawer (Nowhere: Example Press, 1950), p. 7."
    nested = f"One keeper says so.\n\n{note}\n\nAnother agrees.\n\nIbid., p. 9.\n\nA third does not.\n"
    last = "Mock, Ben. The Trial. Nowhere: Example Press, 1952, p. 1\n"

    reading = read(f"Cards\n\n{own}ON THE LAST CARD\n\n{nested}{last}")

    assert reading.excerpts[-1].text == nested.strip()


def test_capitals_within_a_speech_are_text_even_when_they_stand_alone() -> None:
    reading = read(told(WEB_PAGE)[0])

    excerpt = cited_by(reading, "The Trial")

    assert "\n\nWE WANT OUR CARDS BACK\n\n" in excerpt.text
    assert excerpt.headings == ("KEEPERS OF CARDS QUARREL",)


def test_capitals_that_a_citation_follows_are_an_excerpt() -> None:
    text, _ = told(WEB_PAGE)

    reading = read(
        text.replace("THIS IS HOW IT ENDED. NOBODY WAS PUNISHED.\n\nThe drawer was closed by accident.", "CLOSED BY ORDER")
    )

    excerpt = cited_by(reading, "Closing Time")
    assert (excerpt.text, excerpt.headings) == ("CLOSED BY ORDER", ("THE DRAWER IS CLOSED",))


def test_a_speech_in_capitals_at_the_start_of_an_excerpt_is_no_heading() -> None:
    text, _ = told(WEB_PAGE)

    reading = read(text.replace("QUESTION: Who may open the drawer?", "KEEPER: WHO IS THERE"))

    assert cited_by(reading, "p. 230-31").text.startswith("KEEPER: WHO IS THERE")


def test_title_and_captions_are_furniture_and_the_title_names_the_document() -> None:
    reading = read(told(WEB_PAGE)[0])

    assert reading.document.title == "The Invented Series Part 3: The Card Index"


def test_without_a_title_the_document_is_called_like_its_file() -> None:
    text, _ = told(WEB_PAGE)

    reading = read(text[text.index("WHAT A CARD") :], name="box/cards.txt")

    assert reading.document.title == "cards"
    assert reading.excerpts[0].headings == ("WHAT A CARD IS FOR",)


def test_headings_of_several_styles_make_a_path_from_the_outermost_to_the_nearest() -> None:
    reading = read(told(PARTS)[0])

    assert [excerpt.headings for excerpt in reading.excerpts] == [
        ("CHAPTER ONE", "ON INK"),
        ("CHAPTER ONE", "ON INK", "Old Ink"),
        ("CHAPTER ONE", "ON INK", "New Ink"),
        ("CHAPTER TWO", "ON PAPER", "Thin Paper"),
    ]


def test_text_after_the_last_citation_is_an_excerpt_without_one() -> None:
    reading = read(told(AUTHOR_DATE)[0])

    last = reading.excerpts[-1]

    assert last.text == "This thought has no source, because it is nobody's."
    assert last.citation is None


def test_a_preface_above_the_first_heading_is_an_excerpt_without_a_citation() -> None:
    text, _ = told(WEB_PAGE)

    reading = read(
        text.replace(
            "\nWHAT A CARD IS FOR", "\nThese cards were copied by hand, and nobody has checked them since.\n\nWHAT A CARD IS FOR"
        )
    )

    assert (reading.excerpts[0].citation, reading.excerpts[0].headings) == (None, ())
    assert reading.excerpts[1].headings == ("WHAT A CARD IS FOR",)


def test_a_line_that_hardly_looks_like_a_citation_is_one_right_before_a_heading() -> None:
    body = "".join(
        f"The card number {n} is lost.\nSample, Ada. Cards. Nowhere: Example Press, 1951, p. {n}\n\n" for n in range(1, 40)
    )
    last = "The box is lost as well.\nMock, Ben. The Box and What Was in It"
    following = "ON BOXES\n\nBoxes are empty.\nMock, Ben. Boxes. 1950, p. 1"

    reading = read(f"Cards\n\nON CARDS\n\n{body}{last}\n\n{following}")

    assert reading.excerpts[-2].text == "The box is lost as well."
    assert reading.excerpts[-1].headings == ("ON BOXES",)


def test_wrapped_lines_are_put_together_before_they_are_judged() -> None:
    text = """WRAPPED PAGES

ON WIDTH

A line that is seventy-two characters wide was once as wide as a
screen, and people wrote as wide as their screens and no wider, and when
they quoted one another the lines were broken once more.

They did not mind at all, for there was always another line to be had
below the one they were on, and it was free.
Sample, Ada. A Very Long Title about the Width of Pages and Other Small
Matters. Nowhere: Example Press, 1971, p. 12

What has been wrapped can be unwrapped, but only by somebody who knows
how wide it was.
Mock, Ben. Unwrapping. Elsewhere: Test & Sons, 1975, p. 3
"""

    reading = read(text)

    citation = reading.excerpts[0].citation
    assert citation is not None
    assert citation.raw == (
        "Sample, Ada. A Very Long Title about the Width of Pages and Other Small\nMatters. Nowhere: Example Press, 1971, p. 12"
    )
    assert len(reading.excerpts) == 2


def test_a_second_citation_of_the_same_text_is_kept_as_a_citation_of_its_own() -> None:
    text, _ = told(WEB_PAGE)

    reading = read(
        text.replace("1951, p. 12\n", "1951, p. 12\nMock, Ben. The Trial of the Keeper. Nowhere: Example Press, 1952, p. 1\n", 1)
    )

    attached = {excerpt.citation.start for excerpt in reading.excerpts if excerpt.citation}
    (alone,) = [block for block in reading.blocks if block.kind == "citation" and block.start not in attached]
    assert reading.document.text[alone.start : alone.end].startswith("Mock, Ben.")


def test_notes_at_the_end_of_an_essay_do_not_make_it_a_collection() -> None:
    text = """An Essay on Cards

Cards were invented twice. The first inventor kept them, the second one gave them away.

According to Sample (Cards and Their Keepers, 1951, p. 12) there was no third.

Notes

1. Ada Sample, Cards and Their Keepers (Nowhere: Example Press, 1951), 12.
2. Ben Mock, The Trial (Nowhere: Example Press, 1952), 3.
3. Ibid., 4.
"""

    reading = read(text)

    assert reading.document.reader == "plain"
