"""Citations that do not have one line to themselves: in brackets at the end of the text, or set on two lines."""

import time

import pytest

from index.readers import read_file
from index.records import Reading, SourceFile
from tests.test_reader_contract import check

TEXTS = (
    "A card keeps one thought. Nobody should trust a rumour.",
    "Moths were counted (Fell 1930) by hand, and twice.",
    "Drawers creak in winter. The keeper knows which.",
    "What is lost is lost. The list of it is kept.",
)
SHORT = ("(Sample 1990, 14)", "[Mock 1951: 3-4]", "(Fell and Moor 1930, pp. 7-8).", "(Sample 1990, 20)")
FULL = (
    "(Ada Sample, The Card Book, Nowhere: Example Press, 1951, p. 12)",
    "(Sample, The Card Book, 1951, p. 58)",
    "(Bo Mock, Drawers, Elsewhere: Mock House, 1960, p. 45)",
    "(Bo Mock, Drawers [second edition], Elsewhere: Mock House, 1961, p. 3)",
)
MLA = ("(Sample 14)", "(Mock 3-4)", "(Fell and Moor 7)", "(Sample 20)")
IN_TWO_LINES = (
    ("Sample, Ada. The Card Book.", "Nowhere: Example Press, 1951, p. 12"),
    ("Mock, Bo. Drawers.", "Elsewhere: Mock House, 1960, p. 45"),
    ("Fell and Moor, Eds. Moths Counted.", "Nowhere: Example Press, 1930, p. 7"),
    ("Sample, Ada. The Card Book.", "Nowhere: Example Press, 1951, p. 99"),
)


def read(text: str) -> Reading:
    (reading,) = read_file(SourceFile("cards.txt", text.encode()))
    check(reading)
    return reading


def cited(reading: Reading) -> list[tuple[str, str]]:
    return [(excerpt.text, excerpt.citation.raw if excerpt.citation else "") for excerpt in reading.excerpts]


def bracketed(citations: tuple[str, ...], between: str = "\n\n") -> str:
    return "Notes on Cards\n\n" + between.join(f"{text} {raw}" for text, raw in zip(TEXTS, citations, strict=True)) + "\n"


@pytest.mark.parametrize("citations", [SHORT, FULL, MLA])
@pytest.mark.parametrize("between", ["\n\n", "\n", "\r\n\r\n"])
def test_a_citation_in_brackets_after_the_last_sentence_cites_where_the_document_does_so(
    citations: tuple[str, ...], between: str
) -> None:
    reading = read(bracketed(citations, between))

    assert cited(reading) == list(zip(TEXTS, citations, strict=True))


def test_a_citation_in_brackets_is_parsed_as_one_on_a_line_of_its_own() -> None:
    citation = read(bracketed(FULL)).excerpts[0].citation

    assert citation is not None
    assert citation.csl is not None
    assert (citation.csl["title"], citation.locator and citation.locator.value) == ("The Card Book", "12")


def test_an_excerpt_of_many_paragraphs_runs_to_the_bracket_under_its_heading() -> None:
    pieces = [f"{text}\nIt went on for a while.\nThen it ended. {raw}" for text, raw in zip(TEXTS, SHORT, strict=True)]
    reading = read("ON CARDS\n\n" + "\n\n".join(pieces[:2]) + "\n\nON LOSS\n\n" + "\n\n".join(pieces[2:]))

    assert [excerpt.headings for excerpt in reading.excerpts] == [("ON CARDS",)] * 2 + [("ON LOSS",)] * 2
    assert cited(reading)[2] == (f"{TEXTS[2]}\nIt went on for a while.\nThen it ended.", SHORT[2])


@pytest.mark.parametrize("end", ["he asked:", "and so on,…", "the list. [It is long.]", "“the list!”"])
def test_an_excerpt_need_not_end_in_a_full_stop_before_its_bracket(end: str) -> None:
    reading = read(f"{bracketed(SHORT)}\nThe clerk read {end} (Mock 1951, 9)\n")

    assert cited(reading)[-1] == (f"The clerk read {end}", "(Mock 1951, 9)")


def test_a_bracket_wrapped_with_its_paragraph_is_cut_out_as_written() -> None:
    wrapped = (
        "A card keeps one thought, and says where it was found, and by\n"
        "whom, and when it was found, which is more than most letters do\n"
        "for those who read them. The rest is hearsay. (Ada Sample, The\n"
        "great card book, Nowhere: Example Press, 1951, p. 12)\n\n"
    )
    reading = read(wrapped * 4)

    assert {raw for _, raw in cited(reading)} == {"(Ada Sample, The\ngreat card book, Nowhere: Example Press, 1951, p. 12)"}


@pytest.mark.parametrize(
    "essay",
    [
        "\n\n".join(f"{text[:-1]} (Sample 1990, 14)." for text in TEXTS),
        "\n\n".join([*TEXTS, *TEXTS, *(f"{text} {raw}" for text, raw in zip(TEXTS, SHORT, strict=True))]),
        "\n\n".join(f"{text} (see Table {at})" for at, text in enumerate(TEXTS)),
        "\n\n".join(f"{text} (Table {at})" for at, text in enumerate(TEXTS)),
        "\n\n".join(f"{text} (The keeper laughs.)" for text in TEXTS),
        "\n\n".join(f"{text} {raw}" for text, raw in zip(TEXTS[:2], SHORT[:2], strict=True)),
    ],
    ids=["within the sentence", "less than half", "remarks", "no names", "asides", "too few"],
)
def test_references_within_an_argument_stay_text(essay: str) -> None:
    reading = read(f"An Essay on Cards\n\n{essay}")

    assert reading.document.reader == "plain"
    assert reading.excerpts[0].text.startswith(TEXTS[0][:-1])


def test_brackets_are_text_where_lines_of_their_own_cite() -> None:
    line = "Sample, Ada. The Card Book. Nowhere: Example Press, 1951, p. 12"
    pieces = [f"{text} {raw}\n{line}" for text, raw in zip(TEXTS, SHORT, strict=True)]

    reading = read("\n\n".join(["A Reader", *pieces]))

    assert cited(reading) == [(f"{text} {raw}", line) for text, raw in zip(TEXTS, SHORT, strict=True)]


@pytest.mark.parametrize("indent", ["", "\t"])
def test_a_citation_set_on_two_lines_is_one_where_the_document_sets_them_so(indent: str) -> None:
    pieces = [
        f"{indent}{text}\n{indent}{above}\n{indent}{below}" for text, (above, below) in zip(TEXTS, IN_TWO_LINES, strict=True)
    ]
    reading = read("A Reader\n\nON CARDS\n\n" + "\n\n".join(pieces))

    assert cited(reading) == [
        (text, f"{above}\n{indent}{below}") for text, (above, below) in zip(TEXTS, IN_TWO_LINES, strict=True)
    ]
    citation = reading.excerpts[0].citation
    assert citation is not None
    assert citation.csl is not None
    assert (citation.csl["title"], citation.csl["publisher"]) == ("The Card Book", "Example Press")


def test_a_page_on_a_line_of_its_own_belongs_to_the_citation_above() -> None:
    above = "Sample, Ada. The Card Book. Nowhere: Example Press, 1951,"
    reading = read("\n\n".join(f"{text}\n{above}\np. {page}" for page, text in enumerate(TEXTS, 10)))

    assert cited(reading) == [(text, f"{above}\np. {page}") for page, text in enumerate(TEXTS, 10)]


def test_a_signature_above_a_citation_is_text_where_citations_have_one_line() -> None:
    line = "Sample, Ada. The Card Book. Nowhere: Example Press, 1951, p. 12"
    signed = "Yours as ever.\nMoor, Dee. The Keeper.\nNowhere: Example Press, 1951, p. 12"

    reading = read("\n\n".join([*(f"{text}\n{line}" for text in TEXTS), signed]))

    assert [text for text, _ in cited(reading)] == [*TEXTS, "Yours as ever.\nMoor, Dee. The Keeper."]


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece", [f"{TEXTS[0]} {SHORT[0]}\n\n", "\n".join([TEXTS[0], *IN_TWO_LINES[0], "\n"]), "(((" * 20 + ")\n"]
)
def test_ten_times_the_citations_take_some_ten_times_as_long(piece: str) -> None:
    def seconds(size: int) -> float:
        file = SourceFile("cards.txt", ("A card.\n\n" + piece * (size // len(piece))).encode())
        started = time.process_time()
        read_file(file)
        return time.process_time() - started

    seconds(10_000)

    assert seconds(400_000) < 30 * max(seconds(40_000), 0.01)
