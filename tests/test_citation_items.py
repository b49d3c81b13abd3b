"""CSL items from anywhere: what is read, what is left out, what is refused and how."""

import json
import warnings
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.citations.csl import DATE_FIELDS, NAME_FIELDS, TEXT_FIELDS, TYPES, Item, Person, clean, read_item
from index.citations.exports import FORMATS, export_items
from index.citations.styles import STYLES, format_bibliography, format_citation
from index.errors import CitationInvalid
from index.records import Locator


@pytest.mark.parametrize(
    ("csl", "told"),
    [
        (None, "a CSL item is None"),
        ([], r"a CSL item is \[\]"),
        ({}, "neither a title nor a name"),
        ({"type": "book", "title": "", "author": [{}]}, "neither a title nor a name"),
        ({"type": "boook", "title": "T"}, "the type of a CSL item is 'boook'"),
        ({"type": 3, "title": "T"}, "the type of a CSL item is 3"),
        ({"title": ["T"]}, "field 'title'"),
        ({"title": "T", "volume": True}, "field 'volume' of a CSL item is True; it is a text or a number"),
        ({"title": "T", "author": "Cole"}, "field 'author' of a CSL item is 'Cole'; it is a list of names"),
        ({"title": "T", "author": ["Cole"]}, "each an object"),
        ({"title": "T", "author": [{"family": 1.5, "given": {}}, {"family": []}, {"family": [1]}]}, "field 'author'"),
        ({"title": "T", "issued": [1956]}, "field 'issued'"),
        ({"title": "T", "issued": {"date-parts": 1956}}, "one or two lists"),
        ({"title": "T", "issued": {"date-parts": [1956]}}, "parts are lists"),
        ({"title": "T", "issued": {"date-parts": [[1956, 13]]}}, "month 1-12"),
        ({"title": "T", "issued": {"date-parts": [["soon"]]}}, "month 1-12"),
        ({"title": "T", "issued": {"date-parts": [[1956]], "season": 9}}, "a season from 1 to 4"),
        ({"title": "T", "id": ["x"]}, "field 'id'"),
    ],
)
def test_what_is_no_csl_item_is_refused_by_name_rule_and_remedy(csl: Any, told: str) -> None:
    with pytest.raises(CitationInvalid, match=told) as refused:
        read_item(csl)

    assert refused.value.rule
    assert refused.value.remedy


def test_a_huge_wrong_value_is_shown_short() -> None:
    with pytest.raises(CitationInvalid) as refused:
        read_item({"title": "T", "author": "x" * 100_000})

    assert len(str(refused.value)) < 400


def test_what_csl_does_not_know_or_leaves_empty_is_left_out() -> None:
    item = read_item(
        {"title": "T", "shelf": object(), "publisher": "", "author": [{}, {"given": "Plato"}], "issued": {"date-parts": [[]]}}
    )

    assert item.texts == {"title": "T"}
    assert item.names == {"author": (Person(literal="Plato"),)}
    assert item.dates == {}
    assert item.type == "document"


@pytest.mark.parametrize("issued", [1956, "1956", {"date-parts": [["1956"]]}, {"date-parts": [[1956, None]]}])
def test_a_year_is_read_however_it_is_given(issued: object) -> None:
    assert read_item({"title": "T", "issued": issued}).issued.begin == (1956,)


def test_text_becomes_one_printable_line_that_can_be_encoded() -> None:
    assert clean("a\r\n\tb\x00\ufdd0c\ud800 \ud83d\ude00") == "a bc\ufffd 😀"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
odd_items = st.dictionaries(
    st.sampled_from(sorted({"type", "id", *TEXT_FIELDS, *NAME_FIELDS, *DATE_FIELDS})) | st.text(max_size=8), anything, max_size=6
)
words = st.text(max_size=30)
names = st.lists(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(("family", "given", "suffix", "literal", "non-dropping-particle", "dropping-particle"), words),
    ),
    max_size=4,
)
years = st.tuples(st.integers(-3000, 3000)) | st.tuples(st.integers(1, 3000), st.integers(1, 12), st.integers(1, 28))
dates = st.fixed_dictionaries(
    {"date-parts": st.lists(years.map(list), min_size=1, max_size=2)},
    optional={"circa": st.booleans(), "season": st.integers(1, 4)},
) | st.fixed_dictionaries({"literal": words})
good_items = st.fixed_dictionaries(
    {"type": st.sampled_from(sorted(TYPES)), "title": words.filter(lambda text: clean(text) != "")},
    optional={
        **dict.fromkeys(sorted(TEXT_FIELDS - {"title"}), words),
        **dict.fromkeys(sorted(NAME_FIELDS), names),
        **dict.fromkeys(sorted(DATE_FIELDS), dates),
    },
)
locators = st.none() | st.builds(
    Locator, label=st.sampled_from(["page", "chapter", "sub-verbo", "", "plate"]), value=words, note=words
)


@settings(deadline=None, max_examples=150)
@given(csl=odd_items, locator=locators, style=st.sampled_from(STYLES))
def test_any_object_is_formatted_and_exported_or_refused(csl: dict[str, Any], locator: Locator | None, style: str) -> None:
    try:
        read_item(csl)
    except CitationInvalid:
        with pytest.raises(CitationInvalid):
            format_citation(csl, locator, style)
        return

    assert format_citation(csl, locator, style, quoted_in="A Reader").encode()
    format_bibliography([csl], style, "html")
    for format_name in FORMATS:
        assert export_items([csl], format_name).encode()


@settings(deadline=None, max_examples=150)
@given(csl=good_items, locator=locators, style=st.sampled_from(STYLES), document=st.none() | words)
def test_every_csl_item_is_formatted_in_every_style(
    csl: dict[str, Any], locator: Locator | None, style: str, document: str | None
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        text = format_citation(csl, locator, style, quoted_in=document)
        html = format_citation(csl, locator, style, quoted_in=document, markup="html")

    assert text.strip()
    assert not any("\ufdd0" <= character <= "\ufdef" for character in text + html)
    assert "<" not in html.replace("<i>", "").replace("</i>", "").replace("</span>", "").replace(
        '<span style="font-style: normal">', ""
    ).replace("<sup>", "").replace("</sup>", "").replace("<b>", "").replace("</b>", "").replace("<sub>", "").replace("</sub>", "")


@settings(deadline=None, max_examples=60)
@given(items=st.lists(good_items, max_size=5))
def test_csl_json_reads_back_as_the_same_items(items: list[dict[str, Any]]) -> None:
    written = [read_item(csl) for csl in items]
    read_back = [read_item(csl) for csl in json.loads(export_items(items, "csl-json"))]

    # A note gains what Zotero's import takes from nowhere else: the original date, and the passage's words.
    assert [_without_note(item) for item in read_back] == [_without_note(item) for item in written]
    for item, before in zip(read_back, written, strict=True):
        assert before.texts.get("note", "") in item.texts.get("note", "")


def _without_note(item: Item) -> tuple[object, ...]:
    return item.type, {name: text for name, text in item.texts.items() if name != "note"}, item.names, item.dates


def test_a_title_of_a_hundred_thousand_characters_is_formatted_in_reasonable_time() -> None:
    for title in ("“a" * 50_000, "'a " * 30_000, "<i>" * 30_000, "((((" * 25_000, "word " * 20_000):
        for style in STYLES:
            assert format_citation({"title": title}, None, style)
