"""What a page shows, as its address says it: the questions of a thread, the filters and who may answer. Nothing else is state."""

from collections.abc import Iterator
from typing import Annotated
from urllib.parse import urlencode

import msgspec
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from index.filters import Filters
from service.bounds import few_enough, filters_of
from service.errors import RequestInvalid
from service.settings import Settings

MOST_QUESTIONS = 20

Texts = Annotated[list[str] | None, QueryParameter()]


class Address(msgspec.Struct, frozen=True):
    """``narrowed`` are the filters as pairs of name and value; ``by`` names the language model that may answer, or is empty."""

    questions: tuple[str, ...] = ()
    narrowed: tuple[tuple[str, str], ...] = ()
    by: str = ""

    @property
    def filters(self) -> Filters:
        """The filters meant. Raises FilterInvalid."""
        names = {name for name, _ in self.narrowed}
        return filters_of({name: self.values(name) for name in names})

    def values(self, name: str) -> list[str]:
        """What one filter was given."""
        return [value for each, value in self.narrowed if each == name]

    def others(self, *names: str) -> Iterator[tuple[str, str]]:
        """The filters of all other names."""
        return ((name, value) for name, value in self.narrowed if name not in names)

    def without(self, name: str, value: str) -> "Address":
        """The same with one value of a filter less."""
        kept = tuple(pair for pair in self.narrowed if pair != (name, value))
        return msgspec.structs.replace(self, narrowed=kept)

    def within(self, name: str, value: str) -> "Address":
        """The same with one filter set to one value."""
        return msgspec.structs.replace(self, narrowed=(*self.others(name), (name, value)))

    def anew(self) -> "Address":
        """The same without any question."""
        return msgspec.structs.replace(self, questions=())

    def at(self, path: str) -> str:
        """This state as the address of a page."""
        pairs = [("q", question) for question in self.questions] + list(self.narrowed)
        if self.by:
            pairs.append(("by", self.by))
        return f"{path}?{urlencode(pairs)}" if pairs else path


async def address_from_query(
    settings: NamedDependency[Settings],
    q: Texts = None,
    author: Texts = None,
    title: Texts = None,
    heading: Texts = None,
    work: Texts = None,
    document: Texts = None,
    year: Texts = None,
    by: Annotated[str, QueryParameter()] = "",
) -> Address:
    """The state in an address; the empty fields of a form say nothing. Raises RequestInvalid, FilterInvalid."""
    given = {"author": author, "title": title, "heading": heading, "work": work, "document": document, "year": year}
    narrowed = [(name, value.strip()) for name, values in given.items() for value in values or () if value.strip()]
    questions = tuple(filter(str.strip, q or ()))
    if len(questions) > MOST_QUESTIONS:
        raise RequestInvalid(
            f"the thread has {len(questions)} questions",
            rule=f"a thread has at most {MOST_QUESTIONS}",
            remedy="begin a new one",
        )
    few_enough(settings, len(narrowed))
    return Address(questions or tuple((q or [])[:1]), tuple(dict.fromkeys(narrowed)), by)
