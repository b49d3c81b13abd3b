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
Quotes = tuple[str, str, str, str]
"""Quotation marks: opening, closing, and those of a quotation in a quotation."""
AMERICAN: Quotes = ("“", "”", "‘", "’")

ITALIC, ITALIC_END = "\ufdd0", "\ufdd1"
BOLD, BOLD_END = "\ufdd2", "\ufdd3"
RAISED, RAISED_END = "\ufdd4", "\ufdd5"
LOWERED, LOWERED_END = "\ufdd6", "\ufdd7"
QUOTE, QUOTE_END = "\ufdd8", "\ufdd9"
PLAIN, PLAIN_END = "\ufdda", "\ufddb"
"""Around text whose capitals no style may change."""
SINGLE, SINGLE_END = "\ufddc", "\ufddd"
"""Around a quotation that its writer put into ‘single’ marks: it keeps them where it stands in no other."""
_OWN = "\ufdde"
"""Before punctuation that a field has after a quotation of its own; no style moves that."""

_TAGS = {
    BOLD: "<b>",
    BOLD_END: "</b>",
    RAISED: "<sup>",
    RAISED_END: "</sup>",
    LOWERED: "<sub>",
    LOWERED_END: "</sub>",
    PLAIN: "",
    PLAIN_END: "",
    _OWN: "",
}
_CSL_MARKUP = {
    "<i>": (ITALIC, ITALIC_END),
    "<b>": (BOLD, BOLD_END),
    "<sup>": (RAISED, RAISED_END),
    "<sub>": (LOWERED, LOWERED_END),
    '<span class="nocase">': (PLAIN, PLAIN_END),
}
_CSL_TAG = re.compile(
    r"""(<(i|b|sup|sub)> | <(span)(?:\ class="nocase"|\ style="font-variant:\s*small-caps;?")> | <(sc)>)
    ([^<>]*)
    </(?:(?(2)\2|(?(3)\3|\4)))>""",
    re.VERBOSE,
)
_STRAIGHT = re.compile(r"(?<!\w)'((?:[^'‘’]|(?<=\w)['’](?=\w))+)'(?!\w)")
_CURLED = re.compile(r"(?<!\w)‘((?:[^'‘’]|(?<=\w)['’](?=\w))+)’(?!\w)")

_ENDS = f"{ITALIC_END}{BOLD_END}{RAISED_END}{LOWERED_END}{QUOTE_END}{SINGLE_END}"
MARKS = re.compile(r"[\ufdd0-\ufdde]")
_STOP_AFTER_STOP = re.compile(rf"([.?!][{_ENDS}]+|[?!])\.(?!\.)")
_COMMA_AFTER_COMMA = re.compile(rf"(,[{_ENDS}]+),")
_OUTSIDE = re.compile(rf"([{_ENDS}]*[{QUOTE_END}{SINGLE_END}][{_ENDS}]*)([.,])(?!\.)")
_EMPTY_SPACE = re.compile(r"  +")


def mark(text: str) -> str:
    """A field's text with its quotations and CSL's own markup (i, b, sup, sub) as marks; other tags stay text."""
    text = _STRAIGHT.sub(rf"{QUOTE}\1{QUOTE_END}", _mark_double_quotes(mark_tags(text)))
    text = _CURLED.sub(rf"{SINGLE}\1{SINGLE_END}", text)
    text = _OUTSIDE.sub(rf"\1{_OWN}\2", text)
    return re.sub(r"(?<=\w)'|'(?=\w)", "’", text)


def mark_tags(text: str) -> str:
    """A field's text with CSL's own markup (i, b, sup, sub, "nocase") as marks, nested or not; other tags stay text.

    Small capitals are left out: none of our outputs has them.
    """
    found = 1
    while found:  # the innermost first
        text, found = _CSL_TAG.subn(_marked_tag, text)
    return text


def _marked_tag(tag: re.Match[str]) -> str:
    begin, end = _CSL_MARKUP.get(tag[1], ("", ""))
    return f"{begin}{tag[5]}{end}"


def unmarked(marked: str) -> str:
    """The text without any mark: what sorting compares."""
    return MARKS.sub("", marked)


def tidy(marked: str, *, inside: bool = True) -> str:
    """Puts the seams right: no second full stop, and commas and full stops ``inside`` closing quotation marks.

    That is American usage, which all four manuals follow (CMOS 17, 6.9 and 6.124; MLA Handbook 9, 6.48; APA 7, 6.7);
    British, German and other locales leave them outside.
    """
    marked = _STOP_AFTER_STOP.sub(r"\1", marked)
    marked = _COMMA_AFTER_COMMA.sub(r"\1", marked)
    return _EMPTY_SPACE.sub(" ", _OUTSIDE.sub(r"\2\1", marked) if inside else marked).strip()


def render(marked: str, markup: Markup, quotes: Quotes = AMERICAN) -> str:
    """Marked text as plain text or as safe HTML; quotations alternate between two pairs of marks, “ ” and ‘ ’.

    Italics within italics stand upright.
    """
    if markup not in get_args(Markup):
        raise CitationInvalid(
            f"markup {markup!r} is unknown",
            rule=f"the markups are {', '.join(get_args(Markup))}",
            remedy="ask for one of them",
        )
    html = markup == "html"
    out: list[str] = []
    italics = 0
    open_quotes: list[int] = []
    for run in re.split(r"([\ufdd0-\ufdde])", marked):
        if run in (QUOTE, SINGLE):
            open_quotes.append(open_quotes[-1] + 1 if open_quotes else 1 if run == QUOTE else 2)
            out.append(quotes[0 if open_quotes[-1] % 2 else 2])
        elif run in (QUOTE_END, SINGLE_END):
            out.append(quotes[1 if open_quotes and open_quotes.pop() % 2 else 3])
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
