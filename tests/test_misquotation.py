"""Thousands of misquotations, none accepted; thousands of typographic variants, nearly all accepted."""

import random
import re
from collections import Counter
from pathlib import Path

import pytest

from rag.quotes.judge import accept, look_up_cited
from rag.quotes.match import _NEGATIONS, QuoteIndex
from tests.quotable import (
    CANAL,
    HARBOUR,
    MISQUOTES,
    RAILWAY,
    VARIANTS,
    Misquote,
    Variant,
    dashes,
    dots,
    holds,
    ligatures,
    plain_words,
    soft_hyphens,
    spaces,
    straight,
)

OWN = [CANAL, HARBOUR, RAILWAY]


@pytest.fixture(scope="module")
def real_texts(real_data: Path) -> list[str]:
    text = (real_data / "000_74679c296b4caa77.txt").read_text(encoding="utf-8")
    return [line for line in text.split("\n") if len(line.split()) > 40]


def index_of(texts: list[str]) -> QuoteIndex:
    return QuoteIndex((str(number), text) for number, text in enumerate(texts))


def some_words(texts: list[str], chance: random.Random, longest: int = 40) -> list[str]:
    words = chance.choice(texts).split()
    length = min(len(words), chance.randrange(5, longest))
    start = chance.randrange(len(words) - length + 1)
    return words[start : start + length]


def false_accepts(texts: list[str], misquote: Misquote, runs: int, seed: int) -> tuple[int, list[str]]:
    chance, index = random.Random(seed), index_of(texts)
    judged, accepted = 0, []
    while judged < runs:
        quote = " ".join(misquote(some_words(texts, chance), chance))
        if holds(texts, quote):
            continue  # by chance it does stand somewhere
        judged += 1
        finding = accept(quote, index, None)
        if finding is not None and (finding.verdict != "elided" or "…" not in quote):
            accepted.append(quote)
    return judged, accepted


@pytest.mark.parametrize("misquote", MISQUOTES)
def test_no_misquotation_of_our_own_texts_is_accepted(misquote: Misquote) -> None:
    judged, accepted = false_accepts(OWN, misquote, runs=500, seed=1)

    assert judged == 500
    assert accepted == []


@pytest.mark.parametrize("misquote", MISQUOTES)
def test_no_misquotation_of_a_real_collection_is_accepted(misquote: Misquote, real_texts: list[str]) -> None:
    judged, accepted = false_accepts(real_texts, misquote, runs=1000, seed=2)

    assert judged == 1000
    assert accepted == []


def test_nothing_stitched_from_a_real_collection_is_accepted(real_texts: list[str]) -> None:
    chance, index = random.Random(3), index_of(real_texts)
    accepted = []
    for _ in range(1000):
        quote = " ".join([*some_words(real_texts, chance, 15), *some_words(real_texts, chance, 15)])
        if not holds(real_texts, quote) and accept(quote, index, None) is not None and "…" not in quote:
            accepted.append(quote)

    assert accepted == []


def test_pieces_of_two_excerpts_are_never_one_elided_quotation(real_texts: list[str]) -> None:
    chance, index = random.Random(4), index_of(real_texts)
    accepted = []
    for _ in range(500):
        first, second = some_words(real_texts, chance, 12), some_words(real_texts, chance, 12)
        together = [text for text in real_texts if holds([text], " ".join(first)) and holds([text], " ".join(second))]
        if not together and accept(f"{' '.join(first)} … {' '.join(second)}", index, None) is not None:
            accepted.append((first, second))

    assert accepted == []


def test_an_elision_within_a_sentence_is_accepted_only_without_a_negation_in_it(real_texts: list[str]) -> None:
    chance, index = random.Random(5), index_of(real_texts)
    outcome: Counter[tuple[bool, bool]] = Counter()
    for _ in range(1500):
        words = some_words(real_texts, chance)
        if len(words) < 12 or re.search(r"[.!?…]", " ".join(words)):
            continue
        gap = words[4:-4]
        negated = bool({*_NEGATIONS} & {word.lower().strip("“”‘’\"',;:—–-()") for word in gap}) or "n’t" in " ".join(gap)
        outcome[negated, accept(f"{' '.join(words[:4])} … {' '.join(words[-4:])}", index, None) is not None] += 1

    assert outcome[True, True] == 0
    assert outcome[True, False] > 20
    assert outcome[False, True] >= 0.98 * (outcome[False, True] + outcome[False, False])


def test_exact_words_of_another_source_are_never_accepted_for_the_source_cited(real_texts: list[str]) -> None:
    chance, index = random.Random(6), index_of(real_texts)
    verdicts: Counter[str] = Counter()
    for _ in range(500):
        quote, cited = " ".join(some_words(real_texts, chance)), chance.randrange(len(real_texts))
        if not holds([real_texts[cited]], quote):
            verdicts[look_up_cited(quote, index, {str(cited)}, None).verdict] += 1

    assert set(verdicts) == {"misattributed"}


@pytest.mark.parametrize("variant", VARIANTS)
def test_typographic_variants_of_a_real_collection_are_accepted(variant: Variant, real_texts: list[str]) -> None:
    chance, index = random.Random(7), index_of(real_texts)
    quotes = [" ".join(some_words(real_texts, chance)) for _ in range(400)]

    refused = [quote for quote in quotes if accept(variant(quote, chance), index, None) is None]

    assert len(refused) <= 0.01 * len(quotes), refused[:5]


def test_all_variants_at_once_are_accepted(real_texts: list[str]) -> None:
    chance, index = random.Random(8), index_of(real_texts)
    quotes = [" ".join(some_words(real_texts, chance)) for _ in range(600)]

    refused = []
    for quote in quotes:
        changed = quote
        for variant in (straight, dashes, spaces, ligatures, soft_hyphens, dots):
            changed = variant(changed, chance)
        if accept(changed, index, None) is None:
            refused.append(quote)

    assert len(refused) <= 0.01 * len(quotes), refused[:5]


def test_the_oracle_of_these_tests_reads_words_as_people_do() -> None:
    assert plain_words("The CAFÉ’s 10,000—bricks") == ["the", "cafe", "s", "10", "000", "bricks"]
    assert holds(["one two three"], "two three")
    assert not holds(["one two three"], "one three")
