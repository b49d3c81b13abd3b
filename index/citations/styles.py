"""Citations as scholars write them: Chicago notes, Chicago author-date, APA, MLA or any other CSL style, one by one or in a list.

Formatting is a CSL processor's work (``index.citations.csl_styles``, imported when first needed); this module knows the
styles, says "quoted in", and falls back to the citation as written. Which editions of the manuals, and why, stands in
docs/citations.md.
"""

from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from index.citations.csl import Item, clean, read_item
from index.citations.locators import parse_date
from index.citations.markup import ITALIC, ITALIC_END, Markup, mark, render, tidy
from index.errors import CitationInvalid
from index.records import Citation, CslItem, Locator, QuotedIn

if TYPE_CHECKING:
    from index.citations.csl_styles import Style


class StyleEntry(msgspec.Struct, frozen=True):
    """A citation style: its CSL ``file``, what people call it, and what it says before the document a passage was read in."""

    name: str
    label: str
    file: Path
    quoted_in: str = ""


_VENDORED = Path(str(files("index.citations") / "vendor"))
_ENTRIES = {
    entry.name: entry
    for entry in (
        StyleEntry("chicago-notes", "Chicago (notes)", _VENDORED / "chicago-fullnote-bibliography.csl", "quoted in"),
        StyleEntry("chicago-author-date", "Chicago (author-date)", _VENDORED / "chicago-author-date.csl", "quoted in"),
        StyleEntry("apa", "APA", _VENDORED / "apa.csl", "as cited in"),
        StyleEntry("mla", "MLA", _VENDORED / "modern-language-association.csl", "qtd. in"),
    )
}
_QUOTED_IN = {
    "de": "zitiert nach", "en": "quoted in", "es": "citado en", "fr": "cité dans", "it": "citato in", "nl": "geciteerd in",
    "pl": "cyt. za", "pt": "citado em", "ru": "цит. по",
}  # fmt: skip
"""What a style that has no words of its own says in the language of its terms."""
_BIBLE = frozenset("""
    Gen Exod Lev Num Deut Josh Judg Sam Kgs Chr Chron Neh Esth Ps Pss Prov Eccl Isa Jer Lam Ezek Dan Hos Obad Mic Nah Hab Zeph
    Hag Zech Mal Tob Jdt Wis Sir Bar Macc Matt Rom Cor Gal Eph Phil Col Thess Tim Phlm Heb Jas Pet Rev
""".split())  # fmt: skip
"""Books of the Bible as they are abbreviated, with a full stop after them (CMOS 17, 10.44 to 10.47)."""
_ITEM = msgspec.json.Decoder(Item)
"""Made when this is imported, as in ``index.catalog.reader``: two threads must not be the first to decode an item."""

STYLES = tuple(_ENTRIES)
"""The styles that travel with Ibid, by name; the first is the default."""
PLUGINS: Final = "ibid.styles"
"""The entry-point group in which another distribution names styles: each loads a ``StyleEntry`` or the path of a CSL file."""


def find_style(name: str, folder: Path | None = None, *, files_too: bool = False) -> str:
    """A style's name as the functions below take it: one of ``STYLES``, of a plugin, of ``folder``, or the path of a CSL file.

    "@de-DE" behind it asks for its terms in another language than its own.

    Args:
        name: "apa", "ieee", "apa@de-DE" or, with ``files_too``, "styles/mine.csl".
        folder: where CSL files are looked up by name.
        files_too: whether a path may be named; never let a stranger name one.

    Raises:
        CitationInvalid: there is none of this name, or its file is no CSL style.
    """
    plain, at, language = name.partition("@")
    file = Path(plain)
    if plain in _ENTRIES or plain in _plugins():
        found = plain
    elif folder is not None and Path(plain).name == plain and (folder / f"{plain}.csl").is_file():
        found = str(folder / f"{plain}.csl")
    elif files_too and file.suffix == ".csl":
        found = str(file)
    else:
        raise _unknown(name, (*STYLES, *_plugins(), *(folder_styles(folder) if folder else ())))
    check_style(f"{found}{at}{language}")
    return f"{found}{at}{language}"


def folder_styles(folder: Path) -> tuple[str, ...]:
    """The names of the styles in a folder of CSL files, in alphabetical order."""
    return tuple(sorted(file.stem for file in folder.glob("*.csl")))


def plugin_styles() -> tuple[str, ...]:
    """The names of the styles that installed plugins bring."""
    return tuple(_plugins())


def style_label(style: str) -> str:
    """What people call a style; a CSL file by its name."""
    plain, _, language = style.partition("@")
    known = _ENTRIES.get(plain) or (_plugins().get(plain) if not plain.endswith(".csl") else None)
    label = known.label if known else Path(plain).stem
    return f"{label} ({language})" if language else label


def format_citation(
    csl: CslItem, locator: Locator | None, style: str, *, quoted_in: str | QuotedIn | None = None, markup: Markup = "text"
) -> str:
    """One citation as the style sets it: a full note for Chicago notes, an in-text citation for the others.

    ``quoted_in`` is the document the passage was read in, by its title or with all that is told of it; the manual's own words
    say so: "quoted in *A Reader on Lamps*, comp. Ann Crane (Boston: Dock, 1999)", "(Doe, 1936, as cited in Crane, 1999)".

    Raises:
        CitationInvalid: an unknown style or markup, or an item that cannot be formatted.
    """
    check_style(style)
    item = msgspec.json.encode(msgspec.structs.replace(read_item(csl), id=""))
    return render(_marked_citation(item, locator, style, quoted_in), markup, _style(style).quotes)


def format_excerpt_citation(
    citation: Citation | None, style: str, *, quoted_in: str | QuotedIn | None = None, markup: Markup = "text"
) -> str:
    """An excerpt's citation: formatted where it was parsed, else the line as written, verbatim.

    An excerpt without a citation cites its document, and is "" where that has no title either.

    Raises:
        CitationInvalid: as for ``format_citation``.
    """
    check_style(style)
    if citation is not None and citation.csl is not None:
        return format_citation(citation.csl, citation.locator, style, quoted_in=quoted_in, markup=markup)
    title = _holder(quoted_in, style)
    if citation is None:
        return render(title, markup)
    return render(citation.raw, markup) + (render(f" ({_quoted_in(style)} {title})", markup) if title else "")


def format_bibliography(items: Sequence[CslItem], style: str, markup: Markup = "text") -> list[str]:
    """The works cited, one entry each, sorted as the style sorts; an item given twice is listed once.

    Works that author and year do not tell apart get "1936a", "1936b" … in the styles that cite by date.

    Raises:
        CitationInvalid: as for ``format_citation``.
    """
    check_style(style)
    works = {msgspec.json.encode(item): item for item in (msgspec.structs.replace(read_item(csl), id="") for csl in items)}
    entries = _list_style(style).bibliography(list(works.values()))
    if _list_style(style).tells_years_apart:
        given = list(works.values())
        in_order = [given[number] for number, _ in entries]
        if (told_apart := _told_apart(in_order, style)) != in_order:
            entries = _list_style(style).bibliography(told_apart)
    own = _list_style(style)
    return [render(tidy(entry, inside=own.stops_inside), markup, own.quotes) for _, entry in entries]


def check_style(style: str) -> None:
    """Raises CitationInvalid for a style that there is none of, or whose file or language cannot be used."""
    plain, _, language = style.partition("@")
    if plain not in _ENTRIES:
        _entry(plain)
    if plain not in _ENTRIES or language:
        _style(style)


def style_file(style: str) -> Path:
    """The CSL file that a style is set with: its own, or that of the style it depends on. Raises CitationInvalid."""
    file = _entry(style.partition("@")[0]).file
    if file.parent == _VENDORED:
        return file
    from index.citations.csl_styles import check_file, parent_of

    check_file(file)
    parent = parent_of(file)
    if not parent:
        return file
    beside = file.with_name(f"{parent}.csl")
    named = next((entry.file for entry in _ENTRIES.values() if parent in (entry.name, entry.file.stem)), beside)
    found = beside if beside.is_file() else named
    if not found.is_file():
        raise CitationInvalid(
            f"style {file.stem!r} depends on {parent!r}, which is not there",
            rule="a dependent style needs its parent",
            remedy=f"put {parent}.csl beside it",
        )
    check_file(found)
    return found


@cache
def _entry(plain: str) -> StyleEntry:
    """The entry of a style by its name, or of a CSL file by its path."""
    known = _ENTRIES.get(plain) or (_plugins().get(plain) if not plain.endswith(".csl") else None)
    if known is None and not plain.endswith(".csl"):
        raise _unknown(plain, (*STYLES, *_plugins()))
    return known or StyleEntry(Path(plain).stem, Path(plain).stem, Path(plain))


@cache
def _plugins() -> dict[str, StyleEntry]:
    """Looked up for a style that is not ours."""
    from index.plugins import plugins

    return {
        name: entry if isinstance(entry, StyleEntry) else StyleEntry(name, name, Path(str(entry)))
        for name, entry in plugins(PLUGINS).items()
    }


def _unknown(style: str, known: Sequence[str]) -> CitationInvalid:
    from difflib import get_close_matches

    near = get_close_matches(style.partition("@")[0], known, n=3)
    listed = known if len(known) <= 12 else (*STYLES, f"and {len(known) - len(STYLES)} more")
    return CitationInvalid(
        f"style {style!r} is unknown",
        rule=f"the styles are {', '.join(listed)}",
        remedy=f"did you mean {' or '.join(near)}?" if near else "put its CSL file into the folder that styles_dir names",
    )


def _quoted_in(style: str) -> str:
    plain, _, language = style.partition("@")
    entry = _entry(plain)
    if entry.quoted_in and not language:
        return entry.quoted_in
    return _QUOTED_IN.get(_style(style).language.partition("-")[0], _QUOTED_IN["en"])


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
def _marked_citation(item: bytes, locator: Locator | None, style: str, quoted_in: str | QuotedIn | None) -> str:
    suffix = f" [{mark(clean(locator.note))}]" if locator and clean(locator.note) else ""
    title = clean(_title_of(quoted_in)).casefold()
    if title and title != clean(_ITEM.decode(item).text("title")).casefold():
        suffix += f", {_quoted_in(style)} {_holder(quoted_in, style)}"
    own, cited = _style(style), _ITEM.decode(item)
    if _is_classic(cited):
        text = f"{_classic(cited, locator)}{suffix}"
        return f"({text})" if own.in_text else tidy(f"{text}.")
    return tidy(own.citation(_named(cited) if own.in_text else cited, locator, suffix), inside=own.stops_inside)


def _title_of(quoted_in: str | QuotedIn | None) -> str:
    return quoted_in.title if isinstance(quoted_in, QuotedIn) else quoted_in or ""


def _holder(quoted_in: str | QuotedIn | None, style: str) -> str:
    """The compilation a passage was read in, as marked text: title, compiler and imprint, or in the text compiler and year."""
    title = clean(_title_of(quoted_in))
    named = f"{ITALIC}{mark(title)}{ITALIC_END}" if title else ""
    if not named or not isinstance(quoted_in, QuotedIn):
        return named
    if _style(style).in_text:
        return _holder_in_text(quoted_in, style) if quoted_in.compiler and quoted_in.date else named
    return f"{named}{mark(clean(title + quoted_in.details)[len(title) :])}"


def _holder_in_text(quoted_in: QuotedIn, style: str) -> str:
    """The compiler and year as the style names a work in the text, without the brackets around it ("Crane, 1999")."""
    from index.citations.people import read_people

    people = read_people(quoted_in.compiler) or [{"literal": clean(quoted_in.compiler)}]
    issued = parse_date(quoted_in.date)
    csl = {"type": "book", "title": quoted_in.title, "author": people} | ({"issued": issued} if issued else {})
    cited = _style(style).citation(msgspec.structs.replace(read_item(csl), id=""), None, "")
    return cited.removeprefix("(").removesuffix(")")


def _is_classic(item: Item) -> bool:
    """A classic cited as such, by its own divisions and no edition: it has no date, and none is missing."""
    return item.type == "classic" and bool(item.text("title")) and not item.dates and not item.text("publisher")


def _classic(item: Item, locator: Locator | None) -> str:
    """As in "1 Cor. 13:4–7"; "Plato, *Republic* 514a" (CMOS 17, 14.239 and 14.242)."""
    title = clean(item.text("title"))
    if title.rpartition(" ")[2] in _BIBLE:
        title += "."
    authors = ", ".join(mark(person.surname) for person in item.people("author"))
    titled = f"{authors}, {ITALIC}{mark(title)}{ITALIC_END}" if authors else mark(title)
    return f"{titled} {mark(clean(locator.value))}" if locator and clean(locator.value) else titled


def _named(item: Item) -> Item:
    """A piece that has neither title nor name goes by the newspaper or book that it stands in: "(1937, p. 14)" names nothing."""
    container = item.text("container-title")
    if item.text("title") or item.names or not container:
        return item
    others = {field: text for field, text in item.texts.items() if field != "container-title"}
    return msgspec.structs.replace(item, type="book", texts=others | {"title": container})


@cache
def _style(name: str) -> "Style":
    return _opened(name)


@cache
def _list_style(name: str) -> "Style":
    """A second copy for bibliographies: a long one takes a second, and single citations must not wait for it."""
    return _opened(name)


def _opened(name: str) -> "Style":
    from index.citations.csl_styles import Style, default_language  # brings lxml, which `ibid --help` does not need

    plain, _, language = name.partition("@")
    own, file = _entry(plain).file, style_file(plain)
    return Style(file, language or (default_language(own) if own != file else ""))
