"""Windows: whole sentences, never longer than the embedder reads, nothing lost."""

import re
from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from index.records import Citation, CslItem, Excerpt, Window
from index.windows import WindowSize, search_text, split_sentences, split_windows, windows_of

# Words and sentences of all kinds: short, long, without spaces, without full stops, in several scripts.
texts = (
    st.lists(
        st.sampled_from(["One two.", "Three?", "four", "…", "\n\n", " ", "a" * 50, "“Five six,” said Ann.", "歴史" * 9, "U.S."])
    ).map(" ".join)
    | st.text()
)
CSL: CslItem = {
    "author": [{"family": "Marlow", "given": "Ann"}],
    "title": "The Patient Indexer",
    "issued": {"date-parts": [[1951]]},
}


def count_words(some: Sequence[str]) -> list[int]:
    """A word is a token, and so are each eight letters of a longer one."""
    return [sum(1 + len(word) // 8 for word in text.split()) for text in some]


def count_pieces(some: Sequence[str]) -> list[int]:
    """Like the word pieces of a model: two special tokens; where a word starts matters, as with byte-level tokenizers."""
    return [2 + len(re.findall(r" ?[^\W_]{1,4}|[^\w\s]|_", text)) for text in some]


def excerpt(text: str, headings: tuple[str, ...] = (), csl: CslItem | None = None) -> Excerpt:
    return Excerpt("id", "document", 0, len(text), text, headings, Citation("raw", csl=csl) if csl else None)


def split(text: str, budget: int, limit: int, overlap: int = 1) -> list[str]:
    spans = split_windows(text, split_sentences(text), count_words, budget, limit, overlap)
    return [text[start:end] for start, end in spans]


def test_sentences_are_gathered_up_to_the_budget() -> None:
    assert split("One two. Three four. Five six. Seven.", 5, 9, overlap=0) == ["One two. Three four.", "Five six. Seven."]


def test_each_window_starts_with_the_last_sentence_of_the_one_before() -> None:
    assert split("One two. Three four. Five six.", 5, 9) == ["One two. Three four.", "Three four. Five six."]


def test_the_overlap_gives_way_where_it_does_not_fit() -> None:
    assert split("One two three four. Five six seven.", 5, 9) == ["One two three four.", "Five six seven."]


def test_a_sentence_beyond_the_budget_and_within_the_limit_stays_whole() -> None:
    assert split("One. Two two two two two two. Three.", 3, 9, overlap=0) == ["One.", "Two two two two two two.", "Three."]


def test_a_sentence_beyond_the_limit_is_cut_at_white_space() -> None:
    assert split("one two three  four\nfive", 2, 2, overlap=0) == ["one two", "three  four", "five"]


def test_a_word_beyond_the_limit_is_cut_anywhere() -> None:
    assert "".join(split("a" * 40, 3, 3, overlap=0)) == "a" * 40


def test_a_long_run_without_a_full_stop_is_cut_in_linear_time() -> None:
    counted = 0

    def count(some: Sequence[str]) -> list[int]:
        nonlocal counted
        counted += sum(map(len, some))
        return count_words(some)

    text = "word " * 20_000
    split_windows(text, [(0, len(text) - 1)], count, 50, 50, 0)

    assert counted < 30 * len(text)


def test_a_word_without_end_is_cut_in_linear_time() -> None:
    counted: dict[int, int] = {}
    for letters in (4_000, 32_000):
        counted[letters] = 0

        def count(some: Sequence[str], letters: int = letters) -> list[int]:
            counted[letters] += sum(map(len, some))
            return [(len(text) + 3) // 4 for text in some]

        windows = split_windows("x" * letters, [(0, letters)], count, 8, 8)
        assert {end - start for start, end in windows} == {32}

    assert counted[32_000] < 10 * counted[4_000]


def test_no_sentences_give_no_windows() -> None:
    assert split_windows(" ", [], count_words, 5, 9) == []


@given(texts, st.integers(1, 30), st.integers(0, 3), st.integers(1, 40))
@settings(deadline=None, max_examples=200)
def test_windows_hold_every_sentence_and_move_on_and_stay_within_the_limit(
    text: str, budget: int, overlap: int, limit: int
) -> None:
    sentences = split_sentences(text)

    spans = split_windows(text, sentences, count_words, budget, limit, overlap)

    covered = {position for start, end in spans for position in range(start, end)}
    assert all(text[position].isspace() for position in set(range(len(text))) - covered)
    assert all(earlier[0] < later[0] and earlier[1] < later[1] for earlier, later in pairwise(spans))
    assert all(count_words([text[start:end]])[0] <= limit or end - start == 1 for start, end in spans)


@given(texts.filter(str.strip), st.lists(texts, max_size=2).map(tuple), st.integers(16, 80))
@settings(deadline=None, max_examples=200)
def test_the_embedder_reads_all_of_every_window_with_its_context(text: str, headings: tuple[str, ...], limit: int) -> None:
    windows = windows_of(excerpt(text, headings, CSL), count_pieces, WindowSize(limit))

    assert max(count_pieces([search_text(window) for window in windows])) <= limit
    assert all(window.text == text[window.start : window.end] for window in windows)


def test_context_is_the_nearest_headings_and_the_source() -> None:
    [window] = windows_of(excerpt("One.", ("Outer", "Middle", "Inner"), CSL), count_pieces, WindowSize(200))

    assert window.context == "Middle. Inner. Marlow, The Patient Indexer, 1951"
    assert search_text(window) == "Middle. Inner. Marlow, The Patient Indexer, 1951\nOne."


def test_what_the_source_does_not_give_is_not_in_the_context() -> None:
    [window] = windows_of(excerpt("One."), count_pieces, WindowSize(200))

    assert window == Window("id", 0, 4, "One.", "")
    assert search_text(window) == "One."


def test_a_context_longer_than_a_third_of_the_window_is_cut_after_a_word() -> None:
    [window] = windows_of(excerpt("One.", ("word " * 50,)), count_pieces, WindowSize(30))

    assert window.context == "word word word word word word word word"


def test_a_change_of_size_is_told() -> None:
    told = {size.told for size in (WindowSize(9), WindowSize(8), WindowSize(9, 7), WindowSize(9, overlap=2))}

    assert len(told) == 4
