"""What Zotero's own translators make of our exports and pages; skipped where node or the translators are not there."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks import zotero_translators
from benchmarks.zotero_translators import ITEMS, lost, translated
from index.citations.exports import FORMATS

NO_PLACE = {"COinS": {"original-date", "editor Dale"}, "Embedded Metadata": {"original-date", "publisher-place", "editor Dale"}}
"""What these have no key for, or Zotero reads from none: an editor beside an author, the town of a publisher, a first edition."""


@pytest.fixture(scope="module")
def read() -> dict[str, list[list[dict[str, Any]]]]:
    folder = zotero_translators.translators()
    if folder is None:
        pytest.skip("Zotero's translators or node are not there (python -m benchmarks.zotero_translators takes them from npm)")
    return translated(folder)


@pytest.mark.parametrize("name", FORMATS)
def test_an_import_gives_every_field_the_quotation_its_page_and_what_quotes_it(name: str, read: dict[str, Any]) -> None:
    assert [lost(item, got, imported=True) for item, got in zip(ITEMS, read[name], strict=True)] == [[], [], []]


@pytest.mark.parametrize("name", NO_PLACE)
def test_a_page_gives_every_field_that_its_form_has_a_place_for(name: str, read: dict[str, Any]) -> None:
    missing = {field for item, got in zip(ITEMS, read[name], strict=True) for field in lost(item, got, imported=False)}

    assert missing <= NO_PLACE[name]


def test_each_translator_calls_the_item_what_it_is(read: dict[str, Any]) -> None:
    kinds = {name: [got[0]["itemType"] for got in items] for name, items in read.items()}

    assert set(map(tuple, kinds.values())) == {("book", "journalArticle", "bookSection")}


def test_without_the_translators_nothing_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zotero_translators, "CACHE", tmp_path)

    assert zotero_translators.translators() is None
