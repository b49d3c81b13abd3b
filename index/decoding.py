"""Bytes to text, by rules that never guess: what cannot be read exactly is refused, with what to do about it."""

import codecs
import re
import string

from index.errors import FileUnreadable
from index.records import SourceFile

# Bytes to text, by rules that never guess: what cannot be read exactly is refused, with what to do about it.
#
# A statistical detector would read more files and now and then the wrong one, silently; a quotation has to be
# exact. So only three families are read: UTF-8, UTF-16 and Windows-1252 (the one still written by old
# programs), each told by marks of its own.

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SIGNATURES = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive (.docx, .odt and .epub are such)"),
    (b"{\\rtf", "a Rich Text file"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"\xd0\xcf\x11\xe0", "an old Word, Excel or PowerPoint file"),
)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x7f]")
_MOST_CONTROLS = 0.01
"""Share of control characters above which a file is not text; logs and old exports hold a few."""

_MOST_HIGH_BYTES = 0.25
"""Share of accented letters above which text is not Windows-1252 but another alphabet in another
encoding: Western languages stay below .15, Cyrillic and Greek are above .9."""

_HIGH_LETTERS = bytes(range(0xC0, 0x100))
_ASCII_LETTERS = string.ascii_letters.encode()
_SAVE_AS_UTF8 = "save it as UTF-8 text and index it again"


def decode(file: SourceFile) -> tuple[str, str]:
    """The file's text, and the codec that gives it: ``file.data.decode(codec) == text``.

    The order is: a byte order mark; NUL bytes at every other place (UTF-16 without a mark); UTF-8; Windows-1252.
    A byte order mark is not part of the text; line ends stay as they are.

    Raises:
        FileUnreadable: the file is empty or white, binary, damaged, or in an encoding not told apart safely.
    """
    for signature, what in _SIGNATURES:
        if file.data.startswith(signature):
            raise _decoding_unreadable(file, f"is {what}", "only text is read")
    codec = _codec(file)
    try:
        text = file.data.decode(codec)
    except UnicodeDecodeError as problem:
        line = file.data.count(b"\n", 0, problem.start) + 1
        raise _decoding_unreadable(
            file, f"has bytes at offset {problem.start} (line {line}) that are not {codec}", "text is read whole or not at all"
        ) from problem
    if not text.strip():
        raise FileUnreadable(
            f"{file.name!r} is empty" if not file.data else f"{file.name!r} holds only white space",
            rule="a document has some text",
            remedy="leave it out",
        )
    controls = len(_CONTROLS.findall(text))
    if "\0" in text or controls > _MOST_CONTROLS * len(text):
        raise _decoding_unreadable(file, f"holds {controls} control characters", "only text is read, no binary files")
    return text, codec


def _codec(file: SourceFile) -> str:
    for mark, codec in _BYTE_ORDER_MARKS:
        if file.data.startswith(mark):
            return codec
    if b"\0" in file.data:
        return _utf16_without_mark(file)
    try:
        file.data.decode("utf-8")
    except UnicodeDecodeError as problem:
        return _windows_1252(file, problem)
    return "utf-8"


def _utf16_without_mark(file: SourceFile) -> str:
    """UTF-16 puts the NULs of its spaces, line ends and Latin letters all at odd or all at even places."""
    even, odd = file.data[::2].count(0), file.data[1::2].count(0)
    if len(file.data) % 2 == 0 and max(even, odd) > 50 * min(even, odd) and max(even, odd) > len(file.data) // 50:
        return "utf-16-le" if odd > even else "utf-16-be"
    raise _decoding_unreadable(file, f"holds {even + odd} NUL bytes", "only text is read, no binary files")


def _windows_1252(file: SourceFile, problem: UnicodeDecodeError) -> str:
    text = file.data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    whole = len(text) - len(text.encode("ascii", "ignore")) - broken
    if whole > broken:  # a Windows-1252 file is UTF-8 by accident only
        line = file.data.count(b"\n", 0, problem.start) + 1
        raise _decoding_unreadable(
            file,
            f"is UTF-8, but damaged in {broken} places, first at offset {problem.start} (line {line})",
            "text is read whole or not at all",
        )
    high = len(file.data) - len(file.data.translate(None, _HIGH_LETTERS))
    letters = high + len(file.data) - len(file.data.translate(None, _ASCII_LETTERS))
    if letters and high > _MOST_HIGH_BYTES * letters:
        raise _decoding_unreadable(
            file,
            f"is not UTF-8, and {high} of its {letters} letters are above ASCII",
            "of the older encodings only Windows-1252 is read",
        )
    return "cp1252"


def _decoding_unreadable(file: SourceFile, found: str, rule: str) -> FileUnreadable:
    return FileUnreadable(f"{file.name!r} {found}", rule=rule, remedy=_SAVE_AS_UTF8)
