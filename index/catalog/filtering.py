"""Filters as conditions on the catalog's excerpts, and the words of an excerpt that they are compared with."""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from index.records import (
    Excerpt,
    Filters,
)
from index.text import name_words, words
from index.windows import full_names, issued_years

# Filters as conditions on the catalog's excerpts, and the words of an excerpt they are compared with.


class FilterColumns(msgspec.Struct, frozen=True):
    """What the catalog keeps of an excerpt to filter by: folded words with a space around each, and years."""

    author_words: str
    title_words: str
    heading_words: str
    first_year: int | None
    last_year: int | None


def filter_columns(excerpt: Excerpt) -> FilterColumns:
    """The columns of an excerpt; what its citation does not give matches no filter."""
    csl = excerpt.citation.csl or {} if excerpt.citation else {}
    first, last = issued_years(csl) or (None, None)
    return FilterColumns(
        author_words=_spaced(full_names(csl), name_words),
        title_words=_spaced([str(csl.get("title", ""))]),
        heading_words=_spaced(excerpt.headings),
        first_year=first,
        last_year=last,
    )


def condition(filters: Filters) -> tuple[str, list[object]]:
    """An SQL condition over ``excerpts e JOIN documents d``, and its parameters."""
    clauses: list[str] = []
    parameters: list[object] = []
    for column, values in (
        ("author_words", filters.author),
        ("title_words", filters.title),
        ("heading_words", filters.heading),
    ):
        if values:
            clauses.append(_any(_all_words(column, value, parameters) for value in values))
    if filters.work:
        clauses.append(_any("e.work = ?" for _ in filters.work))
        parameters += filters.work
    if filters.document:
        clauses.append(_any("d.id = ? OR d.name = ?" for _ in filters.document))
        parameters += [value for value in filters.document for _ in range(2)]
    if filters.year:
        clauses.append(_any("e.first_year <= ? AND e.last_year >= ?" for _ in filters.year))
        parameters += [year for first, last in filters.year for year in (last, first)]
    return " AND ".join(clauses) or "1", parameters


def _all_words(column: str, value: str, parameters: list[object]) -> str:
    """A value without a single word matches nothing."""
    wanted = words(value)
    parameters += [f" {word} " for word in wanted]
    return " AND ".join(f"instr(e.{column}, ?) > 0" for _ in wanted) or "0"


def _any(clauses: Iterable[str]) -> str:
    return "(" + " OR ".join(f"({clause})" for clause in clauses) + ")"


def _spaced(texts: Sequence[str], words_of: Callable[[str], list[str]] = words) -> str:
    return "".join(f" {word} " for text in texts for word in words_of(text))
