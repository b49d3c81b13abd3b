"""A formatted citation between the CSL processor and its reader: marked text, its punctuation, plain text or HTML.

While a style is applied, italics and quotations are single characters (Unicode noncharacters, which
``index.citations.csl.clean`` keeps out of all data). So what a title says can never turn into markup,
and punctuation can be put right across the marks, once, for every style.
"""

import re
from html import escape
from typing import Literal, get_args

from index.errors import CitationInvalid

Markup = Literal["text", "html"]

ITALIC, ITALIC_END = "\ufdd0", "\ufdd1"
BOLD, BOLD_END = "\ufdd2", "\ufdd3"
RAISED, RAISED_END = "\ufdd4", "\ufdd5"
LOWERED, LOWERED_END = "\ufdd6", "\ufdd7"
QUOTE, QUOTE_END = "\ufdd8", "\ufdd9"

_TAGS = {BOLD: "<b>", BOLD_END: "</b>", RAISED: "<sup>", RAISED_END: "</sup>", LOWERED: "<sub>", LOWERED_END: "</sub>"}
_CSL_MARKUP = {"i": ITALIC + ITALIC_END, "b": BOLD + BOLD_END, "sup": RAISED + RAISED_END, "sub": LOWERED + LOWERED_END}
_CSL_TAG = re.compile(r"<(i|b|sup|sub)>([^<>]*)</\1>")
_NO_CASE = re.compile(r'<span class="nocase">([^<>]*)</span>')
_SINGLE_QUOTED = re.compile(r"(?<!\w)['‘]((?:[^'‘’]|(?<=\w)['’](?=\w))+)['’](?!\w)")

_ENDS = f"{ITALIC_END}{BOLD_END}{RAISED_END}{LOWERED_END}{QUOTE_END}"
_MARKS = re.compile(r"[\ufdd0-\ufdd9]")
_STOP_AFTER_STOP = re.compile(rf"([.?!][{_ENDS}]+|[?!])\.(?!\.)")
_COMMA_AFTER_COMMA = re.compile(rf"(,[{_ENDS}]+),")
_OUTSIDE = re.compile(rf"([{_ENDS}]*{QUOTE_END}[{_ENDS}]*)([.,])(?!\.)")
_EMPTY_SPACE = re.compile(r"  +")


def mark(text: str) -> str:
    """A field's text with its quotations and CSL's own markup (i, b, sup, sub) as marks; other tags stay text."""
    text = _SINGLE_QUOTED.sub(rf"{QUOTE}\1{QUOTE_END}", _mark_double_quotes(mark_tags(text)))
    return re.sub(r"(?<=\w)'|'(?=\w)", "’", text)


def mark_tags(text: str) -> str:
    """A field's text with CSL's own markup (i, b, sup, sub) as marks and its "nocase" spans gone; other tags stay text."""
    text = _NO_CASE.sub(r"\1", text)
    return _CSL_TAG.sub(lambda tag: _CSL_MARKUP[tag[1]][0] + tag[2] + _CSL_MARKUP[tag[1]][1], text)


def unmarked(marked: str) -> str:
    """The text without any mark: what sorting compares."""
    return _MARKS.sub("", marked)


def tidy(marked: str) -> str:
    """Puts the seams right: no second full stop, and commas and full stops inside closing quotation marks.

    That is American usage, which all four manuals follow (CMOS 17, 6.9 and 6.124; MLA Handbook 9, 6.48; APA 7, 6.7).
    """
    marked = _STOP_AFTER_STOP.sub(r"\1", marked)
    marked = _COMMA_AFTER_COMMA.sub(r"\1", marked)
    return _EMPTY_SPACE.sub(" ", _OUTSIDE.sub(r"\2\1", marked)).strip()


def render(marked: str, markup: Markup) -> str:
    """Marked text as plain text or as safe HTML; quotations alternate “ ” and ‘ ’, italics within italics stand upright."""
    if markup not in get_args(Markup):
        raise CitationInvalid(
            f"markup {markup!r} is unknown",
            rule=f"the markups are {', '.join(get_args(Markup))}",
            remedy="ask for one of them",
        )
    html = markup == "html"
    out: list[str] = []
    italics = quotes = 0
    for run in re.split(r"([\ufdd0-\ufdd9])", marked):
        if run == QUOTE:
            quotes += 1
            out.append("“" if quotes % 2 else "‘")
        elif run == QUOTE_END:
            out.append("”" if quotes % 2 else "’")
            quotes -= 1
        elif run == ITALIC:
            italics += 1
            out.append(_italic(italics) if html else "")
        elif run == ITALIC_END:
            out.append(("</i>" if italics % 2 else "</span>") if html else "")
            italics -= 1
        elif run in _TAGS:
            out.append(_TAGS[run] if html else "")
        else:
            out.append(escape(run, quote=True) if html else run)
    return "".join(out)


def _italic(depth: int) -> str:
    return "<i>" if depth % 2 else '<span style="font-style: normal">'


def _mark_double_quotes(text: str) -> str:
    """Marks “…” and "…" where they pair up; a quotation mark without its partner stays as it is."""
    runs = list(text)
    open_at: list[int] = []
    for place, character in enumerate(text):
        closes = character == "”" or (character == '"' and open_at and text[open_at[-1]] == '"')
        if closes and open_at:
            runs[open_at.pop()], runs[place] = QUOTE, QUOTE_END
        elif character in '“"':
            open_at.append(place)
    return "".join(runs)
