"""LaTeX as BibTeX files write it, back to plain text: accents, special characters, braces, emphasis."""

import re
import unicodedata

_ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306", ".": "\u0307", '"': "\u0308",
    "r": "\u030a", "H": "\u030b", "v": "\u030c", "d": "\u0323", "c": "\u0327", "k": "\u0328", "b": "\u0331",
}  # fmt: skip
_LETTERS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "aa": "å", "AA": "Å",
    "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "S": "§", "P": "¶", "dag": "†", "ddag": "‡",
    "copyright": "©", "pounds": "£", "euro": "€", "textquoteleft": "‘", "textquoteright": "’", "textquotedblleft": "“",
    "textquotedblright": "”", "textquotesingle": "'", "textendash": "–", "textemdash": "—", "ldots": "…", "dots": "…",
    "textellipsis": "…", "textbackslash": "\\", "textasciitilde": "~", "textasciicircum": "^", "textbraceleft": "{",
    "textbraceright": "}", "textunderscore": "_", "guillemotleft": "«", "guillemotright": "»", "textdegree": "°",
}  # fmt: skip
_ACCENT = re.compile(
    r"\\(?:([`'^~=.\"])\s*|([uvHrdckb])(?=\{|\s|\\)\s*)(?:\{\s*+(?:(\\?[A-Za-z])\s*+)?\}|(\\[ij](?![A-Za-z])|[A-Za-z]))"
)
_COMMAND = re.compile(r"\\([A-Za-z]+)(?:\s+|\{\}|(?![A-Za-z]))")
_ESCAPED = re.compile(r"\\([&%$#_{}\\ ])")
_DASHES = (("---", "—"), ("--", "–"))
_QUOTES = (("``", "“"), ("''", "”"))
_KEPT = "\ue000\ue001"


def plain_of(latex: str) -> str:
    """The text that LaTeX would print, without its emphasis and braces; commands that are not known stay as written."""
    text = _ACCENT.sub(_accented, latex)
    text = _ESCAPED.sub(lambda found: {"{": _KEPT[0], "}": _KEPT[1]}.get(found[1], "" if found[1] == "\\" else found[1]), text)
    text = _COMMAND.sub(_command, text)
    for written, printed in (*_DASHES, *_QUOTES):
        text = text.replace(written, printed)
    text = text.replace("~", "\u00a0").replace("{", "").replace("}", "").replace("$", "")
    return text.replace(_KEPT[0], "{").replace(_KEPT[1], "}")


def _accented(found: re.Match[str]) -> str:
    letter = (found[3] or found[4] or "").removeprefix("\\")
    return unicodedata.normalize("NFC", letter + _ACCENTS[found[1] or found[2]]) if letter else found[0]


def _command(found: re.Match[str]) -> str:
    name = found[1]
    if name in _LETTERS:
        return _LETTERS[name]
    if name in ("par", "newline"):
        return "\n\n"
    if name in ("emph", "textit", "textbf", "textsc", "textrm", "mkbibquote", "enquote", "url", "href", "em", "it", "bf"):
        return ""
    return found[0]
