"""The CSL processor: citeproc-py, with our elements, over checked items; it answers in marked text (``index.citations.markup``).

Import this module only where something is formatted: citeproc-py brings lxml.
"""

from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any

from citeproc import (  # type: ignore[import-untyped]
    LOCALES_PATH,
    Citation,
    CitationItem,
    CitationStylesBibliography,
    CitationStylesStyle,
    Locator,
    model,
    source,
)
from citeproc.source import BibliographySource, Reference  # type: ignore[import-untyped]
from lxml import etree  # type: ignore[import-untyped]

from index import records
from index.citations import markup
from index.citations.elements import CSL, ELEMENTS, Field
from index.citations.items import LOCATOR_LABELS, Item, PartialDate, Person, clean
from index.citations.markup import mark
from index.citations.name_order import split_particles


class Style:
    """One style, parsed once; safe to share between threads.

    citeproc-py keeps the state of a rendering in its elements, so renderings take turns; each takes a millisecond or two.
    """

    def __init__(self, file_name: str) -> None:
        self._style = _StyleTree(str(files("index.citations") / "vendor" / file_name))
        self._turn = Lock()

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
            return [
                (int(cite.key), str(entry)) for cite in bibliography.items for entry in self._style.render_bibliography([cite])
            ]

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


class _StyleTree(CitationStylesStyle):  # type: ignore[misc]  # citeproc-py has no types
    """A style file and the locale en-US. Upstream validates on every load, and reads locales with its own classes only."""

    def __init__(self, path: str) -> None:
        self.root = _parse(path)
        own = [self.root.find(f'{CSL}locale[@{{http://www.w3.org/XML/1998/namespace}}lang="{lang}"]') for lang in ("en-US", "en")]
        anywhere = [locale for locale in self.root.findall(f"{CSL}locale") if not locale.attrib]
        system = _parse(str(Path(LOCALES_PATH) / "locales-en-US.xml"))
        self.root.locales = [locale for locale in (*own, *anywhere, system) if locale is not None]
        self.root.language = "en-US"
        for locale in self.root.locales:
            locale.style = self.root
            locale.language = "en-US"
            locale.found = {}
            locale.last = locale is self.root.locales[-1]
        self.root.macros = {macro.get("name"): macro for macro in self.root.findall(f"{CSL}macro")}
        self._places_year_suffix = bool(self.root.xpath("//*[@variable='year-suffix']"))
        self._asks_for_circa = bool(self.root.xpath("//*[@is-uncertain-date]"))

    def reference(self, key: str, item: Item) -> Reference:
        """An item in citeproc-py's form. What CSL adds to years where the style does not say how, goes with the date."""
        reference = Reference(key, item.type)
        for field, text in item.texts.items():
            name = {"shortTitle": "title-short", "event-title": "event"}.get(field, field)
            reference[name.replace("-", "_")] = text if field == "language" else Field(mark(text))
        for field, people in item.names.items():
            reference[field] = reference[field.replace("-", "_")] = [_name(split_particles(person)) for person in people]
        for field, date in item.dates.items():
            reference[field.replace("-", "_")] = _date(date, says_circa=not self._asks_for_circa)
        if item.text("year-suffix") and item.issued.begin and not item.issued.end and not self._places_year_suffix:
            reference["issued"]["year_suffix"] = item.text("year-suffix")
        return reference
