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


ARTICLE = "\n\n".join(
    [
        "On the Yield of Invented Orchards",
        *(
            f"Paragraph {number} of this article reports what was weighed in orchard {number} of the valley." * 6
            for number in range(9)
        ),
        "References",
        "1. Moor A. Counting apples by hand. Journal of Invented Orchards. 1998;12:33-41.",
        "2. Moor A, Fell B. Trees and ladders. London: Sample Press; 2001. p. 12.",
        "3. Fell B. (2004). Scales for small fruit. Orchard Letters, 3, 55-60.",
        "4. Tarn C. The Valley Harvest. York: Mock House, 1987, p. 4",
        "5. Tarn C. The Second Harvest. York: Mock House, 1989, p. 77",
    ]
)


def test_an_article_with_its_references_behind_it_is_no_collection_of_excerpts() -> None:
    reading = read_file(SourceFile("article.txt", ARTICLE.encode()))[0]

    assert reading.document.reader == "plain"
