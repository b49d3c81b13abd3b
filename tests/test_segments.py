"""A stream is cut into the same sentences wherever it was chopped."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.segments import LONGEST, Segment, Segmenter

ANSWER = """# A heading

Mr. Doe wrote “it was. He knew.” [1] Then 'tis so. [2][3] And Poe (1941, p. 5) writes: "One. Two." [1](http://a.b/c) Next?

> quoted one. Two.
> — Doe [2]

1. First. Second `a. B` here. [1, 2]
- an item “left open. Never closed

New “paragraph.

“carried on.” Done.
```python
a[1] = "x. Y"
```
Last with 'single. Marks.' [1]. End [2]
a soft line. Ended
here."""


def segments(text: str, cuts: list[int]) -> list[Segment]:
    segmenter, found, at = Segmenter(), [], 0
    for cut in [*sorted(cuts), len(text)]:
        found += segmenter.feed(text[at:cut])
        at = cut
    return found + segmenter.finish()


def test_a_sentence_keeps_its_quotation_and_its_citations() -> None:
    texts = [segment.text for segment in segments(ANSWER, [])]

    assert "Mr. Doe wrote “it was. He knew.” [1] " in texts
    assert "Then 'tis so. [2][3] " in texts
    assert "Second `a. B` here. [1, 2]\n" in texts
    assert "New “paragraph.\n\n“carried on.” " in texts
    assert "Last with 'single. Marks.' [1]. " in texts


def test_headings_block_quotes_and_code_are_told_apart() -> None:
    kinds = {segment.text.strip(): segment.kind for segment in segments(ANSWER, [])}

    assert kinds["# A heading"] == "heading"
    assert kinds["> quoted one. Two.\n> — Doe [2]"] == "block"
    assert kinds['a[1] = "x. Y"'] == "code"


@given(st.lists(st.integers(0, len(ANSWER)), max_size=60))
@settings(deadline=None, max_examples=150)
def test_it_does_not_matter_where_the_stream_is_chopped(cuts: list[int]) -> None:
    assert segments(ANSWER, cuts) == segments(ANSWER, [])


@given(st.text(alphabet=st.sampled_from("ab.A “”\"'[1]`>\n#- …"), max_size=120), st.lists(st.integers(0, 120), max_size=30))
@settings(deadline=None, max_examples=300)
def test_any_text_comes_out_whole_and_the_same_however_it_is_chopped(text: str, cuts: list[int]) -> None:
    chopped = segments(text, [min(cut, len(text)) for cut in cuts])

    assert "".join(segment.text for segment in chopped) == text
    assert chopped == segments(text, [])


def test_a_sentence_is_given_as_soon_as_the_next_begins() -> None:
    segmenter = Segmenter()

    assert segmenter.feed("It rained [1]. The fer") == [Segment("sentence", "It rained [1]. ")]


def test_an_open_quotation_holds_back_what_follows_it() -> None:
    segmenter = Segmenter()

    assert segmenter.feed("He said “it rained. The ferry stood idle. Nobody came. ") == []
    assert [segment.text for segment in segmenter.feed("So it was.” [1] And th")] == [
        "He said “it rained. The ferry stood idle. Nobody came. So it was.” [1] "
    ]


@pytest.mark.parametrize("piece", ['"', "“a. B ", "> a\n", "[1] ", ". [a", "`", " ", "\n", "'a. B ", "x", "> "])
def test_no_more_than_a_bounded_text_is_ever_held_back(piece: str) -> None:
    started = time.monotonic()
    text = piece * (300_000 // len(piece))

    found = segments(text, [])

    assert max(len(segment.text) for segment in found) <= LONGEST + 100
    assert "".join(segment.text for segment in found) == text
    assert time.monotonic() - started < 20
