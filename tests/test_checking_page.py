"""What docs/checking.md promises is what the program does."""

import re
from pathlib import Path

import pytest

from rag.quotes.judge import look_up_cited
from rag.quotes.match import QuoteIndex
from tests.quotable import CANAL, passages

PAGE = (Path(__file__).parents[1] / "docs" / "checking.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(\w+)` \| “(.+?)”(?= with| \|)", PAGE, re.MULTILINE)
EXCERPTS = passages()
INDEX = QuoteIndex((excerpt.id, excerpt.text) for excerpt in EXCERPTS)


def test_the_page_quotes_the_source_of_its_examples() -> None:
    quoted = " ".join(line.removeprefix("> ") for line in PAGE.splitlines() if line.startswith("> "))

    assert quoted == CANAL


@pytest.mark.parametrize(("verdict", "quote"), ROWS)
def test_each_example_gets_its_verdict(verdict: str, quote: str) -> None:
    cited = EXCERPTS[1 if verdict == "misattributed" else 0].id

    assert look_up_cited(quote, INDEX, {cited}, INDEX).verdict == verdict


def test_each_verdict_has_an_example() -> None:
    assert [verdict for verdict, _ in ROWS] == [
        "exact",
        "normalised",
        "elided",
        "altered",
        "stitched",
        "misattributed",
        "not_found",
    ]


def test_what_may_differ_differs_on_the_page_without_harm() -> None:
    edits = ["feared the cost,", "[I]ts members", "ITS MEMBERS [sic] feared", "… members feared the cost …"]

    assert all(f"“{edit}”" in PAGE for edit in edits)
    assert all(look_up_cited(edit, INDEX, {EXCERPTS[0].id}, None).accepted for edit in edits)
