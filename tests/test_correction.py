"""Which words of a question are taken for slips of the finger, and for what."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.stores import Lexicon
from rag.records import Correction
from rag.spelling import Corrector

WRITTEN = {"concordance": 3, "quotation": 9, "quotations": 2, "index": 5, "keeper": 4, "keepers": 1}
LANGUAGE = {"what", "about", "mock", "kept"}
"""Words that the embedder reads in one piece though the collection does not have them."""


def count_tokens(texts: Sequence[str]) -> list[int]:
    return [2 + len(text.split()) + sum(word.lower() not in LANGUAGE for word in text.split()) for text in texts]


@pytest.fixture(scope="module")
def corrector() -> Corrector:
    stems = {word.removesuffix("s"): count for word, count in WRITTEN.items()}

    def analyse(text: str) -> list[str]:
        return [word.removesuffix("s") for word in text.lower().split()]

    return Corrector(Lexicon(20, stems, analyse), WRITTEN, count_tokens)


@pytest.mark.parametrize("slip", ["concordence", "concordnce", "conocrdance", "concorddance", "Concordnace"])
def test_a_slip_becomes_the_word_of_the_collection_and_is_told(corrector: Corrector, slip: str) -> None:
    assert corrector.correct(f"what about the {slip}?") == (
        "what about the concordance?",
        (Correction(slip, "concordance"),),
    )


@pytest.mark.parametrize(
    "word",
    [
        pytest.param("keepers", id="the collection has it"),
        pytest.param("indexs", id="the collection has its stem"),
        pytest.param("kept", id="the embedder knows it"),
        pytest.param("mockers", id="the embedder knows it without its ending"),
        pytest.param("indes", id="short, with one letter in place of another"),
        pytest.param("CONCORDANC", id="an abbreviation"),
        pytest.param("doncordance", id="another first letter"),
        pytest.param("zymurgy", id="nothing is near"),
        pytest.param("ind", id="too short to tell"),
        pytest.param("1936", id="a number"),
    ],
)
def test_other_words_stay_as_they_are_typed(corrector: Corrector, word: str) -> None:
    assert corrector.correct(word) == (word, ())


@pytest.mark.parametrize("slip", ["idnex", "indx", "indeex"])
def test_a_short_word_may_lack_a_letter_or_have_one_more_or_two_changed(corrector: Corrector, slip: str) -> None:
    assert corrector.correct(slip)[0] == "index"


def test_of_words_equally_near_the_commonest_is_meant(corrector: Corrector) -> None:
    assert corrector.correct("quotatione")[0] == "quotation"


@given(st.text())
def test_any_text_comes_back_with_as_many_words(text: str) -> None:
    corrector = Corrector(Lexicon(20, {}, str.split), WRITTEN, count_tokens)

    corrected, corrections = corrector.correct(text)

    assert len(corrected.split()) == len(text.split())
    assert (corrected == text) == (not corrections)
