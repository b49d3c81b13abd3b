"""A question from the line as typed: its words, the phrases that must occur, and the fields it names.

``"in quotation marks"`` (straight, curly or guillemets) is a phrase; ``author:Doe``, ``title:"The Northern Lights"``,
``heading:``, ``work:``, ``document:`` and ``year:1951-1953`` are filters, also where they are nearly called so (``autor:``),
which is told as a correction; everything else is words, a colon before a space included: "In what year: 1936 or 1937?"
names no field.
"""

import re

from index.filters import FILTERS, Filters
from index.text import words as fold_words
from rag.errors import FilterInvalid
from rag.records import Correction, Question

# Years as people write them: one, or a range.

_YEARS = re.compile(r"\s*(\d{1,4})\s*(?:[-–]\s*(\d{1,4})\s*)?")


def parse_years(value: int | str) -> tuple[int, int]:
    """The first and last year of "1936", 1936 or "1936-1938" (hyphen or en dash).

    Raises:
        FilterInvalid: it is neither, or the range runs backwards.
    """
    found = _YEARS.fullmatch(str(value))
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if first > last:
        raise FilterInvalid(
            f"year is {value!r}", rule="a year is a number or a range, the earlier year first", remedy="write 1936 or 1936-1938"
        )
    return first, last


_OTHER_NAMES = {
    "author": "autor auteur autore auther authors автор",
    "title": "titel titre titulo título titolo tittle titles название",
    "heading": "headings kapitel überschrift chapitre capitulo capítulo capitolo chapter глава",
    "document": "documents dokument documento документ",
    "year": "years jahr année annee año ano anno год",
}
"""What fields are called in other languages or by a slip of the finger; each is told as it was read."""

_NAMED = {name: field for field, names in _OTHER_NAMES.items() for name in names.split()}
_QUOTED = r"\"[^\"“”]*\"|“[^“”\"]*”|„[^“”„]*[“”]|«[^«»]*»|»[^«»]*«|「[^「」]*」|『[^『』]*』"
_FIELD_TERM = re.compile(
    rf"(?<!\w)(?P<field>{'|'.join((*FILTERS, *_NAMED))}):(?P<value>{_QUOTED}|[^\s\"“„«»「『]+)", re.IGNORECASE
)
_PHRASE = re.compile(_QUOTED)
MOST_FILTER_WORDS = 400
"""Words that the filters of a question may have together; a condition of SQLite is a thousand deep at most."""

_MARKS = '"“”„«»「」『』'


def parse_question(text: str, filters: Filters = Filters()) -> Question:  # noqa: B008 — frozen
    """What a line asks for, within ``filters`` and those that the line names.

    Words of phrases are words too. Where a line holds fields only, their values are its words.

    Raises:
        FilterInvalid: a field has an empty value, a year is none, or there are too many.
    """
    fields = [(term["field"], _value(term)) for term in _FIELD_TERM.finditer(text)]
    named = [(_NAMED.get(name.lower(), name.lower()), value) for name, value in fields]
    misnamed = tuple(Correction(f"{name}:", f"{_NAMED[name.lower()]}:") for name, _ in fields if name.lower() in _NAMED)
    rest = _FIELD_TERM.sub(" ", text)
    phrases = tuple(phrase for quoted in _PHRASE.findall(rest) if (phrase := quoted.strip(_MARKS).strip()))
    words = " ".join(_PHRASE.sub(lambda quoted: f" {quoted.group().strip(_MARKS)} ", rest).split())
    spoken = words or " ".join(value for field, value in named if FILTERS[field].typed)
    return Question(text, spoken, phrases, within_words(_joined(filters, named)), misnamed)


def within_words(filters: Filters) -> Filters:
    """The filters as given. Raises FilterInvalid where they have more than 400 words together."""
    count = sum(len(getattr(filters, name)) for name in filters.__struct_fields__)
    count += sum(len(fold_words(value)) for name in FILTERS if FILTERS[name].kind == "words" for value in getattr(filters, name))
    if count > MOST_FILTER_WORDS:
        raise FilterInvalid(
            f"the filters have {count} words and values",
            rule=f"they have at most {MOST_FILTER_WORDS} together",
            remedy="search in several steps",
        )
    return filters


def _value(term: re.Match[str]) -> str:
    value = term["value"].strip(_MARKS).strip()
    if not value:
        raise FilterInvalid(
            f"{term['field']}: has no value",
            rule="a field is followed by its value, without a space between",
            remedy=f'write {term["field"]}:word or {term["field"]}:"several words"',
        )
    return value


def _joined(filters: Filters, named: list[tuple[str, str]]) -> Filters:
    """All that are given must hold, so a field of the line replaces no filter of another kind; of one kind any will do."""
    if not named:
        return filters
    parsed = [(name, parse_years(value) if FILTERS[name].kind == "years" else value) for name, value in named]
    return Filters(**{name: (*getattr(filters, name), *(value for each, value in parsed if each == name)) for name in FILTERS})
