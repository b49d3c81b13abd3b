"""CSL styles from their files, and items set in them: citeproc-py with our elements, over checked items.

It answers in marked text (``index.citations.markup``). Import this module only where something is formatted: citeproc-py
brings lxml.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from citeproc import (  # type: ignore[import-untyped]
    LOCALES_PATH,
    PRIMARY_DIALECTS,
    SCHEMA_PATH,
    Citation,
    CitationItem,
    CitationStylesBibliography,
    CitationStylesStyle,
    Locator,
    model,
    source,
)
from citeproc.source import BibliographySource, Reference  # type: ignore[import-untyped]
from lxml import etree

from index import records
from index.citations import markup
from index.citations.citeproc_patches import CSL, ELEMENTS, Field
from index.citations.csl import LOCATOR_LABELS, Item, PartialDate, Person, clean
from index.citations.markup import mark
from index.citations.name_order import split_particles
from index.errors import CitationInvalid

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NUMBERED = re.compile(r"^[\[(]?[0-9]+[\]).]*(?=[^\s\].)])")
"""The number of an entry, which stands in a column of its own where a style is typeset."""
_QUOTE_TERMS = ("open-quote", "close-quote", "open-inner-quote", "close-inner-quote")
_EDITION_WORDS = re.compile(
    r"(?:\b(?:rev|enl|exp|corr|abr|aug|upd|ill)\.|\b(?:revised|enlarged|expanded|corrected|abridged|augmented|updated))$",
    re.IGNORECASE,
)
"""An edition said in abbreviations, which lacks the word itself: "2nd rev."."""


class Style:
    """One style, parsed once; safe to share between threads.

    citeproc-py keeps the state of a rendering in its elements, so renderings take turns; each takes a millisecond or two.
    """

    def __init__(self, file: Path, language: str = "") -> None:
        """``language`` such as "de-DE" stands before the style's own.

        Raises:
            CitationInvalid: the file is no CSL style, or there is no such locale.
        """
        self._style = _StyleTree(file, language)
        self.tells_years_apart = self._style.tells_years_apart
        self._turn = Lock()

    @property
    def language(self) -> str:
        """The language that its terms are in, such as "en-US"."""
        return str(self._style.root.language)

    @property
    def in_text(self) -> bool:
        """Whether it cites in the text, in brackets, and not in notes."""
        return bool(self._style.root.get("class") == "in-text")

    @property
    def quotes(self) -> markup.Quotes:
        """The quotation marks of its language."""
        marks = [str(self._style.root.get_single_term(name=name)) for name in _QUOTE_TERMS]
        return (marks[0], marks[1], marks[2], marks[3])

    @property
    def stops_inside(self) -> bool:
        """Whether commas and full stops stand within closing quotation marks."""
        told = [locale.find(f"{CSL}style-options") for locale in self._style.root.locales]
        said = [options.get("punctuation-in-quote") for options in told if options is not None]
        return next((value == "true" for value in said if value is not None), False)

    def citation(self, item: Item, locator: records.Locator | None, suffix: str) -> str:
        """The first note, or the in-text citation, of one item; ``suffix``, marked text, stands within its last full stop."""
        given: dict[str, Any] = {"suffix": suffix} if suffix else {}
        if locator and (value := clean(locator.value)):
            given["locator"] = _locator(locator.label, value)
        with self._turn:
            bibliography, citation = self._register([item], **given)
            return str(bibliography.cite(citation, None))

    def bibliography(self, items: Sequence[Item]) -> list[tuple[int, str]]:
        """The entries in the style's order, each with the number of its item; what sorts alike keeps the order given.

        An item that the style never lists (APA: personal communications) has no entry.
        """
        with self._turn:
            bibliography, _ = self._register(items)
            bibliography.sort()
            entries = [
                (int(cite.key), str(entry)) for cite in bibliography.items for entry in self._style.render_bibliography([cite])
            ]
        if self._style.root.bibliography.get("second-field-align") is None:
            return entries
        return [(number, _NUMBERED.sub(r"\g<0> ", entry)) for number, entry in entries]

    def _register(self, items: Iterable[Item], **given: Any) -> tuple[Any, Any]:
        references = BibliographySource()
        for number, item in enumerate(items):
            references.add(self._style.reference(str(number), item))
        bibliography = CitationStylesBibliography(self._style, references, _Marks)
        citation = Citation([_Cite(key, references[key], **given) for key in references])
        bibliography.register(citation)
        return bibliography, citation


class _Cite(CitationItem):  # type: ignore[misc]  # citeproc-py has no types
    """Upstream looks a cite's reference up again, through three dictionaries, for every element that asks."""

    def __init__(self, key: str, reference: Reference, **given: Any) -> None:
        super().__init__(key, **given)
        self["_reference"] = reference

    @property
    def reference(self) -> Reference:
        return self["_reference"]


class _Marks:
    """What a style's formatting turns into; decorations that none of our styles uses are left out."""

    Oblique = Light = Underline = SmallCaps = preformat = staticmethod(Field)

    @staticmethod
    def Italic(text: str) -> Field:  # noqa: N802  # the name citeproc-py asks for
        return Field(f"{markup.ITALIC}{text}{markup.ITALIC_END}")

    @staticmethod
    def Bold(text: str) -> Field:  # noqa: N802
        return Field(f"{markup.BOLD}{text}{markup.BOLD_END}")

    @staticmethod
    def Superscript(text: str) -> Field:  # noqa: N802
        return Field(f"{markup.RAISED}{text}{markup.RAISED_END}")

    @staticmethod
    def Subscript(text: str) -> Field:  # noqa: N802
        return Field(f"{markup.LOWERED}{text}{markup.LOWERED_END}")


def _locator(label: str, value: str) -> Locator:
    """A label that CSL does not know is part of the value: "plate 3" must not be printed as page 3."""
    return Locator(label, value) if label in LOCATOR_LABELS else Locator("", f"{clean(label)} {value}".strip())


def _name(person: Person) -> source.Name:
    if person.literal:
        return source.Name(literal=mark(person.literal))
    parts = {
        "family": person.family,
        "given": person.given,
        "dropping-particle": person.dropping_particle,
        "non-dropping-particle": person.non_dropping_particle,
        "suffix": person.suffix,
    }
    return source.Name(**{part: mark(text) for part, text in parts.items() if text})


def _date(date: PartialDate, says_circa: bool) -> Any:
    if not date.begin:
        return source.LiteralDate(Field(mark(date.literal)), circa=date.circa)
    begin = source.Date(**_parts(date.begin), **({"season": date.season} if date.season else {}))
    if says_circa and date.circa:
        begin["year_prefix"] = "ca. "
    if not date.end:
        begin["circa"] = date.circa
        return begin
    return source.DateRange(begin=begin, end=source.Date(**_parts(date.end)), circa=date.circa)


def _parts(numbers: tuple[int, ...]) -> dict[str, int]:
    return dict(zip(("year", "month", "day"), numbers, strict=False))


def check_file(file: Path) -> None:
    """Refuses a file that is no CSL 1.0.2 style; a style that others depend on need not be there.

    Raises:
        CitationInvalid: it cannot be read, is no XML, or breaks the schema; with the line and the reason.
    """
    try:
        tree = etree.parse(str(file), etree.XMLParser(no_network=True, resolve_entities=False))
    except OSError as error:
        raise _unusable(file, f"cannot be read ({error})") from None
    except etree.XMLSyntaxError as error:
        raise _unusable(file, f"line {error.lineno}: {error.msg}") from None
    if not tree.getroot().tag.startswith(CSL):
        raise _unusable(file, f"line {tree.getroot().sourceline}: the root is {tree.getroot().tag!r}, not a CSL style")
    for element in tree.iter(f"{CSL}*"):
        strange = [name for name in element.attrib if not name.startswith("{") and name not in _known()]
        if strange or element.tag.removeprefix(CSL) not in _known():
            found = f"attribute {strange[0]!r}" if strange else f"element {element.tag.removeprefix(CSL)!r}"
            raise _unusable(file, f"line {element.sourceline}: {found} is unknown to CSL")
    schema = _schema()
    if not schema.validate(tree):
        first = schema.error_log[0]
        raise _unusable(file, f"line {first.line}: {first.message}")


def parent_of(file: Path) -> str:
    """The name of the style that a dependent style points to, "" for one that stands by itself."""
    links = etree.parse(str(file)).iterfind(f"{CSL}info/{CSL}link")
    hrefs = [link.get("href", "") for link in links if link.get("rel") == "independent-parent"]
    return hrefs[0].rstrip("/").rsplit("/", 1)[-1] if hrefs else ""


def default_language(file: Path) -> str:
    """The locale that a style asks for, "" where it asks for none."""
    return str(etree.parse(str(file)).getroot().get("default-locale") or "")


@cache
def _schema() -> Any:
    return etree.RelaxNG(etree.parse(SCHEMA_PATH))


@cache
def _known() -> frozenset[str]:
    """The names of all attributes and elements of CSL: the schema's own message often names the wrong place."""
    schema = Path(SCHEMA_PATH).read_text(encoding="utf-8")
    return frozenset(name.removeprefix("cs:") for name in re.findall(r"<name[^<>]*>([^<]+)</name>", schema))


def _unusable(file: Path, reason: str) -> CitationInvalid:
    return CitationInvalid(
        f"{file.name} is no style that can be used: {reason}",
        rule="a style is a CSL 1.0.2 file",
        remedy="correct it, or take it again from the Zotero Style Repository",
    )


def _parse(path: str) -> Any:
    """The root of a CSL file, its elements made of our classes and, for the rest, of citeproc-py."""
    lookup = etree.ElementNamespaceClassLookup()
    classes = lookup.get_namespace(CSL.strip("{}"))
    classes[None] = model.CitationStylesElement
    for upstream in model.CitationStylesElement.__subclasses__():
        classes[upstream.__name__.replace("_", "-").lower()] = upstream
    classes.update(ELEMENTS)
    parser = etree.XMLParser(remove_comments=True, no_network=True, resolve_entities=False)
    parser.set_element_class_lookup(lookup)
    return etree.parse(path, parser).getroot()


def _locale_file(language: str) -> Path | None:
    for name in (language, PRIMARY_DIALECTS.get(language.partition("-")[0], "")):
        file = Path(LOCALES_PATH) / f"locales-{name}.xml"
        if name and re.fullmatch(r"[A-Za-z-]+", name) and file.is_file():
            return file
    return None


class _StyleTree(CitationStylesStyle):  # type: ignore[misc]  # citeproc-py has no types
    """A style file and its locales. Upstream validates on every load, and reads locales with its own classes only."""

    def __init__(self, path: Path, language: str) -> None:
        self.root = _parse(str(path))
        self.root.language = language or self.root.get("default-locale") or "en-US"
        self.root.locales = list(self._locales(self.root.language))
        for locale in self.root.locales:
            locale.style = self.root
            locale.language = self.root.language
            locale.found = {}
            locale.last = locale is self.root.locales[-1]
        self.root.macros = {macro.get("name"): macro for macro in self.root.findall(f"{CSL}macro")}
        self.tells_years_apart = bool(self.root.xpath("//*[@disambiguate-add-year-suffix='true']"))
        self._places_year_suffix = bool(self.root.xpath("//*[@variable='year-suffix']"))
        self._asks_for_circa = bool(self.root.xpath("//*[@is-uncertain-date]"))

    def _locales(self, language: str) -> Iterator[Any]:
        """Those of the style before those of the language, and en-US, with every term, last (CSL 1.0.2, "Locale Fallback")."""
        own = {locale.get(_LANG): locale for locale in self.root.findall(f"{CSL}locale")}
        yield from (own[name] for name in (language, language.partition("-")[0], None) if name in own)
        file = _locale_file(language)
        if file is None:
            raise CitationInvalid(
                f"locale {language!r} is unknown",
                rule="a locale is a language and a country, such as de-DE, fr-FR or ru-RU",
                remedy="ask for one that CSL has, or leave it out",
            )
        yield _parse(str(file))
        if file.name != "locales-en-US.xml":
            yield _parse(str(Path(LOCALES_PATH) / "locales-en-US.xml"))

    def reference(self, key: str, item: Item) -> Reference:
        """An item in citeproc-py's form. What CSL adds to years where the style does not say how, goes with the date."""
        reference = Reference(key, item.type)
        for field, text in item.texts.items():
            name = {"shortTitle": "title-short", "event-title": "event"}.get(field, field)
            reference[name.replace("-", "_")] = text if field == "language" else Field(mark(_worded(field, text)))
        for field, people in item.names.items():
            reference[field] = reference[field.replace("-", "_")] = [_name(split_particles(person)) for person in people]
        for field, date in item.dates.items():
            reference[field.replace("-", "_")] = _date(date, says_circa=not self._asks_for_circa)
        if item.text("year-suffix") and item.issued.begin and not item.issued.end and not self._places_year_suffix:
            reference["issued"]["year_suffix"] = item.text("year-suffix")
        return reference


def _worded(field: str, text: str) -> str:
    return f"{text} ed." if field == "edition" and _EDITION_WORDS.search(text) else text
