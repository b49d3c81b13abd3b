"""Markdown: sections are excerpts, headings make the path, the front matter is the citation."""

import pytest

from index.errors import FileUnreadable
from index.readers import read_file
from index.records import Citation, Reading, SourceFile

ESSAY = """---
title: No
author: [Ada Sample, "Mock, Ben"]
date: 1951-08-07
publisher: Example Press
place: Nowhere
---
A word before.

# On *Cards* and `boxes`

A card keeps one thought.

## Drawers

Drawers keep cards.

```
# not a heading

## nor this
```

Boxes
=====

Boxes keep drawers.
"""


def read(text: str, name: str = "essay.md") -> Reading:
    (reading,) = read_file(SourceFile(name, text.encode()))
    return reading


def citation_of(reading: Reading) -> Citation:
    (citation,) = {id(excerpt.citation): excerpt.citation for excerpt in reading.excerpts}.values()
    assert citation is not None
    return citation


def test_each_section_is_an_excerpt_under_the_path_of_its_headings() -> None:
    reading = read(ESSAY)

    assert [excerpt.headings for excerpt in reading.excerpts] == [
        (),
        ("On Cards and boxes",),
        ("On Cards and boxes", "Drawers"),
        ("Boxes",),
    ]


def test_code_is_never_split() -> None:
    reading = read(ESSAY)

    drawers = reading.excerpts[2].text
    assert drawers.startswith("Drawers keep cards.")
    assert drawers.endswith("## nor this\n```")


def test_what_an_author_sets_off_as_a_quotation_is_not_cited_as_the_author_s() -> None:
    reading = read(ESSAY.replace("Boxes\n=====", "> # a quoted heading\n> and its words\n\nSo it is said.\n\nBoxes\n====="))

    before, quoted, after = reading.excerpts[2:5]
    assert before.citation == after.citation
    assert before.headings == quoted.headings == after.headings
    assert (quoted.text, after.text) == ("> # a quoted heading\n> and its words", "So it is said.")
    assert quoted.citation
    assert quoted.citation.csl == {"type": "document", "title": "No"}
    assert "does not say here whose words" in quoted.citation.problem


def test_front_matter_gives_the_citation_as_written() -> None:
    citation = citation_of(read(ESSAY))

    assert citation.csl == {
        "type": "document",
        "title": "No",
        "publisher": "Example Press",
        "publisher-place": "Nowhere",
        "author": [{"family": "Sample", "given": "Ada"}, {"family": "Mock", "given": "Ben"}],
        "issued": {"date-parts": [[1951, 8, 7]]},
    }
    assert citation.raw == "Sample, Ada; Mock, Ben. No. Example Press, 1951-08-07."
    assert (citation.start, citation.end) == (None, None)


def test_front_matter_is_furniture_and_names_the_document() -> None:
    reading = read(ESSAY)

    assert reading.document.title == "No"
    assert [reading.document.text[block.start : block.end][:3] for block in reading.blocks if block.kind == "furniture"] == [
        "---"
    ]


def test_a_csl_mapping_in_front_matter_is_the_citation() -> None:
    reading = read("---\ncsl:\n  type: book\n  title: Cards\n---\nA card.\n")

    assert citation_of(reading).csl == {"type": "book", "title": "Cards"}


def test_a_citation_line_in_front_matter_is_parsed() -> None:
    reading = read("---\ncitation: 'Sample, Ada. Cards. Nowhere: Example Press, 1951, p. 12'\n---\nA card.\n")

    citation = citation_of(reading)
    assert citation.raw == "Sample, Ada. Cards. Nowhere: Example Press, 1951, p. 12"
    assert citation.locator is not None
    assert citation.locator.pages == ((12, 12),)


def test_without_front_matter_the_document_is_cited_under_its_first_heading() -> None:
    reading = read("# On Cards\n\nA card.\n")

    assert (reading.document.title, citation_of(reading).raw) == ("On Cards", "On Cards")


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_other_line_ends_give_the_same_sections(line_end: str) -> None:
    feeds, other = read(ESSAY), read(ESSAY.replace("\n", line_end))

    assert [excerpt.headings for excerpt in other.excerpts] == [excerpt.headings for excerpt in feeds.excerpts]
    assert [(block.kind, block.line) for block in other.blocks] == [(block.kind, block.line) for block in feeds.blocks]


@pytest.mark.parametrize(
    ("front", "found"),
    [
        ("title: [open", r"line 3\) is not YAML"),
        ("- a\n- b", "not a mapping"),
        ("a: &a [x]\nb: [*a, *a]", r"line 3\) is not YAML"),
        ("csl: {type: scroll, title: Cards}", "no CSL item"),
        ("csl: words", "no CSL item"),
        ("a: " + "[" * 3_000, "is not YAML"),
    ],
)
def test_bad_front_matter_is_refused_with_file_and_line(front: str, found: str) -> None:
    with pytest.raises(FileUnreadable, match=found) as refusal:
        read(f"---\n{front}\n---\nA card.\n", name="box/essay.md")

    assert "'box/essay.md'" in refusal.value.found


def test_dashes_that_are_never_closed_are_text() -> None:
    reading = read("---\nA card keeps one thought.\n")

    assert reading.excerpts[0].text.startswith("---")
