"""Locators keep what the source writes and spell out the pages."""

import pytest

from index.citations.csl import LOCATOR_LABELS
from index.citations.locators import LABELS, Tail, Unit, cut_here, cut_locator, expand_pages
from index.citations.parse import parse_citation
from index.records import Citation, Locator

BOOK = "Marlow, Ann. The Patient Indexer. London: Plain Press, 1951"


def cited_at(where: str) -> Citation:
    return parse_citation(f"{BOOK}, {where}")


@pytest.mark.parametrize(
    ("text", "locator"),
    [
        ("p. 58", Locator("page", "58", ((58, 58),))),
        ("p. 230-31", Locator("page", "230-31", ((230, 231),))),
        ("pp. 1–3", Locator("page", "1–3", ((1, 3),))),
        ("pp. 58—60", Locator("page", "58—60", ((58, 60),))),
        ("p. 61. 63, 64, 66", Locator("page", "61. 63, 64, 66", ((61, 61), (63, 63), (64, 64), (66, 66)))),
        ("pp. 5, 7-9, and 12", Locator("page", "5, 7-9, and 12", ((5, 5), (7, 9), (12, 12)))),
        ("p. 44 [p. 40 on the Web]", Locator("page", "44", ((44, 44),), "p. 40 on the Web")),
        ("p. 58 (emphasis added)", Locator("page", "58", ((58, 58),), "emphasis added")),
        ("p. xi", Locator("page", "xi")),
        ("p. xii-xiv", Locator("page", "xii-xiv")),
        ("p. 12n3", Locator("page", "12n3", ((12, 12),))),
        ("pp. 12 ff.", Locator("page", "12 ff", ((12, 12),))),
        ("ch. 3, p. 41", Locator("page", "41", ((41, 41),), "ch. 3")),
        ("p. 5, n. 3", Locator("page", "5", ((5, 5),), "n. 3")),
        ("ch. 4", Locator("chapter", "4")),
        ("Book II, ch. 3", Locator("chapter", "3", (), "Book II")),
        ("f. 12r", Locator("folio", "12r")),
        ("§ 3", Locator("section", "3")),
        ("58.", Locator("page", "58", ((58, 58),))),
        ("58–59", Locator("page", "58–59", ((58, 59),))),
        ("xi", Locator("page", "xi")),
        ("  p.  58 ", Locator("page", "58", ((58, 58),))),
    ],
)
def test_a_locator_is_read_whole(text: str, locator: Locator) -> None:
    citation = cited_at(text)

    assert (citation.locator, citation.problem) == (locator, "")


@pytest.mark.parametrize("text", ["p.", "page of glory", "hello", "p. 99999999999", "1956, maybe"])
def test_what_is_not_wholly_a_locator_is_none_and_is_told(text: str) -> None:
    citation = cited_at(text)

    assert citation.locator is None
    assert text.rstrip(".") in citation.problem


@pytest.mark.parametrize(
    ("text", "volume", "page"),
    [("vol. 2, p. 5", "2", "5"), ("2:58", "2", "58"), ("Vol. 13", "13", None)],
)
def test_a_volume_belongs_to_the_work_and_not_to_the_place_in_it(text: str, volume: str, page: str | None) -> None:
    citation = cited_at(text)

    assert (citation.csl or {})["volume"] == volume
    assert (citation.locator.value if citation.locator else None) == page


@pytest.mark.parametrize(
    ("value", "pages"),
    [
        ("500-20", ((500, 520),)),
        ("1003-9", ((1003, 1009),)),
        ("210-211", ((210, 211),)),
        ("58-12", ()),
        ("598-04", ()),
        ("98, 58-12, 99", ((98, 98), (99, 99))),
        ("xi, 5", ((5, 5),)),
    ],
)
def test_short_second_numbers_are_completed_and_backward_ranges_are_not_invented(value: str, pages: object) -> None:
    assert expand_pages(value) == pages


def test_every_label_is_a_term_of_csl() -> None:
    assert set(LABELS.values()) <= LOCATOR_LABELS


def test_the_page_meant_is_cut_off_after_the_pages_of_an_article() -> None:
    article = "Weaver, Ida. The Locks of the Lower Canal and Their Keepers, Journal of Inland Water 12 (1948), 33–47"

    assert cut_here(f"{article}, here 41") == Tail(article, (Unit("page", "41"),), labelled=True)
    assert cut_here("Weaver, Ida. Here, here 41").units == ()


def test_a_line_without_a_locator_stays_whole_and_unlabelled() -> None:
    assert cut_locator(BOOK) == Tail(BOOK, (), "", labelled=False)
