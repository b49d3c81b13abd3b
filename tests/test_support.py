"""Whether a passage says what a sentence says: judged by what can be counted, and told with the reason."""

import random
from pathlib import Path

import pytest

from benchmarks.support import KINDS, make_pairs
from index.records import Excerpt
from rag.support import judge_support
from tests.quotable import excerpt

PASSAGE = excerpt(
    "The council of Ostrava did not approve the canal in 1936. Its members feared the cost of 40,000 bricks. Engineer "
    "Novak finished the "
    "railway two years before the bridge, and the harbour master Dvorak praised the patience of the workers.",
    "Doe, Jane. The Canal Years. London: Smith, 1950, p. 58",
)


@pytest.mark.parametrize(
    ("said", "verdict", "reason"),
    [
        ("The council of Ostrava approved the canal in 1936.", "contradicted", "not"),
        ("The council of Ostrava did not approve the canal in 1946.", "contradicted", "1936 where this says 1946"),
        ("Its members feared the cost of 70,000 bricks.", "contradicted", "40000 where this says 70000"),
        ("Engineer Kovac finished the railway two years before the bridge.", "contradicted", "novak where this names kovac"),
        ("Engineer Novak finished the railway two years after the bridge.", "contradicted", "before where this says after"),
        ("According to Doe, its members feared the cost of 40,000 bricks.", "supported", "of its words"),
        ("Engineer Novak finished the railway two years before the bridge.", "supported", "of its words"),
        ("Owls were seen on the roof of the town hall.", "unclear", "of its words"),
        ("Its members feared the cost of bricks, and Pavel sold 12 ships.", "unclear", "the passage has no"),
        ("Yes.", "unclear", ""),
    ],
)
def test_a_sentence_is_judged_by_the_place_that_speaks_of_the_same(said: str, verdict: str, reason: str) -> None:
    support = judge_support(said, [PASSAGE])

    assert support.verdict == verdict
    assert reason in "; ".join(support.reasons)


def test_what_one_passage_bears_out_another_need_not() -> None:
    other = excerpt("The council of Ostrava approved the canal in 1936, and celebrated for nine days.")

    assert judge_support("The council of Ostrava approved the canal in 1936.", [PASSAGE, other]).verdict == "supported"


def test_without_a_passage_nothing_is_judged() -> None:
    assert judge_support("It rained.", []).verdict == "unclear"


def test_contradictions_are_told_precisely() -> None:
    handbook = (Path(__file__).parents[1] / "index" / "sample" / "ibid-handbook.txt").read_text(encoding="utf-8")
    pairs = make_pairs([part for part in handbook.split("\n\n") if len(part.split()) > 30], 25, random.Random(1))

    told = [
        (kind, judge_support(said, [Excerpt("x", "made", 0, len(passage), passage)]).verdict) for kind, said, passage in pairs
    ]

    wrong = [kind for kind, verdict in told if verdict == "contradicted" and not KINDS[kind][1]]
    right = [kind for kind, verdict in told if verdict == "contradicted" and KINDS[kind][1]]
    assert len(wrong) <= 0.05 * (len(wrong) + len(right))
    assert len(right) >= 0.6 * sum(KINDS[kind][1] for kind, _ in told)
