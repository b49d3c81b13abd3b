"""PDF: printed pages in reading order, what is printed on them as their number, and files that must not get through."""

import re
import zlib

import pytest

from index.errors import FileUnreadable
from index.readers import read_file
from index.readers.pdf import page_image
from index.records import FileSettings, Reading, SourceFile
from tests.printed_pages import Book, paragraph
from tests.test_reader_contract import check


def read(data: bytes, name: str = "book.pdf", beside: dict[str, bytes] | None = None) -> Reading:
    (reading,) = read_file(SourceFile(name, data, FileSettings(beside=beside or {})))
    check(reading)
    return reading


def pages_of(reading: Reading) -> list[str]:
    return [
        excerpt.citation.locator.value if excerpt.citation and excerpt.citation.locator else "" for excerpt in reading.excerpts
    ]


def one_line(text: str) -> str:
    return " ".join(text.split())


def book(pages: int = 12) -> Book:
    made = Book("The Weir Accounts", "Nora Vale")
    for number in range(pages):
        front = number < 2
        folio = ("i", "ii")[number] if front else str(number - 1)
        label = ("r", 1) if number == 0 else ("D", 1) if number == 2 else None
        made.page(folio, "THE WEIR ACCOUNTS", label)
        if number in (2, 7):
            made.heading(f"Chapter {number}")
        made.column([paragraph(number * 10 + each) for each in range(4)])
    return made


@pytest.fixture(scope="module")
def reading() -> Reading:
    return read(book().data())


def test_an_excerpt_s_locator_is_its_printed_pages(reading: Reading) -> None:
    folios = ["i", "ii", *map(str, range(1, 11))]
    for excerpt, where in zip(reading.excerpts, pages_of(reading), strict=True):
        seeds = [int(seed) for seed in re.findall(r"\((\d+)\.\d\)", excerpt.text)]
        first, last = folios[seeds[0] // 10], folios[seeds[-1] // 10]

        assert where == (first if first == last else f"{first}-{last}")


def test_every_word_of_every_page_is_in_an_excerpt_in_its_order(reading: Reading) -> None:
    text = one_line(" ".join(excerpt.text for excerpt in reading.excerpts))
    wanted = [one_line(paragraph(number * 10 + each)) for number in range(12) for each in range(4)]

    assert text == " ".join(wanted)


def test_running_heads_and_folios_are_furniture_and_in_no_excerpt(reading: Reading) -> None:
    furniture = [reading.document.text[block.start : block.end] for block in reading.blocks if block.kind == "furniture"]

    assert furniture.count("THE WEIR ACCOUNTS") == 12
    assert sorted(set(furniture) - {"THE WEIR ACCOUNTS"}) == sorted(["i", "ii", *map(str, range(1, 11))])
    assert not any("WEIR ACCOUNTS" in excerpt.text for excerpt in reading.excerpts)


def test_the_outline_gives_the_headings(reading: Reading) -> None:
    headings = list(dict.fromkeys(excerpt.headings for excerpt in reading.excerpts))

    assert headings == [(), ("Chapter 2",), ("Chapter 7",)]


def test_title_and_author_of_the_file_cite_it_unless_a_reference_beside_it_does(reading: Reading) -> None:
    own = reading.document.cited_as
    assert own
    assert (own.origin, own.csl["author"]) == ("its metadata", [{"family": "Vale", "given": "Nora"}])

    reference = b"@book{w, author={Lund, Ivo}, title={Accounts}, year=1931}"
    beside = read(book(3).data(), beside={"book.bib": reference}).document.cited_as
    assert beside
    assert (beside.origin, beside.csl["title"]) == ("book.bib beside it", "Accounts")


def test_a_reference_to_another_file_is_not_taken_for_its_own() -> None:
    other = b"@book{w, author={Lund, Ivo}, title={Kelp}, file={other.pdf}}"

    own = read(book(3).data(), beside={"all.bib": other}).document.cited_as

    assert own
    assert own.origin == "its metadata"


def test_without_labels_the_numbers_printed_at_the_foot_count() -> None:
    made = Book()
    for number in range(6):
        made.page(str(231 + number), "SHORE STUDIES").column([paragraph(number)])

    labels = [place.label for place in read(made.data()).document.places if place.kind == "page"]

    assert labels == ["231", "232", "233", "234", "235", "236"]


def test_a_file_that_prints_no_numbers_has_no_locators() -> None:
    made = Book()
    for number in range(4):
        made.page().column([paragraph(number)])

    assert set(pages_of(read(made.data()))) == {""}


def test_printed_numbers_win_over_labels_that_differ_and_it_is_told() -> None:
    made = Book()
    for number in range(5):
        made.page(str(91 + number), label=("D", 1) if not number else None).column([paragraph(number)])

    reading = read(made.data())

    assert pages_of(reading)[0].startswith("91")
    assert "printed '91' and labelled '1'" in reading.warnings[0]


def test_two_columns_are_read_one_after_the_other() -> None:
    left, right = [paragraph(1, 8), paragraph(2, 8)], [paragraph(3, 8), paragraph(4, 8)]
    made = Book().page().column(left, width=152).column(right, x=226, width=152)

    text = one_line(" ".join(excerpt.text for excerpt in read(made.data()).excerpts))

    assert text == one_line(" ".join([*left, *right]))


def test_columns_drawn_line_by_line_across_the_page_are_read_as_columns() -> None:
    made = Book().page()
    for row in range(12):
        made.lines([f"The left column keeps its row {row}"], y=100 + 13 * row)
        made.lines([f"and the right one has its own {row}"], x=240, y=100 + 13 * row)

    text = read(made.data()).excerpts[0].text

    assert one_line(text).index("left column keeps its row 11") < one_line(text).index("right one has its own 0")


def test_a_sentence_that_goes_over_the_page_is_one_excerpt_on_both_pages() -> None:
    made = Book()
    made.page("8", "ACCOUNTS").lines(["When the water had gone down the clerk came back and found that his"], y=560)
    made.page("9", "ACCOUNTS").lines(["slate had been washed clean by it."])
    made.page("10", "ACCOUNTS").lines(["Another matter altogether."])

    first = read(made.data()).excerpts[0]

    assert first.text.startswith(
        "When the water had gone down the clerk came back and found that his\nslate had been washed clean by it."
    )
    assert first.citation
    assert first.citation.locator
    assert first.citation.locator.pages[0][0] == 8


def test_a_word_broken_at_the_end_of_a_line_keeps_its_break() -> None:
    made = Book().page().lines(["Everybody at the weir was an account-", "ant of some kind or other."])

    assert read(made.data()).excerpts[0].text == "Everybody at the weir was an account-\nant of some kind or other."


def test_notes_at_the_foot_do_not_interrupt_the_text() -> None:
    made = Book()
    made.page("8").column([paragraph(1)]).lines(["1 See the slate of that year, which is"], y=560, size=8)
    made.page("9").column([paragraph(2)])
    made.page("10").column([paragraph(3)])

    excerpts = read(made.data()).excerpts

    note = next(excerpt for excerpt in excerpts if excerpt.text.startswith("1 See the slate"))
    assert note.citation
    assert note.citation.locator
    assert note.citation.locator.value == "8"
    assert not any("See the slate" in excerpt.text for excerpt in excerpts if excerpt is not note)


def test_a_page_without_text_is_told_and_the_others_are_read() -> None:
    made = Book().page().column([paragraph(1)]).page().picture().page().column([paragraph(2)])

    assert read(made.data()).warnings == ("'book.pdf': page 2 has no text: run OCR first: `ocrmypdf in.pdf out.pdf`",)


def test_a_scanned_book_is_refused_with_what_to_do() -> None:
    with pytest.raises(FileUnreadable, match=r"no text on any of its 2 pages.*ocrmypdf book\.pdf out\.pdf"):
        read(Book().page().picture().page().picture().data())


def test_a_locked_and_a_damaged_file_are_refused() -> None:
    with pytest.raises(FileUnreadable, match="protected by a password"):
        read(Book().page().column([paragraph(1)]).data(owner_password="weir", user_password="salt"))
    with pytest.raises(FileUnreadable, match="damaged or no PDF"):
        read(b"%PDF-1.7\n" + b"salt " * 100)


def bomb(megabytes: int) -> bytes:
    """A page whose content unpacks to so much text."""
    packed = zlib.compress(b"BT /F 9 Tf " + b"3 -9 Td (salt) Tj\n" * (megabytes * 55_000) + b"ET")
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 600]/Contents 4 0 R/Resources<</Font<</F %s>>>>>>" % font,
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(packed), packed),
    ]
    body, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + table + b"trailer\n<</Root 1 0 R/Size 5>>\nstartxref\n%d\n%%%%EOF" % len(body)


def test_a_page_that_unpacks_to_very_much_is_refused_with_its_size() -> None:
    with pytest.raises(FileUnreadable, match=r"one of its pages holds [\d,]+ characters"):
        read(bomb(3))


def test_the_same_file_gives_the_same_text_again() -> None:
    data = book(3).data()

    assert read(data).document.rendition == read(data).document.rendition


def test_a_page_is_drawn_with_a_passage_marked() -> None:
    file = SourceFile("book.pdf", Book().page().lines(["Salt keeps.", "Nets dry."]).data())

    plain, marked = page_image(file, 1, 200), page_image(file, 1, 200, ["Nets dry."])

    assert plain.startswith(b"\x89PNG")
    assert plain != marked
    assert marked != page_image(file, 1, 200, ["Salt keeps."])
    with pytest.raises(FileUnreadable, match="it has no page 2"):
        page_image(file, 2, 200)
