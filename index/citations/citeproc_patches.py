"""The elements of CSL, as CSL 1.0.2 says, where citeproc-py 0.11 does otherwise.

Each class overrides one element of citeproc-py and says what was wrong; none knows a particular style, so each
is a patch that could go upstream. Whoever takes a newer citeproc-py looks here first: a class whose fault is gone can go.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any

from citeproc import (
    LOCALES_PATH,
    Citation,
    CitationItem,
    CitationStylesBibliography,
    CitationStylesStyle,
    Locator,
    model,
    source,
)
from citeproc.source import (  # type: ignore[import-untyped]
    BibliographySource,
    Reference,
    VariableError,
)
from citeproc.string import String  # type: ignore[import-untyped]
from lxml import etree

from index import records
from index.citations import markup
from index.citations.csl import LOCATOR_LABELS, Item, PartialDate, Person, clean
from index.citations.markup import mark, unmarked

CSL = "{http://purl.org/net/xbiblio/csl}"
"""The namespace of CSL, as lxml writes it before a name."""

_ARTICLE = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)
_INITIAL = re.compile(r"[A-Z\u00c0-\u00de\u0386-\u03ab\u0400-\u042f]\.?")
"""A capital letter (Latin, Greek or Cyrillic), with or without its full stop."""
_NUMERIC = re.compile(r"[a-z]*[0-9]+[a-z]*(?:\s*[-–,&]\s*[a-z]*[0-9]+[a-z]*)*", re.IGNORECASE)
_PLURAL = re.compile(r"\w\s*[-–,&]\s*\w")


class Field(String):  # type: ignore[misc]  # citeproc-py has no types
    """A field's text. Upstream "capitalises" a leading quotation mark or other sign and leaves the word small."""

    def capitalize_first(self) -> "Field":
        """The text with its first letter or digit in capitals."""
        for place, character in enumerate(self):
            if character.isalnum():
                return Field(self[:place] + character.upper() + self[place + 1 :])
        return self


class _Near:
    """Upstream finds the layout and the macro of an element by XPath, hundreds of times for one citation."""

    def get_layout(self) -> Any:
        return next(self.iterancestors(f"{CSL}layout"))  # type: ignore[attr-defined]  # mixed into elements

    def get_macro(self, name: str) -> Any:
        return self.get_root().macros[name]  # type: ignore[attr-defined]


class _Locale(model.Locale):  # type: ignore[misc]
    """Upstream looks terms up by XPath; here each is looked up once."""

    def get_term(self, name: str, form: str | None = None, zero_padded: bool = False) -> Any:
        asked = (name, form, zero_padded)
        if asked not in self.found:
            try:
                self.found[asked] = super().get_term(name, form, zero_padded)
            except IndexError:
                self.found[asked] = None
        if self.found[asked] is None:
            raise IndexError
        return self.found[asked]


class _InEnglish:
    """Upstream applies ``text-case="title"`` only to text whose language it is told, and tells none for terms: "(ed.)"."""

    def case(self, text: Any, language: str | None = None) -> Any:
        return super().case(text, language or "en")  # type: ignore[misc]  # mixed into TextCased elements


class _Ranges:
    """Upstream cuts roman ranges ("xii-v" for xii-xv) and longer numbers ("3-4" for 3-14), and leaves "230-31" as it comes."""

    def _format_last_page(self, first: str, last: str) -> str:
        if not (first.isdecimal() and last.isdecimal()):
            return last
        if len(last) > len(first):
            return last
        last = first[: len(first) - len(last)] + last
        return str(super()._format_last_page(first, last))  # type: ignore[misc]  # mixed into FormatNumber elements


class _Text(_Near, _Ranges, model.Text):  # type: ignore[misc]
    """Upstream prints locators as they come, whatever ``page-range-format`` says, and takes quotation marks for plain text."""

    def _variable(self, item: Any, context: Any) -> Any:
        if self.get("variable") == "locator" and item.locator.label == "page":
            return String(self._process(item.locator.identifier, "page"))
        text = super()._variable(item, context)
        _note_use(context, self.tag, [self.get("variable")])
        return text

    def quote(self, text: str) -> str:
        if self.get("quotes", "false").lower() == "true":
            return Field(f"{markup.QUOTE}{text}{markup.QUOTE_END}")
        return text


class _Number(_Ranges, _InEnglish, model.Number):  # type: ignore[misc]
    """A number in the words and ranges of the style."""


class _Label(_InEnglish, model.Label):  # type: ignore[misc]
    """Upstream calls "xii-xv" and "A, B" singular: only arabic numbers count there."""

    def _is_plural(self, item: Any) -> bool:
        if self.get("variable") == "locator":
            return _PLURAL.search(str(item.locator.identifier)) is not None
        return bool(super()._is_plural(item))


class _DatePart(_InEnglish, model.Date_Part):  # type: ignore[misc]
    """Upstream writes a date's own settings into the locale for good, so that one citation changes the next.

    And it has no year-suffix of its own, which CSL adds to the first year of a style that does not place it, prints a
    doubtful year as a certain one where the style does not ask, and fails on a season where a month's number is wanted.
    """

    def process(self, date: Any, context: Any = None) -> Any:
        if self.get("name") == "month" and "season" in date and "month" not in date:
            return self.get_single_term(name=f"season-{date.season:02}")
        text = super().process(date, context)
        return f"{date.get('year_prefix', '')}{text}{date.pop('year_suffix', '')}" if self.get("name") == "year" else text

    def render(self, *args: Any, **kwargs: Any) -> Any:
        with _attributes_kept(self):
            return super().render(*args, **kwargs)


class _Names(_Near, model.Names):  # type: ignore[misc]
    """Upstream repeats names that already stood in for a missing author: "Tarrant, ed. …, edited by Tarrant"."""

    def process(self, item: Any, names_context: Any = None, context: Any = None, **kwargs: Any) -> Any:
        context = context if context is not None else self
        spent = context.get_layout().repressed.get(self.tag, [])
        roles = self.get("variable").split()
        left = [role for role in roles if role not in spent]
        if not left:
            raise VariableError
        with _attributes_kept(self):
            self.set("variable", " ".join(left))
            text = super().process(item, names_context=names_context, context=context, **kwargs)
        _note_use(context, self.tag, [role for role in left if role in item.reference])
        return text


class _Substitute(model.Substitute):  # type: ignore[misc]
    """Upstream suppresses what stood in for a name only if no macro stands between: "*Title*. 1936. *Title*."."""

    def render(self, item: Any, context: Any = None, **kwargs: Any) -> Any:
        layout = (context if context is not None else self).get_layout()
        above, uses = layout.uses, list[tuple[str, list[str]]]()
        layout.uses = uses
        try:
            text = super().render(item, context=context, **kwargs)
        finally:
            layout.uses = above
        if text:
            for tag, variables in uses:
                layout.repressed.setdefault(tag, []).extend(variables)
                if above is not None:
                    above.append((tag, variables))
        return text

    def add_to_repressed_list(self, child: Any, context: Any) -> None:
        """Nothing: what was really used is known only in ``render``."""


def _note_use(context: Any, tag: str, variables: list[str]) -> None:
    """Tells the substitution going on, if one is, that these variables are being printed."""
    uses = context.get_layout().uses
    if uses is not None:
        uses.append((tag, variables))


class _Name(model.Name):  # type: ignore[misc]
    """Upstream ignores ``initialize="false"``: it abbreviates given names that the style only wants tidied ("J.E." to "J. E.").

    And it sets a comma before the last of two names because the first is inverted, even where there is nothing to
    invert: "Ames, and Birch". Options are looked up here without XPath, which took half the time of a citation.
    """

    def process(self, item: Any, variable: str, **kwargs: Any) -> Any:
        names = item.reference.get(variable, [])
        if len(names) == 2 and not names[0].parts()[0] and self.get("name-as-sort-order") == "first":
            with _attributes_kept(self):
                self.set("delimiter-precedes-last", "never")
                return super().process(item, variable, **kwargs)
        return super().process(item, variable, **kwargs)

    def get_option(self, name: str, context: Any = None, sort_options: Any = None) -> Any:
        if sort_options and name in sort_options:
            value = sort_options[name]
        else:
            above = (context if context is not None else self).iterancestors(f"{CSL}citation", f"{CSL}bibliography")
            inherited = f"name-{name}" if name in ("form", "delimiter") else name
            own = self.get(name)
            value = own if own is not None else next(above).get_option(inherited)
        if name in ("initialize-with-hyphen", "et-al-use-last"):
            return value.lower() == "true"
        return int(value) if name.startswith("et-al") else value

    def initialize(self, given: str, initial_mark: str, context: Any) -> str:
        if self._initializes(context):
            return str(super().initialize(given, initial_mark, context))
        words = re.sub(r"(?<=\b\w\.)(?=\w)", " ", given).split()
        return " ".join(f"{word[0]}{initial_mark.strip()}" if _INITIAL.fullmatch(word) else word for word in words)

    def _initializes(self, context: Any) -> bool:
        above = (context if context is not None else self).iterancestors(f"{CSL}citation", f"{CSL}bibliography", f"{CSL}style")
        told = (element.get("initialize") for element in (self, *above))
        return next((value for value in told if value is not None), "true") == "true"


class _If(model.If):  # type: ignore[misc]
    """Upstream takes ``disambiguate="true"`` for always true; a citation that stands alone has nothing to be told apart from.

    And it calls no locator, no list and no range numeric.
    """

    def render(self, *args: Any, **kwargs: Any) -> Any:
        if self.get("disambiguate") == "true" and (self.get("match") != "any" or len(self.attrib) <= 2):
            raise model.ConditionFailed
        return super().render(*args, **kwargs)

    def _is_numeric(self, item: Any) -> list[bool]:
        return [_NUMERIC.fullmatch(self._value(item, variable)) is not None for variable in self.get("is-numeric").split()]

    @staticmethod
    def _value(item: Any, variable: str) -> str:
        if variable == "locator":
            return str(item.locator.identifier) if item.has_locator else ""
        return unmarked(str(item.reference.get(variable.replace("-", "_"), "")))


class _Key(_Near, model.Key):  # type: ignore[misc]
    """Upstream sorts by code point, "Čapek" after "Zola". Letters file without their accents, titles and bodies without "The"."""

    def sort_keys(self, items: Any, context: Any) -> list[Any]:
        return [key if key is None else _filed(str(key)) for key in super().sort_keys(items, context)]


def _filed(key: str) -> str:
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", unmarked(key)) if not unicodedata.combining(letter))
    return _ARTICLE.sub("", plain.casefold().strip("\"'“”‘’[]( "))


@contextmanager
def _attributes_kept(element: Any) -> Iterator[None]:
    kept = dict(element.attrib)
    try:
        yield
    finally:
        element.attrib.clear()
        element.attrib.update(kept)


ELEMENTS = {
    "locale": _Locale,
    "text": _Text,
    "number": _Number,
    "label": _Label,
    "date-part": _DatePart,
    "names": _Names,
    "substitute": _Substitute,
    "name": _Name,
    "if": _If,
    "else-if": type("_ElseIf", (_If,), {"__doc__": "A further condition."}),
    "key": _Key,
}
"""Our class for each element of CSL that needs one."""


# The CSL processor: citeproc-py, with our elements, over checked items; it answers in marked text (``index.citations.markup``).
#
# Import this module only where something is formatted: citeproc-py brings lxml.


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
        for locale in self.root.locales:
            locale.style = self.root
            locale.found = {}
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
            reference[field.replace("-", "_")] = [_name(person) for person in people]
        for field, date in item.dates.items():
            reference[field.replace("-", "_")] = _date(date, says_circa=not self._asks_for_circa)
        if item.text("year-suffix") and item.issued.begin and not item.issued.end and not self._places_year_suffix:
            reference["issued"]["year_suffix"] = item.text("year-suffix")
        return reference
