"""Copies of text made for comparing: case, accents and typographic quotes set aside.

Nothing folded is ever shown or stored as a quotation.
"""

import re
import unicodedata

_SINGLE_QUOTES = "‘’‚‛′‵＇ʼ"
_DOUBLE_QUOTES = "“”„‟″‶«»"
_UNSPACED = re.compile(
    "["
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Myanmar, Khmer
    "\u3040-\u30ff\u31f0-\u31ff"  # Kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    "]"
)


class _WithoutMarks(dict[int, int | None]):
    """A table for ``str.translate`` that drops combining characters and writes digits of any script as ASCII's.

    It looks each character up once. Given from the start: the stroke that lengthens Arabic words, and marks of Thai and Lao.
    """

    def __missing__(self, character: int) -> int | None:
        letter = chr(character)
        digit = unicodedata.decimal(letter, None)
        self[character] = None if unicodedata.combining(letter) else character if digit is None else ord(str(digit))
        return self[character]


_WITHOUT_MARKS = _WithoutMarks(dict.fromkeys(map(ord, "ـ\u0e47\u0e4c\u0e4e\u0ec8\u0ecc")))
_WORD = re.compile(r"[^\W_]+")


_BROKEN_WORD = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010]\r?\n(?=[^\W\d_A-Z])")


def rejoined(text: str) -> str:
    """The text with words that are broken at the end of a line in one piece, for searching; the stored text keeps the break."""
    return _BROKEN_WORD.sub("", text) if "\n" in text else text


def fold(text: str) -> str:
    """Case folded, compatibility forms, accents and typographic quotes replaced by the plain ones.

    Scripts that put no spaces between words come out spaced character by character, so that
    words can be found in them. Lone surrogates become "?". Offsets are not kept.
    """
    bare = folded(text)
    return bare if bare.isascii() else _UNSPACED.sub(lambda match: f" {match.group()} ", bare)


def folded(text: str) -> str:
    """As ``fold``, but with scripts without spaces left as they are."""
    plain = _plain_quotes(text)
    if plain.isascii():
        return plain.lower()
    # Quotes went first: NFKD would take some of them apart.
    apart = unicodedata.normalize("NFKD", plain.encode("utf-8", "replace").decode("utf-8")).casefold()
    return unicodedata.normalize("NFC", apart.translate(_WITHOUT_MARKS))


def composed(text: str) -> str:
    """What stemmers take: composed letters in any case with their accents, and plain quotes; digits as ASCII's.

    Marks that compose with no letter (harakat, tone marks) are left out.
    """
    plain = _plain_quotes(text)
    if plain.isascii():
        return plain
    return unicodedata.normalize("NFKC", plain.encode("utf-8", "replace").decode("utf-8")).translate(_WITHOUT_MARKS)


_DOTTED = re.compile(r"(?<![\w.])(?:[^\W\d_]\.){2,}(?:[^\W\d_](?![^\W_]))?")
"""Two and more single letters, each with its point: "N.K.V.D.", "U.S.A", "e.g."; initials with spaces stay apart."""
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:([,.'’\u00a0\u2009\u202f])\d{3}(?!\d))(?:\1\d{3}(?!\d))*")
"""A number whose thousands are set apart: "12,500", "1.250.000", "12 500" with a space that does not break."""


def joined(text: str) -> str:
    """Acronyms without their points and numbers without separators, so that each is one word however it is written.

    Takes text before it is folded. Offsets are not kept.
    """
    if "." in text:
        text = _DOTTED.sub(lambda found: found.group().replace(".", "") + " ", text)
    return _GROUPED.sub(lambda found: "".join(filter(str.isdecimal, found.group())), text)


def words(text: str) -> list[str]:
    """The folded words of a text in order: runs of letters and digits."""
    return _WORD.findall(fold(text))


def _plain_quotes(text: str) -> str:
    """One pass a quote is several times faster than ``str.translate``, which looks up every character."""
    if text.isascii():
        return text
    for quote in _SINGLE_QUOTES:
        text = text.replace(quote, "'")
    for quote in _DOUBLE_QUOTES:
        text = text.replace(quote, '"')
    return text


_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae", "œ": "oe"})
_DIGRAPH = re.compile(r"([aou])e")


def name_words(text: str) -> list[str]:
    """The folded words of a name, and after them the other ways in which its umlauts are written.

    "Müllner" gives "mullner" and "muellner", and "Muellner" gives "muellner" and "mullner": asked for either way, both are found.
    """
    written = words(text)
    spelled_out = words(unicodedata.normalize("NFC", text).casefold().translate(_GERMAN))
    plain = [_DIGRAPH.sub(r"\1", word) for word in written]
    return list(dict.fromkeys([*written, *spelled_out, *plain]))


# Makes any Python string fit for a tokenizer, which takes Unicode scalar values only.


def encodable(text: str) -> str:
    """``text`` with each lone surrogate (half of a UTF-16 pair) replaced by U+FFFD; as long as before."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text)
    return text
