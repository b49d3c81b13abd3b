"""The elements of CSL, as CSL 1.0.2 says, where citeproc-py 0.11 does otherwise.

Each class overrides one element of citeproc-py and says what was wrong; none knows a particular style, so each
is a patch that could go upstream. Whoever takes a newer citeproc-py looks here first: a class whose fault is gone can go.
"""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from citeproc import model  # type: ignore[import-untyped]
from citeproc.source import VariableError  # type: ignore[import-untyped]
from citeproc.string import String  # type: ignore[import-untyped]

from index.citations import markup
from index.citations.citeproc_uses import _called, _note_use, _tally
from index.citations.markup import unmarked
from index.citations.name_order import beside, initials, tidied, without_spaces
from index.citations.text_case import capitalized, cased

CSL = "{http://purl.org/net/xbiblio/csl}"
"""The namespace of CSL, as lxml writes it before a name."""

_ARTICLE = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)
_OTHER_FORMS = {"verb-short": "verb", "symbol": "short"}
"""The form of a term that stands in for one that a locale lacks; for the others the long form, which has no name."""
_NUMBERS = frozenset("chapter-number collection-number edition issue number number-of-pages number-of-volumes volume".split())
_ROMAN = r"(?=[mdclxvi])m{0,4}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})"
_NUMERIC = re.compile(r"{0}(?:\s*[-–,&]\s*{0})*".format(rf"(?:[a-z]*[0-9]+[a-z]*|{_ROMAN})"), re.IGNORECASE)
_LISTED = re.compile(
    r"\s*{0}(?:\s*[-–]\s*{0})?(?:(?:,\s+|\s*&\s*){0}(?:\s*[-–]\s*{0})?)*\s*".format(r"(?:[0-9]+|[ivxlcdm]+|[IVXLCDM]+)")
)
"""Numbers and ranges of numbers, arabic or roman, in a list."""
_PLURAL = re.compile(r"\w\s*[-–,&]\s*\w")


class Field(String):  # type: ignore[misc]  # citeproc-py has no types
    """A field's text. Upstream "capitalises" a leading quotation mark or other sign and leaves the word small."""

    def capitalize_first(self) -> "Field":
        """The text with its first letter in capitals."""
        return Field(capitalized(self))


class _Near:
    """Upstream finds the layout and the macro of an element by XPath, hundreds of times for one citation."""

    def get_layout(self) -> Any:
        return next(self.iterancestors(f"{CSL}layout"))  # type: ignore[attr-defined]  # mixed into elements

    def get_macro(self, name: str) -> Any:
        return self.get_root().macros[name]  # type: ignore[attr-defined]


class _Locale(model.Locale):  # type: ignore[misc]
    """Upstream looks terms up by XPath, and knows no other form where one is missing ("verb" for "verb-short")."""

    def get_term(self, name: str, form: str | None = None, zero_padded: bool = False) -> Any:
        asked = (name, form, zero_padded)
        if asked not in self.found:
            self.found[asked] = self._searched(name, form, zero_padded)
        if self.found[asked] is None:
            raise IndexError
        return self.found[asked]

    def _searched(self, name: str, form: str | None, zero_padded: bool) -> Any:
        """The term in this form; in the last of the locales, which has all terms, else in the form that CSL puts in its place."""
        while True:
            try:
                return super().get_term(name, form, zero_padded)
            except IndexError:
                if form is None or not self.last:
                    return None
            form = _OTHER_FORMS.get(form)


class _Cased:
    """Upstream knows 29 small words, no hyphens ("Three-dimensional") and no phrase after a colon, and re-cases any language."""

    def case(self, text: Any, language: str | None = None) -> Any:
        asked = self.get("text-case")  # type: ignore[attr-defined]  # mixed into elements
        if not asked or not text:
            return text
        return Field(cased(str(text), asked, self.get_root().language if language is None else language))  # type: ignore[attr-defined]


class _Ranges:
    """Upstream cuts roman ranges ("xii-v" for xii-xv) and longer numbers ("3-4" for 3-14), and leaves "230-31" as it comes.

    And it takes every hyphen for a range: "42-79 Seiten", "A1-4". Numbers printed by cs:text have their ranges too.
    """

    def _process(self, value: Any, variable: str) -> Any:
        text = str(value)
        if _LISTED.fullmatch(text) is None:
            number = text.strip()
            return self.format_number(number) if number.isdecimal() else text  # type: ignore[attr-defined]  # mixed into FormatNumber
        return super()._process(text, variable)  # type: ignore[misc]

    def _format_last_page(self, first: str, last: str) -> str:
        if not (first.isdecimal() and last.isdecimal()):
            return last
        if len(last) > len(first):
            return last
        last = first[: len(first) - len(last)] + last
        return last if last == first else str(super()._format_last_page(first, last))  # type: ignore[misc]


class _Text(_Near, _Ranges, _Cased, model.Text):  # type: ignore[misc]
    """Upstream prints locators as they come, whatever ``page-range-format`` says, and takes quotation marks for plain text.

    And it prints a macro that has nothing to say but its own words.
    """

    def process(self, item: Any, context: Any = None, **kwargs: Any) -> Any:
        if "macro" in self.attrib:
            text = self._macro(item, context)
        else:
            text, _ = super().process(item, context, **kwargs)
        return text, item.reference.get("language", "") if "term" not in self.attrib else None

    def _macro(self, item: Any, context: Any) -> Any:
        """A macro is a group: it prints no words of its own where all the variables that it calls are empty."""
        tally = _tally(context if context is not None else self)
        called, found = tally.called, tally.found
        text, _ = super().process(item, context)
        if not text or tally.only_empty_since(called, found):
            return None
        tally.found += 1
        return text

    def _variable(self, item: Any, context: Any) -> Any:
        variable = self.get("variable")
        if variable in self.generated_variables:
            return super()._variable(item, context)
        with _called(context if context is not None else self) as call:
            if variable == "locator":
                kind = "page" if item.locator.label == "page" else "number"
                text: Any = Field(self._process(item.locator.identifier, kind))
            else:
                text = super()._variable(item, context)
                if text and variable in _NUMBERS:
                    text = Field(self._process(text, "number"))
            call.found = bool(text)
        _note_use(context, self.tag, [variable])
        return text

    def quote(self, text: str) -> str:
        if self.get("quotes", "false").lower() == "true":
            return Field(f"{markup.QUOTE}{text}{markup.QUOTE_END}")
        return text


class _Number(_Ranges, _Cased, model.Number):  # type: ignore[misc]
    """Upstream fails on variables with a hyphen in their names ("number-of-volumes") and prints "2th" for 2 inside a text."""

    def process(self, item: Any, context: Any = None, **_kwargs: Any) -> Any:
        variable = self.get("variable")
        with _called(context if context is not None else self) as call:
            if variable == "locator":
                text = self._process(item.locator.identifier, "number")
            else:
                name = "page" if variable == "page-first" else variable.replace("-", "_")
                text = self._process(item.reference[name], variable)
            call.found = bool(text)
        return text


class _Group(_Near, model.Group):  # type: ignore[misc]
    """Upstream prints a group for the words in it ("Letter") though no variable that it calls has a value.

    A macro or a group in it that is not empty counts as one that has (CSL 1.0.2, "Group").
    """

    def process(self, item: Any, context: Any = None, **kwargs: Any) -> Any:
        tally = _tally(context if context is not None else self)
        called, found = tally.called, tally.found
        texts = list(self._texts(item, context=context, **kwargs))
        if not texts or tally.only_empty_since(called, found):
            raise VariableError
        tally.found += 1
        return Field(str(self.join(texts)))

    def _texts(self, item: Any, **kwargs: Any) -> Iterator[Any]:
        for child in self.iterchildren():
            extra = {"delimiter": self.get("delimiter", "")} if isinstance(child, model.Choose) else {}
            try:
                text = child.render(item, **extra, **kwargs)
            except VariableError:
                continue
            if text:
                yield text


class _Date(_Near, model.Date):  # type: ignore[misc]
    """A date counts as a variable that its group calls."""

    def process(self, item: Any, variable: str | None = None, context: Any = None, **kwargs: Any) -> Any:
        if self.is_locale_date():
            return super().process(item, variable, context=context, **kwargs)
        with _called(context if context is not None else self) as call:
            text = super().process(item, variable, context=context, **kwargs)
            call.found = bool(text)
        return text


class _Label(_Cased, model.Label):  # type: ignore[misc]
    """Upstream calls "xii-xv" and "A, B" singular: only arabic numbers count there."""

    def _is_plural(self, item: Any) -> bool:
        if self.get("variable") == "locator":
            return _PLURAL.search(str(item.locator.identifier)) is not None
        text = unmarked(str(item.reference.get(self.get("variable").replace("-", "_"), "")))
        if self.get("variable").startswith("number-of"):
            return text.strip() != "1"
        return _PLURAL.search(text) is not None


class _DatePart(_Cased, model.Date_Part):  # type: ignore[misc]
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
        with _attributes_kept(self), _called(context) as call:
            self.set("variable", " ".join(left))
            text = super().process(item, names_context=names_context, context=context, **kwargs)
            call.found = bool(text)
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


class _Name(model.Name):  # type: ignore[misc]
    """Upstream ignores ``initialize="false"``: it abbreviates given names that the style only wants tidied ("J.E." to "J. E.").

    And it puts spaces into Chinese names and behind "al-", reads "JP" and "Yu." wrongly, ignores the delimiter of the style
    where "and" follows, and sets a comma before the last of two names because the first is inverted, even where there is
    nothing to invert: "Ames, and Birch". Options are looked up here without XPath, which took half the time of a citation.
    """

    def process(self, item: Any, variable: str, context: Any = None, sort_options: Any = None, **_kwargs: Any) -> Any:
        def option(name: str) -> Any:
            return self.get_option(name, context, sort_options)

        people = item.reference.get(variable, [])
        least, kept = option("et-al-min"), option("et-al-use-first")
        cut = len(people) > 1 and bool(least) and len(people) >= least
        if option("form") == "count":
            return min(len(people), kept) if cut else len(people)
        shown = people[:kept] if cut else people
        written = [self._written(person, number, option, context) for number, person in enumerate(shown)]
        if not cut:
            return self._listed(written, people, option)
        if option("et-al-use-last") and kept <= len(people) - 2:
            return option("delimiter").join([*written, f"… {self._written(people[-1], len(people) - 1, option, context)}"])
        return self._with_others(written, option)

    def _written(self, person: Any, place: int, option: Any, context: Any) -> str:
        given, family, dropping, own, suffix = (part or "" for part in person.parts())
        if "literal" in person or option("form") == "short":
            return str(self._formed("", family if "literal" in person else beside(own, family))[1])
        if without_spaces(family, given):
            return f"{family}{given}"
        if given and option("initialize-with") is not None:
            given = self.initialize(given, option("initialize-with"), context)
        order = option("name-as-sort-order")
        if order == "all" or (order == "first" and place == 0):
            if option("demote-non-dropping-particle") in ("never", "sort-only"):
                given, family = self._formed(beside(given, dropping), beside(own, family))
            else:
                given, family = self._formed(beside(given, beside(dropping, own)), family)
            return str(option("sort-separator")).join(filter(None, (family, given, suffix)))
        given, family = self._formed(given, beside(dropping, own, family))
        return " ".join(filter(None, (given, family, suffix)))

    def _formed(self, given: str, family: str) -> tuple[str, str]:
        for part in self.iterchildren(f"{CSL}name-part"):
            given, family = part.format_part(Field(given), Field(family))
        return str(given), str(family)

    def _listed(self, written: list[str], people: Any, option: Any) -> str:
        delimiter, conjunction = option("delimiter"), option("and")
        if conjunction is None or len(written) < 2:
            return str(delimiter.join(written))
        word = str(self.get_single_term(name="and")) if conjunction == "text" else "&"
        precedes = option("delimiter-precedes-last")
        inverted = "literal" not in people[len(people) - 2] and people[len(people) - 2].get("given")
        order = option("name-as-sort-order")
        separate = (
            (precedes == "always" and not (len(written) == 2 and order == "first" and not inverted))
            or (precedes == "contextual" and len(written) > 2)
            or (precedes == "after-inverted-name" and (order == "all" or (order == "first" and len(written) == 2)) and inverted)
        )
        return f"{delimiter.join(written[:-1])}{delimiter.rstrip() if separate else ''} {word} {written[-1]}"

    def _with_others(self, written: list[str], option: Any) -> str:
        delimiter, others = option("delimiter"), str(self.et_al() or "")
        precedes = option("delimiter-precedes-et-al")
        inverted = option("name-as-sort-order") == "all" or (option("name-as-sort-order") == "first" and len(written) == 1)
        separate = (
            precedes == "always"
            or (precedes == "contextual" and len(written) >= 2)
            or (precedes == "after-inverted-name" and inverted)
        )
        return f"{delimiter.join(written)}{delimiter.rstrip() if separate else ''} {others}".rstrip()

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
            return initials(given, initial_mark, hyphen=self.get_option("initialize-with-hyphen", context))
        return tidied(given, initial_mark)

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
    "group": _Group,
    "date": _Date,
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
