"""Notes on one work: the work is named once, its quotations cite it, and the reader's own words do not."""

import pytest

from index.readers import read_file
from index.records import Reading, SourceFile
from tests.test_reader_contract import check

LAMP, KITE, OWN = (
    "Whoever lights a lamp owns the dark.",
    "A kite is held up by what it pulls against.",
    "I am not so sure of that.",
)

NOTES = {
    "front matter and callouts": (
        f'---\ntitle: The Lamp Book\nauthor: "[[Ida Fell]]"\n---\n# The Lamp Book\n\n> [!quote] p. 4\n> {LAMP}\n\n'
        f"> [!cite]+ Page 9\n> {KITE}\n\n> [!note] Mine\n> {OWN}\n"
    ),
    "front matter and places": (
        "---\ntitle: The Lamp Book\nauthor: Ida Fell\n---\n## Quotes\n\n"
        f"> {LAMP} (p. 4)\n\n- “{KITE}” (p. 9)\n\n## Thoughts\n\n{OWN}\n"
    ),
    "a reading app's metadata": (
        "# Lamps\n\n![cover](https://example.org/c.jpg)\n\n## Metadata\n- Author: [[Ida Fell]]\n"
        "- Full Title: The Lamp Book\n- Category: #books\n\n"
        f"## Highlights\n- {LAMP} ([Location 4](https://example.org/4))\n"
        f"- {KITE} ([Location 9](https://example.org/9))\n    - Note: {OWN}\n"
    ),
    "properties of an outliner": (
        f"title:: The Lamp Book\nauthor:: [[Ida Fell]]\n\n- {LAMP}\n  hl-page:: 4\n  ls-type:: annotation\n"
        f"- {KITE}\n  hl-page:: 9\n- {OWN}\n"
    ),
}


def read(text: str, name: str = "lamps.md") -> Reading:
    (reading,) = read_file(SourceFile(name, text.encode()))
    check(reading)
    return reading


@pytest.mark.parametrize("kind", NOTES)
def test_quotations_cite_the_work_with_their_places_and_the_readers_words_do_not(kind: str) -> None:
    reading = read(NOTES[kind])

    cited = {}
    for excerpt in reading.excerpts:
        assert excerpt.citation is not None
        csl, locator = excerpt.citation.csl or {}, excerpt.citation.locator
        cited[excerpt.text.strip("“”")] = (
            csl.get("title"),
            [each["family"] for each in csl.get("author", [])],
            locator and locator.value,
        )
    assert cited[LAMP] == ("The Lamp Book", ["Fell"], "4")
    assert cited[KITE] == ("The Lamp Book", ["Fell"], "9")
    assert cited.get(OWN, (None, [], None))[1:] == ([], None)


def test_highlights_without_a_place_cite_the_work_all_the_same() -> None:
    text = (
        f"# Lamps\n\n## Metadata\n- Author: Ida Fell\n- Full Title: Why Lamps\n- Category: #articles\n\n## Highlights\n"
        f"- {LAMP} ([View Highlight](https://example.org/1))\n- {KITE} ([View Highlight](https://example.org/2))\n"
    )

    titles = [(excerpt.citation.csl or {}).get("title") for excerpt in read(text).excerpts if excerpt.citation]

    assert titles == ["Why Lamps", "Why Lamps"]


def test_a_list_with_colons_that_names_nobody_is_no_metadata() -> None:
    reading = read("# Shopping\n\n- Title: bread\n- Milk: two\n\nNothing else was bought.\n")

    assert {excerpt.citation.raw for excerpt in reading.excerpts if excerpt.citation} == {"Shopping"}
