"""What a list shows of an excerpt, and what of it is highlighted."""

from hypothesis import given
from hypothesis import strategies as st

from rag.records import Span
from service.snippets import BEGINNING, SHOWN, around, beginning, pieces


@st.composite
def texts_with_highlights(draw: st.DrawFn) -> tuple[str, list[Span]]:
    text = draw(st.text(st.sampled_from("a bc.\n"), min_size=1, max_size=40)) * draw(st.integers(1, 120))
    ends = draw(st.lists(st.tuples(st.integers(0, len(text)), st.integers(0, len(text))), max_size=4))
    return text, [Span(min(pair), max(pair)) for pair in ends]


@given(texts_with_highlights())
def test_pieces_put_together_are_the_text(case: tuple[str, list[Span]]) -> None:
    text, highlights = case

    assert "".join(piece.text for piece in pieces(text, highlights)) == text


@given(texts_with_highlights())
def test_a_character_is_marked_exactly_when_a_highlight_holds_it(case: tuple[str, list[Span]]) -> None:
    text, highlights = case

    marked = [piece.marked for piece in pieces(text, highlights) for _ in piece.text]

    assert marked == [any(span.start <= at < span.end for span in highlights) for at in range(len(text))]


@given(texts_with_highlights())
def test_what_is_shown_and_what_is_left_out_add_up_to_the_text(case: tuple[str, list[Span]]) -> None:
    text, highlights = case

    view = around(text, highlights)

    assert text[view.before : len(text) - view.after] == "".join(piece.text for piece in view.pieces)


@given(texts_with_highlights())
def test_the_first_highlight_is_always_shown_whole(case: tuple[str, list[Span]]) -> None:
    text, highlights = case
    first = min(highlights, key=lambda span: span.start, default=Span(0, 0))

    view = around(text, highlights)

    assert view.before <= first.start
    assert first.end <= len(text) - view.after


def test_a_short_excerpt_is_shown_whole() -> None:
    view = around("x" * SHOWN, [Span(3, 9)])

    assert (view.before, view.after) == (0, 0)


def test_a_long_excerpt_is_cut_between_words() -> None:
    text = "word " * 2000

    view = around(text, [Span(5000, 5004)])

    shown = "".join(piece.text for piece in view.pieces)
    assert len(shown) <= SHOWN
    assert text[view.before - 1] == " "
    assert set(shown.split()) == {"word"}


@given(st.text(st.sampled_from("ab \n"), max_size=400))
def test_a_beginning_is_how_the_text_begins(text: str) -> None:
    assert text.startswith(beginning(text))
    assert len(beginning(text)) <= BEGINNING
