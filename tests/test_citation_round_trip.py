"""A work that we format in one of our styles is parsed back to the same item."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.citations.combine import fold
from index.citations.parse import parse_citation
from index.citations.styles import STYLES, format_bibliography, format_citation
from index.records import CslItem, Locator

FAMILIES = "Halloran|Okafor|Lindqvist|Kessler|Vrba|Morel|Tanaka|Petrov|Whitfield|Van der Meer|O’Brien|Smith-Jones|Ferrante".split(
    "|"
)
GIVEN = "Denis|Nora|Maria|Robert|Tomas|Claire|Kenji|Oleg|Miriam|Hendrik|Anna Louise|J. P.|Junfeng|Davor".split("|")
NOUNS = "Harbours|Ledgers|Rivers|Furnaces|Markets|Letters|Orchards|Railways|Archives|Winters".split("|")
ADJECTIVES = "Quiet|Northern|Hidden|Industrial|Early|Rural|Common|Broken".split("|")
PLACES = "Boston|London|Chicago|Leeds|Dublin|New York|Berlin".split("|")
PUBLISHERS = "Harrow Press|Millgate|Fjord Books|University of Chicago Press|Dock and Sons|Penguin".split("|")
JOURNALS = "Harbour Journal|Journal of Inland Studies|Northern Review|Annals of Metal History".split("|")
FIELDS = ("author", "editor", "title", "container-title", "volume", "issue", "publisher", "issued")
FEWEST_RIGHT = 0.9

people = st.lists(
    st.fixed_dictionaries({"family": st.sampled_from(FAMILIES), "given": st.sampled_from(GIVEN)}),
    min_size=1,
    max_size=3,
    unique_by=lambda person: person["family"],
)
titles = st.builds(
    lambda form, adjective, one, other: form.format(adjective, one, other),
    st.sampled_from(("The {0} {1}", "{1} and {2}", "{0} {1}: A History of {2}", "A History of {1}", "{1} of the {0} {2}")),
    st.sampled_from(ADJECTIVES),
    st.sampled_from(NOUNS),
    st.sampled_from(NOUNS),
)


@st.composite
def items(draw: st.DrawFn) -> CslItem:
    """Books, articles and chapters with all that their kind has."""
    kind = draw(st.sampled_from(("book", "article-journal", "chapter")))
    issued = {"date-parts": [[draw(st.integers(1850, 2020))]]}
    item: CslItem = {"type": kind, "author": draw(people), "title": draw(titles), "issued": issued}
    first = draw(st.integers(1, 300))
    if kind != "book":
        item["page"] = f"{first}–{first + draw(st.integers(5, 30))}"
    if kind == "article-journal":
        numbers = {"volume": str(draw(st.integers(1, 80))), "issue": str(draw(st.integers(1, 4)))}
        return item | numbers | {"container-title": draw(st.sampled_from(JOURNALS))}
    item |= {"publisher": draw(st.sampled_from(PUBLISHERS)), "publisher-place": draw(st.sampled_from(PLACES))}
    return item if kind == "book" else item | {"container-title": f"Studies in {draw(titles)}", "editor": draw(people)}


def lines_of(item: CslItem, style: str) -> list[str]:
    """The entry of a work and, in a style of notes, a note on it."""
    entries = format_bibliography([item], style)
    return [*entries, format_citation(item, Locator("page", "41"), style)] if style == "chicago-notes" else entries


def same(name: str, line: str, given_value: Any, found: Any) -> bool:
    """Whether a field came back; behind "et al." the line names fewer people than the item."""
    one, other = fold(name, given_value), fold(name, found)
    return one == other or (" et al." in line and name in ("author", "editor") and one.startswith(f"{other}|"))


@pytest.mark.parametrize("style", STYLES)
@settings(deadline=None, max_examples=40, derandomize=True)
@given(item=items())
def test_a_formatted_work_is_parsed_back_with_nothing_wrong_called_certain(style: str, item: CslItem) -> None:
    for line in lines_of(item, style):
        citation = parse_citation(line)
        told = citation.csl or {}
        sure = [name for name in FIELDS if name in item and name in told and name not in citation.likely]

        assert {name: told[name] for name in sure if not same(name, line, item[name], told[name])} == {}, line


@pytest.mark.parametrize("style", STYLES)
def test_most_fields_of_formatted_works_come_back(style: str) -> None:
    right: list[bool] = []

    @settings(deadline=None, max_examples=40, derandomize=True)
    @given(item=items())
    def count(item: CslItem) -> None:
        for line in lines_of(item, style):
            told = parse_citation(line).csl or {}
            shown = [name for name in FIELDS if name in item]
            right.extend(same(name, line, item[name], told.get(name)) for name in shown)

    count()

    assert sum(right) >= FEWEST_RIGHT * len(right), f"{sum(right)} of {len(right)} fields came back"
