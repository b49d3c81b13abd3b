"""Text without citations: groups of paragraphs that cite the document itself."""

from index.readers import read_file
from index.records import Reading, SourceFile

PARAGRAPH = "A card keeps one thought, and says where it was found. " * 8


def read(text: str, name: str = "essay.txt") -> Reading:
    (reading,) = read_file(SourceFile(name, text.encode()), "plain")
    return reading


def test_paragraphs_are_grouped_to_a_sensible_size_and_never_cut() -> None:
    text = "An Essay on Cards\n\n" + "\n\n".join([PARAGRAPH.strip()] * 12)

    reading = read(text)

    assert [excerpt.text.count("\n\n") + 1 for excerpt in reading.excerpts] == [3, 3, 3, 3]
    assert all(1_000 <= len(excerpt.text) <= 2_500 for excerpt in reading.excerpts)


def test_a_very_long_paragraph_is_cut_between_sentences() -> None:
    reading = read(PARAGRAPH * 10)

    assert len(reading.excerpts) == 2
    assert all(excerpt.text.startswith("A card") and excerpt.text.endswith("found.") for excerpt in reading.excerpts)


def test_a_paragraph_without_sentences_or_spaces_is_cut_all_the_same() -> None:
    reading = read("x" * 6_000)

    assert [len(excerpt.text) for excerpt in reading.excerpts] == [2_500, 2_500, 1_000]


def test_the_document_is_what_is_cited_under_its_title() -> None:
    reading = read("An Essay on Cards\n\nCards were invented twice.\n")

    citation = reading.excerpts[0].citation
    assert citation is not None
    assert (citation.raw, citation.start) == ("An Essay on Cards", None)
    assert citation.csl == {"type": "document", "title": "An Essay on Cards"}


def test_without_a_title_the_file_names_the_document() -> None:
    reading = read("Cards were invented twice.\n", name="box/essay on cards.txt")

    assert reading.document.title == "essay on cards"
    assert reading.excerpts[0].text == "Cards were invented twice."
