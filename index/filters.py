"""Filters: which part of a collection a search is limited to. This table is the only place that names them.

Query parameters, fields of bodies, options of the command line, inputs of tools, ``author:`` in a question, the page's form and
its JavaScript are all made from it.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import msgspec

from index.text import words

if TYPE_CHECKING:
    from index.collection import Collection

Known = Callable[["Collection"], Iterable[str]]
"""The values that a collection has for a filter, for "did you mean"."""


class Filter(NamedTuple):
    """One filter.

    Attributes:
        about: what a value is, as a sentence for users.
        kind: how a value is compared. ``words``: each of its words occurs in the column, which holds folded words with a space
            around each; ``exact``: it equals one of the columns; ``years``: its range meets the range from the first column to
            the second.
        columns: SQL expressions over ``excerpts e JOIN documents d``.
        known: where to look for values like one that no excerpt has; None for filters without text.
        typed: whether people type its values; ids are clicked instead, so the form hides them and they are no words of a
            question.
        example: what the form shows in an empty field.
    """

    about: str
    kind: Literal["words", "exact", "years"]
    columns: tuple[str, ...]
    known: Known | None = None
    typed: bool = True
    example: str = ""

    def matches(self, value: str | tuple[int, int], parameters: list[object]) -> str:
        """An SQL condition for one value; its parameters are appended to ``parameters``."""
        if isinstance(value, tuple):
            parameters += reversed(value)
            return f"{self.columns[0]} <= ? AND {self.columns[1]} >= ?"
        if self.kind == "exact":
            parameters += [value] * len(self.columns)
            return " OR ".join(f"{column} = ?" for column in self.columns)
        wanted = words(value)
        parameters += [f" {word} " for word in wanted]
        return " AND ".join(f"instr({self.columns[0]}, ?) > 0" for _ in wanted) or "0"  # no word at all matches nothing


def _authors(collection: "Collection") -> Iterable[str]:
    for work in collection.works():
        for name in (*work.csl.get("author", ()), *work.csl.get("editor", ())):
            yield full_name(name)


def full_name(name: Mapping[str, str]) -> str:
    """A name of CSL-JSON as it is read, given name first; "" where it has no part of it."""
    return name.get("literal") or " ".join(filter(None, (name.get("given"), name.get("family"))))


def _titles(collection: "Collection") -> Iterable[str]:
    return (str(work.csl["title"]) for work in collection.works() if work.csl.get("title"))


def _headings(collection: "Collection") -> Iterable[str]:
    return (heading for headings, _ in collection.headings() for heading in headings)


def _works(collection: "Collection") -> Iterable[str]:
    return (work.id for work in collection.works())


def _documents(collection: "Collection") -> Iterable[str]:
    return (document.name for document in collection.documents())


Texts = tuple[str, ...]
Years = tuple[tuple[int, int], ...]
"""Ranges of years, both ends included."""


class Filters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that are given must hold; within one, any value will do. Text is compared folded (case, accents, quotes)."""

    author: Annotated[Texts, Filter("Words of an author's name.", "words", ("e.author_words",), _authors)] = ()
    title: Annotated[Texts, Filter("Words of a work's title.", "words", ("e.title_words",), _titles)] = ()
    heading: Annotated[Texts, Filter("Words of a heading.", "words", ("e.heading_words",), _headings)] = ()
    work: Annotated[Texts, Filter("Id of a work, see /v1/works.", "exact", ("e.work",), _works, typed=False)] = ()
    document: Annotated[
        Texts, Filter("Id or name of a document, see /v1/documents.", "exact", ("d.id", "d.name"), _documents, typed=False)
    ] = ()
    year: Annotated[
        Years,
        Filter("Year of issue, or a range such as 1936-1938.", "years", ("e.first_year", "e.last_year"), example="1936-1938"),
    ] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in self.__struct_fields__)


FILTERS: dict[str, Filter] = {name: kind.__metadata__[0] for name, kind in Filters.__annotations__.items()}
"""The table by name, in the order in which filters are shown."""


def condition(filters: Filters) -> tuple[str, list[object]]:
    """An SQL condition over ``excerpts e JOIN documents d``, and its parameters."""
    parameters: list[object] = []
    clauses = [
        " OR ".join(f"({each.matches(value, parameters)})" for value in getattr(filters, name))
        for name, each in FILTERS.items()
        if getattr(filters, name)
    ]
    return " AND ".join(f"({clause})" for clause in clauses) or "1", parameters
