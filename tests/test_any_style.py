"""Styles by name, by file and in other languages; what cannot be used is refused with its line."""

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from index.citations import styles
from index.citations.styles import find_style, format_bibliography, format_citation, style_label
from index.errors import CitationInvalid
from index.records import Locator

ITEM = {
    "type": "book",
    "title": "The Quiet Harbour",
    "author": [{"family": "Sample", "given": "Ada Louise"}],
    "publisher": "Tarn",
    "issued": {"date-parts": [[1961]]},
}
NUMBERED = """<?xml version="1.0" encoding="utf-8"?>
<style xmlns="http://purl.org/net/xbiblio/csl" class="in-text" version="1.0">
  <info><title>Numbered</title><id>http://example.org/numbered</id><updated>2020-01-01T00:00:00+00:00</updated></info>
  <citation><layout prefix="[" suffix="]" delimiter=", "><text variable="citation-number"/></layout></citation>
  <bibliography second-field-align="flush">
    <layout suffix="."><text variable="citation-number" suffix="."/><group delimiter=", ">
      <names variable="author"><name initialize-with=". "/></names><text variable="title"/></group></layout>
  </bibliography>
</style>
"""
DEPENDENT = """<?xml version="1.0" encoding="utf-8"?>
<style xmlns="http://purl.org/net/xbiblio/csl" version="1.0" default-locale="de-DE">
  <info><title>Dependent</title><id>http://example.org/dependent</id>
    <link href="http://example.org/dependent" rel="self"/>
    <link href="http://www.zotero.org/styles/PARENT" rel="independent-parent"/>
    <updated>2020-01-01T00:00:00+00:00</updated></info>
</style>
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "numbered.csl").write_text(NUMBERED, encoding="utf-8")
    return tmp_path


def test_a_numbered_style_from_a_folder_is_named_by_its_file(folder: Path) -> None:
    style = find_style("numbered", folder)

    assert format_citation(ITEM, None, style) == "[1]"
    assert format_bibliography([ITEM, {**ITEM, "title": "Another"}], style) == [
        "1. A. L. Sample, The Quiet Harbour.",
        "2. A. L. Sample, Another.",
    ]
    assert style_label(style) == "numbered"


def test_a_dependent_style_is_set_as_its_parent_in_its_own_language(folder: Path) -> None:
    (folder / "dependent.csl").write_text(DEPENDENT.replace("PARENT", "apa"), encoding="utf-8")

    style = find_style("dependent", folder)

    assert format_citation(ITEM, Locator("page", "4"), style, quoted_in="A Reader") == (
        "(Sample, 1961, S. 4, zitiert nach A Reader)"
    )


def test_a_dependent_style_without_its_parent_says_which_file_it_needs(folder: Path) -> None:
    (folder / "orphan.csl").write_text(DEPENDENT.replace("PARENT", "nowhere-style"), encoding="utf-8")

    with pytest.raises(CitationInvalid, match=r"nowhere-style.*nowhere-style\.csl beside it"):
        find_style("orphan", folder)


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("apa@de-DE", "(Sample, 1961, S. 4–5)"),
        ("apa@fr-FR", "(Sample, 1961, p. 4‑5)"),
        ("apa@ru-RU", "(Sample, 1961, сс. 4–5)"),
    ],
)
def test_terms_come_in_the_language_asked_for(style: str, expected: str) -> None:
    assert format_citation(ITEM, Locator("page", "4-5"), style) == expected


def test_german_quotation_marks_and_stops_are_german() -> None:
    article = {"type": "article-journal", "title": "Ein Licht", "container-title": "Lampen", "language": "de"}

    assert "„Ein Licht“," in format_citation(article, None, "chicago-notes@de-DE")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (NUMBERED.replace('variable="title"', 'variabel="title"'), r"line 7: attribute 'variabel' is unknown to CSL"),
        (NUMBERED.replace("</layout></citation>", "</citation>"), r"line 4: "),
        ("no style", r"line 1: "),
        ("<html/>", r"the root is 'html'"),
        (NUMBERED.replace("<text ", "<texts ").replace("<texts ", "<text ", 1), r"element 'texts' is unknown to CSL"),
    ],
)
def test_a_file_that_is_no_style_is_refused_with_its_line(tmp_path: Path, written: str, told: str) -> None:
    file = tmp_path / "broken.csl"
    file.write_text(written, encoding="utf-8")

    with pytest.raises(CitationInvalid, match=told):
        find_style(str(file), files_too=True)


def test_a_path_is_only_taken_from_the_user_himself(folder: Path) -> None:
    path = str(folder / "numbered.csl")

    with pytest.raises(CitationInvalid, match="is unknown"):
        find_style(path, folder)
    with pytest.raises(CitationInvalid, match="is unknown"):
        find_style("../numbered", folder / "below")
    assert find_style(path, files_too=True) == path


def test_unknown_names_and_languages_are_refused_with_what_there_is() -> None:
    with pytest.raises(CitationInvalid, match="did you mean chicago-notes"):
        find_style("chicago-note")
    with pytest.raises(CitationInvalid, match="locale 'tlh-XX' is unknown"):
        find_style("apa@tlh-XX")


def test_a_plugin_brings_a_style(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = styles.StyleEntry("house", "House style", folder / "numbered.csl", "seen in")
    monkeypatch.setattr(styles, "_plugins", lambda: {"house": entry})
    styles._entry.cache_clear()

    try:
        assert format_citation(ITEM, None, find_style("house"), quoted_in="A Reader") == "[1, seen in A Reader]"
        assert style_label("house") == "House style"
    finally:
        styles._entry.cache_clear()
        styles._style.cache_clear()


def test_the_entry_point_group_is_the_one_that_is_documented() -> None:
    assert EntryPoint("x", "y:z", styles.PLUGINS).group == "ibid.styles"
