"""Sentences lose nothing, whatever the splitter does."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.windows import split_sentences


@given(st.text())
@example("a\0b. C\ufeff.\r\n\r\nD.\u2028E")
@example("“He said: ‘Go.’ 𝒳 is p. 5.” (See Mr. X.)\n\n…\n\n[Yes.]")
@settings(deadline=None, max_examples=300)
def test_sentences_hold_every_character_that_is_not_white_once_and_in_order(text: str) -> None:
    spans = split_sentences(text)

    covered = [position for start, end in spans for position in range(start, end)]
    assert covered == sorted(set(covered))
    assert all(text[position].isspace() for position in set(range(len(text))) - set(covered))
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)


def test_sentences_end_where_a_reader_would_end_them() -> None:
    text = "Mr. Marlow wrote on p. 5: “No. Never!” It cost $3.50.\n\nDid it? Yes"

    assert [text[start:end] for start, end in split_sentences(text)] == [
        "Mr. Marlow wrote on p. 5: “No. Never!”",
        "It cost $3.50.",
        "Did it?",
        "Yes",
    ]


def test_half_a_surrogate_pair_moves_no_sentence() -> None:
    text = "One\ud800 is. Two is."

    assert [text[start:end] for start, end in split_sentences(text)] == ["One\ud800 is.", "Two is."]
