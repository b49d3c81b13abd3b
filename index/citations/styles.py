"""Citations as scholars write them: Chicago notes, Chicago author-date, APA and MLA, one by one or as a bibliography.

Formatting is a CSL processor's work (``index.citations.citeproc_patches``, imported when first needed); this module
chooses the style, says "quoted in", and falls back to the citation as written. Which editions of the manuals,
and why, stands in docs/citations.md.
"""

from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import msgspec

from index.citations.csl import Item, clean, read_item
from index.citations.markup import ITALIC, ITALIC_END, Markup, mark, render, tidy
from index.errors import CitationInvalid
from index.records import Citation, CslItem, Locator

if TYPE_CHECKING:
    from index.citations.citeproc_patches import Style

_FILES = {
    "chicago-notes": "chicago-fullnote-bibliography.csl",
    "chicago-author-date": "chicago-author-date.csl",
    "apa": "apa.csl",
    "mla": "modern-language-association.csl",
}
_QUOTED_IN = {"chicago-notes": "quoted in", "chicago-author-date": "quoted in", "apa": "as cited in", "mla": "qtd. in"}
_BY_DATE = frozenset({"chicago-author-date", "apa"})
_ITEM = msgspec.json.Decoder(Item)
"""Made when this is imported, as in ``index.catalog.reader``: two threads must not be the first to decode an item."""

STYLES = tuple(_FILES)
"""The styles by name; the first is the default."""


def format_citation(
    csl: CslItem, locator: Locator | None, style: str, *, quoted_in: str | None = None, markup: Markup = "text"
) -> str:
    """One citation as the style sets it: a full note for Chicago notes, an in-text citation for the others.

    ``quoted_in`` is the title of the document the passage was read in; the manual's own words say so.

    Raises:
        CitationInvalid: an unknown style or markup, or an item that cannot be formatted.
    """
    check_style(style)
    item = msgspec.json.encode(msgspec.structs.replace(read_item(csl), id=""))
    return render(_marked_citation(item, locator, style, quoted_in), markup)


def format_excerpt_citation(
    citation: Citation | None, style: str, *, quoted_in: str | None = None, markup: Markup = "text"
) -> str:
    """An excerpt's citation: formatted where it was parsed, else the line as written, verbatim.

    An excerpt without a citation cites its document, and is "" where that has no title either.

    Raises:
        CitationInvalid: as for ``format_citation``.
    """
    check_style(style)
    if citation is not None and citation.csl is not None:
        return format_citation(citation.csl, citation.locator, style, quoted_in=quoted_in, markup=markup)
    title = f"{ITALIC}{mark(clean(quoted_in))}{ITALIC_END}" if quoted_in else ""
    if citation is None:
        return render(title, markup)
    return render(citation.raw, markup) + (render(f" ({_QUOTED_IN[style]} {title})", markup) if title else "")


def format_bibliography(items: Sequence[CslItem], style: str, markup: Markup = "text") -> list[str]:
    """The works cited, one entry each, sorted as the style sorts; an item given twice is listed once.

    Works that author and year do not tell apart get "1936a", "1936b" … in the styles that cite by date.

    Raises:
        CitationInvalid: as for ``format_citation``.
    """
    check_style(style)
    works = {msgspec.json.encode(item): item for item in (msgspec.structs.replace(read_item(csl), id="") for csl in items)}
    entries = _list_style(style).bibliography(list(works.values()))
    if style in _BY_DATE:
        given = list(works.values())
        in_order = [given[number] for number, _ in entries]
        if (told_apart := _told_apart(in_order, style)) != in_order:
            entries = _list_style(style).bibliography(told_apart)
    return [render(tidy(entry), markup) for _, entry in entries]


def check_style(style: str) -> None:
    """Raises CitationInvalid for a style that there is none of."""
    if style not in _FILES:
        raise CitationInvalid(
            f"style {style!r} is unknown",
            rule=f"the styles are {', '.join(STYLES)}",
            remedy="ask for one of them",
        )


def _told_apart(items: Sequence[Item], style: str) -> list[Item]:
    """The items, with a ``year-suffix`` where two would be cited alike; letters follow the order of the bibliography."""
    cited = [_list_style(style).citation(item, None, "") for item in items]
    alike = Counter(cited)
    letters: Counter[str] = Counter()
    told_apart: list[Item] = []
    for item, citation in zip(items, cited, strict=True):
        if alike[citation] > 1 and item.issued.begin and not item.text("year-suffix"):
            told_apart.append(msgspec.structs.replace(item, texts=item.texts | {"year-suffix": _letter(letters[citation])}))
            letters[citation] += 1
        else:
            told_apart.append(item)
    return told_apart


def _letter(number: int) -> str:
    """0 is "a", 25 is "z", 26 is "aa"."""
    return (_letter(number // 26 - 1) if number >= 26 else "") + "abcdefghijklmnopqrstuvwxyz"[number % 26]


@lru_cache(maxsize=512)
def _marked_citation(item: bytes, locator: Locator | None, style: str, quoted_in: str | None) -> str:
    suffix = f" [{mark(clean(locator.note))}]" if locator and clean(locator.note) else ""
    if quoted_in and (title := clean(quoted_in)):
        suffix += f", {_QUOTED_IN[style]} {ITALIC}{mark(title)}{ITALIC_END}"
    return tidy(_style(style).citation(_ITEM.decode(item), locator, suffix))


@cache
def _style(name: str) -> "Style":
    from index.citations.citeproc_patches import Style  # brings lxml, which `ibid --help` does not need

    return Style(_FILES[name])


@cache
def _list_style(name: str) -> "Style":
    """A second copy for bibliographies: a long one takes a second, and single citations must not wait for it."""
    from index.citations.citeproc_patches import Style

    return Style(_FILES[name])
