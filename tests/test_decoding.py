"""Bytes to text: which encodings are told apart, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.decoding import decode
from index.errors import FileUnreadable
from index.records import SourceFile

PROSE = "“Näive” café — fifty cards…\nand one more line of them, to be sure.\n"


@pytest.mark.parametrize(
    ("data", "codec"),
    [
        (PROSE.encode(), "utf-8"),
        (PROSE.encode("utf-8-sig"), "utf-8-sig"),
        (PROSE.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + PROSE.encode("utf-16-be"), "utf-16"),
        (PROSE.encode("utf-16-le"), "utf-16-le"),
        (PROSE.encode("utf-16-be"), "utf-16-be"),
        (PROSE.encode("utf-32"), "utf-32"),
        (PROSE.encode("cp1252"), "cp1252"),
    ],
)
def test_each_encoding_gives_the_same_text_and_the_codec_that_reads_it(data: bytes, codec: str) -> None:
    text, told = decode(SourceFile("cards.txt", data))

    assert (text, told) == (PROSE, codec)
    assert data.decode(told) == text


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    text, _ = decode(SourceFile("cards.txt", "\ufeffCards".encode()))

    assert text == "Cards"


def test_line_ends_stay_as_they_are() -> None:
    text, _ = decode(SourceFile("cards.txt", b"one\r\ntwo\rthree\n"))

    assert text == "one\r\ntwo\rthree\n"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "is empty"),
        (b" \r\n\t \n", "only white space"),
        (b"\xef\xbb\xbf", "only white space"),
        (b"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x3e\x00\x01", "NUL bytes"),
        (b"%PDF-1.7\n1 0 obj\n", "is a PDF"),
        (b"PK\x03\x04 and so on", "ZIP"),
        (b"{\\rtf1 cards}", "Rich Text"),
        (b"\x01\x02\x03\x04 cards \x05\x06", "control characters"),
        (PROSE.encode()[:-40] + b"\xe2\x80", "damaged in 1 places"),
        ("Карточка хранит одну мысль".encode("cp1251"), "above ASCII"),
        (PROSE.encode("utf-16")[:-1], "not utf-16"),
        (b"fifty cards \x81 and one", "not cp1252"),
    ],
)
def test_what_cannot_be_read_exactly_is_refused_with_the_file_named(data: bytes, found: str) -> None:
    with pytest.raises(FileUnreadable, match=found) as refusal:
        decode(SourceFile("box/cards.txt", data))

    assert "'box/cards.txt'" in refusal.value.found
    assert refusal.value.remedy


def test_a_damaged_file_is_refused_with_the_line_of_the_damage() -> None:
    data = "Näive\nCafé\n".encode() + b"caf\xe9\n" + "“cards”".encode()

    with pytest.raises(FileUnreadable, match=r"line 3"):
        decode(SourceFile("cards.txt", data))


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip))
def test_any_text_in_utf_8_comes_back_whole(written: str) -> None:
    text, codec = decode(SourceFile("cards.txt", written.encode("utf-8-sig")))

    assert (text, codec) == (written, "utf-8-sig")
