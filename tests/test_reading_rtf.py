"""Rich Text: words as they are shown, whatever program wrote them, and notes tied to their place."""

import pytest

from index.errors import FileUnreadable
from index.readers import read_file
from index.records import Reading, SourceFile
from tests.test_reader_contract import check


def read(body: str, head: str = "") -> Reading:
    (reading,) = read_file(SourceFile("a.rtf", ("{\\rtf1\\ansi\\ansicpg1252 " + head + body + "}").encode("latin-1")))
    check(reading)
    return reading


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (r"Salt {\i keeps} and \b so\b0  does grudge.", "Salt keeps and so does grudge."),
        (r"\u8220\'93Nets\u8221\'94 dry", "“Nets” dry"),
        (r"\uc1\u8220?Nets\u8221?dry", "“Nets”dry"),
        (r"\uc0\u8220 Nets\u8221 dry", "“Nets”dry"),
        (r"caf\'e9 \ldblquote salt\rdblquote\emdash nets", "café “salt”—nets"),
        (r"one\line two\tab three", "one\ntwo\tthree"),
        (r"a\~b \{c\} \\d", "a\u00a0b {c} \\d"),
        (r"\u-10179?\u-8704? face", "😀 face"),
        (r"shown {\v hidden} shown", "shown  shown"),
        (r"{\field{\*\fldinst HYPERLINK x}{\fldrslt a link}} here", "a link here"),
        (r"{\*\unknown gone}{\pict 00ff}there", "there"),
        ("line\r\nbroken in the file", "linebroken in the file"),
    ],
)
def test_words_are_those_that_are_shown(written: str, shown: str) -> None:
    assert read(written).document.text == shown


def test_notes_stand_behind_their_excerpt_and_know_their_place() -> None:
    reading = read(r"The boats came{\super\chftn{\footnote\pard\plain {\super\chftn} See the slate.}} up.\par Next.\par")

    assert [(excerpt.text, excerpt.headings) for excerpt in reading.excerpts] == [
        ("The boats came up.\n\nNext.", ()),
        ("See the slate.", ("Note 1",)),
    ]
    place = next(place for place in reading.document.places if place.label == "Note 1")
    assert reading.document.text[: place.start] == "The boats came"


def test_headings_title_and_author_are_told() -> None:
    head = r"{\fonttbl{\f0 Times;}}{\info{\title The Weir}{\author Nora Vale}{\creatim\yr1999}}"

    reading = read(r"\pard\outlinelevel0 Salt\par\pard Nets dry.\par", head)

    assert [(excerpt.text, excerpt.headings) for excerpt in reading.excerpts] == [("Nets dry.", ("Salt",))]
    own = reading.document.cited_as
    assert own
    assert own.csl == {"type": "document", "title": "The Weir", "author": [{"family": "Vale", "given": "Nora"}]}


def test_a_file_that_nests_without_end_is_refused() -> None:
    with pytest.raises(FileUnreadable, match="nests more than 2,000 groups"):
        read("{" * 5_000)


def test_what_is_no_rich_text_is_refused() -> None:
    with pytest.raises(FileUnreadable, match="is no Rich Text"):
        read_file(SourceFile("a.rtf", b"salt"), "rtf")
