"""A line is recognised as a citation by its own evidence."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.citations.parse import parse_citation
from index.citations.recognise import THRESHOLD, citation_score, is_citation
from tests.test_citation_parsing import BOOKS, STYLES

CITATIONS = [
    *(raw for raw, _ in BOOKS.values()),
    *(raw for raw, _ in STYLES.values()),
    "Sample (1956, 58)",
    "(Sample 1956, 58)",
    "(Sample 1956)",
    "[Sample 1956: 58]",
    "(Ames and Birch 1946, 201–3)",
    "Sample, A. L. (1956). The paper age.",
    "[Sample, The Paper Age, p. 58]",
    "Source: Sample, Ada Louise. The Paper Age. New York: Lanternhouse, 1956, p. 60",
    "Greene, Quiet American, p. 51.",
    "Grimm, Let Others Judge, 12.",
    "Manning et al., Introduction to Information Retrieval, 109.",
    "Fitzpatrick, “Stalin and the Making of a New Elite,” 380.",
    "“Moscow Trial Opens.” New York Times, January 24, 1937, p. 1",
    "The Economist, May 3, 1941, p. 12",
    "Vannevar Bush, “As We May Think,” The Atlantic, July 1945, https://www.theatlantic.com/magazine/archive/1945/07/303881/.",
    "Plato, Republic 514a–b.",
    "Ibid., p. 58",
    "Ibid.",
]

OTHER_LINES = [
    "",
    "1937",
    "p. 177",
    "pp. 54-55",
    "Chapter 12: The Trials",
    "THE FLOOD OF 1953",
    "The Flood of 1953",
    "CHAPTER 3: THE TRIALS OF 1937",
    "Part II, Chapter 3",
    "Part One: The Early Years, 1879–1917",
    "Ada Sample, Lisbon, 1951",
    "Moscow, 5 March 1937",
    "J. Stalin, 5 May 1937",
    "Leningrad, 1934.",
    "Nikolai Bukharin (1888–1938)",
    "World War II, 1939–1945",
    "To: Comrade Stalin, 5 March 1937",
    "From: N. Yezhov, 5 March 1937",
    "Yours sincerely, John Smith, 12 May 1936",
    "MOLOTOV: In 1936, 12 were shot.",
    "1. The first point concerns the harvest of 1932.",
    "- 500 grams of flour, 1937 prices",
    "Table 3. Grain procurements, 1930-1935",
    "[Letter from the district to the centre on June 18th 1937]",
    "[Footnote: Sample, Ada Louise. The Paper Age. New York: Lanternhouse, 1956, p. 60]",
    "He explained this in his book (New York: Cambridge University Press, 1985), p. 177.",
    "As Rowe shows in Origins of the Great Canals (Cambridge University Press, 1985), p. 177, the archives tell another story.",
    "The harvest failed again, as the new history makes clear (Ames, The Years of Plenty, 2004), p. 177.",
    "Pravda reported on March 5, 1937, that the trial had begun.",
    "The book was published in New York by Lanternhouse in 1956.",
    "However, John Smith, the chairman, disagreed on page 12.",
    "“It was the best of times,” he said in 1937.",
    "I was born in London, England, in 1945.",
    "Q: What happened in 1937?",
    "Copyright © 1998 by John Smith",
    "Page 3 of 12",
    "http://www.example.com/page",
    "Share this:",
]


@pytest.mark.parametrize("line", CITATIONS)
def test_a_citation_in_any_style_is_recognised(line: str) -> None:
    assert citation_score(line) >= THRESHOLD


@pytest.mark.parametrize("line", OTHER_LINES)
def test_another_line_is_not(line: str) -> None:
    assert citation_score(line) < THRESHOLD


def test_a_citation_stays_one_when_a_full_stop_or_spaces_are_added() -> None:
    line = "Sample, Ada Louise. The Paper Age. New York: Lanternhouse, 1956, p. 7"

    assert is_citation(line)
    assert is_citation(f"  {line}.  ")


HOSTILE = [
    "p. 1, ",
    "1, ",
    "A. ",
    "A, ",
    "Smith, ",
    " and ",
    "Ed. ",
    "(",
    "((a",
    "“",
    "London, ",
    "London: ",
    "vol. 1, ",
    "1956 ",
]
HOSTILE += [
    "http://",
    ". ",
    "n.d., ",
    "in ",
    "doi:10.1/",
    "A.A.",
    "x-",
    "*a* ",
    "Jr. ",
    "iv, ",
    "2nd ed. ",
    "accessed on May ",
    "[",
]


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.parametrize("size", [590, 200_000])
def test_a_hostile_line_costs_no_more_than_a_moment(piece: str, size: int) -> None:
    lines = [(start + piece * size)[:size] + end for start, end in (("", ""), ("Sample, Anna. ", ", 1956, p. 5"))]
    begun = time.process_time()

    for line in lines:
        citation_score(line)
        parse_citation(line)

    assert time.process_time() - begun < 2


@given(st.text(max_size=300))
@settings(deadline=None, max_examples=200)
def test_every_text_has_a_score_between_nought_and_one(line: str) -> None:
    assert 0 <= citation_score(line) <= 1
