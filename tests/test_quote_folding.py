"""What folding sets aside, what it keeps, and that the way back is right."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.quotes.fold import fold

ODD = st.text(
    alphabet=st.sampled_from("abSs İẞßſςΣéﬁﬀ…. -–—\u00ad\u200b\u200d\n\t\u00a0“”„«»‘’'\"*_1\u0301\u0308한\u1112\u1161\u11ab"),
    max_size=40,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("“quoted”", '"quoted"'),
        ("« oui »", "“oui”"),
        ("‹a› „b“ »c«", "'a' \"b\" 'c'"),
        ("a — b", "a--b"),
        ("1936–37", "1936-37"),
        ("two\u00a0 \n words", "two words"),
        ("of\ufb01ce of the \ufb02eet", "office of the fleet"),
        ("Congre\u017fs", "congress"),
        ("inves\u00adti\u00adga\u00ad\n  tion", "investigation"),
        ("zero\u200bwidth \ufeffmark", "zerowidth mark"),
        ("caf\u00e9", "cafe\u0301"),
        ("MOSCOW", "Moscow"),
        ("wait… more", "wait. . . more"),
        ("wait. … more", "wait.... more"),
        ("in *Pravda* and __bold__", "in Pravda and bold"),
        ("don’t", "don't"),
        ("ΟΔΟΣ", "οδος"),
    ],
)
def test_typography_is_set_aside(one: str, other: str) -> None:
    assert fold(one).text == fold(other).text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("resign", "re-sign"),
        ("cafe", "caf\u00e9"),
        ("10,000", "10000"),
        ("1936", "1937"),
        ("Masse", "Maße"),
        ("p\u0430rty", "party"),  # a Cyrillic a
        ("x\u00b2", "x2"),
        ("stop; go", "stop, go"),
        ("he did", "he did!"),
        ("5' long", '5" long'),
        ("می\u200cخواهم", "میخواهم"),
        ("\u202edesrever", "desrever"),
        ("snake_case", "snakecase"),
        ("5 * 3 * 2", "5 3 2"),
    ],
)
def test_what_could_change_a_word_stays(one: str, other: str) -> None:
    assert fold(one).text != fold(other).text


@given(ODD)
@settings(deadline=None, max_examples=400)
def test_every_folded_character_leads_back_to_its_source(text: str) -> None:
    folded = fold(text)

    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert list(folded.starts) == sorted(folded.starts)
    assert all(0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True))


@given(st.text(alphabet=st.sampled_from("abc dé ö\u0301 1936"), max_size=30))
@settings(deadline=None)
def test_composed_and_decomposed_text_fold_alike(text: str) -> None:
    composed, decomposed = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)

    assert fold(composed).text == fold(decomposed).text


def test_a_span_of_the_folded_text_names_the_whole_of_what_it_stands_for() -> None:
    source = "An o\ufb03ce — two\u00ad fold"
    folded = fold(source)

    at = folded.text.index("office")

    assert source[slice(*folded.span(at, at + 6))] == "o\ufb03ce"


@pytest.mark.parametrize("piece", [" ", ".", ". ", "*a ", "“", "-", "- ", "_", "e\u0301", " »", "\u00ad\n", "…"])
def test_a_megabyte_of_anything_folds_in_seconds(piece: str) -> None:
    assert len(fold(piece * (1_000_000 // len(piece))).text) <= 1_000_000
