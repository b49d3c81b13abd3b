"""What our own processor sets is read back as the same work."""

import random
from typing import Any

import pytest

from index.citations.combine import fold
from index.citations.parse import parse_citation
from index.citations.styles import STYLES, format_bibliography, format_citation
from index.records import CslItem, Locator

_FAMILIES = "Holt Birch Dale Marsh Penrose Tolland Whitcombe Ferrand Okafor Lindqvist Moreau Castellan".split()
_GIVEN = "Ruth Anna Carl James Margaret Peter Helen Thomas Louise Martin Ellen Robert".split()
_TITLES = (
    "The Harbour Book", "Weirs and Their Keepers: A History", "On the Price of Salt", "A Quiet Canal",
    "Letters from the Lower Mills",
    "The Making of a River Port", "Ferries, Tolls, and Taxes", "Inland Navigation before Steam",
)  # fmt: skip
_JOURNALS = ("Journal of Inland Studies", "Canal Quarterly", "Annals of Navigation", "Review of Economic History")
_PUBLISHERS = ("Dock Press", "Tolland University Press", "Marsh & Sons", "Penrose")
_PLACES = ("London", "Boston", "New York", "Chicago")
_FIELDS = ("author", "editor", "title", "container-title", "volume", "issue", "publisher", "issued")


def items(number: int) -> list[CslItem]:
    """So many books, articles and chapters, always the same."""
    draw = random.Random(11)
    return [_item(draw, ("book", "article-journal", "chapter")[place % 3]) for place in range(number)]


def _item(draw: random.Random, kind: str) -> CslItem:
    def people(count: int) -> list[dict[str, str]]:
        return [{"family": draw.choice(_FAMILIES), "given": draw.choice(_GIVEN)} for _ in range(count)]

    first = draw.randint(3, 400)
    item: dict[str, Any] = {
        "type": kind, "author": people(draw.choice((1, 1, 2))), "title": draw.choice(_TITLES),
        "issued": {"date-parts": [[draw.randint(1890, 2015)]]},
    }  # fmt: skip
    if kind == "article-journal":
        numbers = {"volume": str(draw.randint(2, 80)), "issue": str(draw.randint(1, 4)), "page": f"{first}–{first + 20}"}
        return item | {"container-title": draw.choice(_JOURNALS)} | numbers
    imprint: dict[str, Any] = {"publisher": draw.choice(_PUBLISHERS), "publisher-place": draw.choice(_PLACES)}
    if kind == "chapter":
        holder = draw.choice([title for title in _TITLES if title != item["title"]])
        imprint |= {"container-title": holder, "editor": people(1), "page": f"{first}–{first + 20}"}
    return item | imprint


def is_read_back(item: CslItem, line: str) -> bool:
    """Whether names, titles, numbers, publisher and year are those of the item; MLA and APA leave out places."""
    csl = parse_citation(line).csl or {}
    return all(fold(name, csl.get(name)) == fold(name, item[name]) for name in _FIELDS if name in item)


@pytest.mark.parametrize("style", STYLES)
def test_nearly_every_entry_of_a_bibliography_is_read_back_as_the_same_work(style: str) -> None:
    given = items(30)

    read = [is_read_back(item, format_bibliography([item], style)[0]) for item in given]

    assert sum(read) >= 0.95 * len(given), f"{sum(read)} of {len(given)}"


def test_nearly_every_note_is_read_back_as_the_same_work_with_its_page() -> None:
    given = items(30)
    lines = [format_citation(item, Locator("page", "12"), "chicago-notes") for item in given]

    read = [is_read_back(item, line) for item, line in zip(given, lines, strict=True)]

    assert sum(read) >= 0.95 * len(given), f"{sum(read)} of {len(given)}"
    assert all((citation := parse_citation(line)).locator and citation.locator.value == "12" for line in lines)
