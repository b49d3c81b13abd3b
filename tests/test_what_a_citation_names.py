"""Citations name what they cite: court cases, classics, unsigned pieces, editions, and no document within itself."""

import msgspec

from index.citations.styles import format_bibliography, format_citation
from index.records import DocumentCard, Locator


def test_a_note_on_a_court_case_gives_the_page_cited() -> None:
    case = {
        "type": "legal_case",
        "title": "Tarn v. Sample",
        "container-title": "F.2d",
        "volume": "312",
        "page": "88",
        "authority": "2d Cir.",
        "issued": {"date-parts": [[1963]]},
    }

    assert format_citation(case, Locator("page", "91"), "chicago-notes") == "Tarn v. Sample, 312 F.2d 88, 91 (2d Cir. 1963)."


def test_a_classic_is_cited_by_its_divisions_and_has_no_date_to_lack() -> None:
    verse = {"type": "classic", "title": "2 Tim"}
    dialogue = {"type": "classic", "title": "Laws", "author": [{"family": "Plato"}]}

    assert format_citation(verse, Locator("verse", "3:16"), "chicago-notes") == "2 Tim. 3:16."
    assert format_citation(verse, Locator("verse", "3:16"), "apa") == "(2 Tim. 3:16)"
    assert format_citation(dialogue, Locator("section", "653b"), "mla") == "(Plato, Laws 653b)"


def test_an_unsigned_piece_goes_by_its_newspaper() -> None:
    piece = {"type": "article-newspaper", "container-title": "The Harbour Post", "issued": {"date-parts": [[1937, 5, 3]]}}

    assert format_citation(piece, Locator("page", "2"), "apa") == "(The Harbour Post, 1937, p. 2)"
    assert "Harbour Post" in format_citation(piece, None, "mla")


def test_an_edition_in_abbreviations_says_that_it_is_one() -> None:
    book = {"type": "book", "title": "Lamps", "edition": "3rd enl.", "issued": {"date-parts": [[1950]]}}

    assert "3rd enl. ed." in format_citation(book, None, "chicago-notes")


def test_a_full_stop_stands_before_who_asked_the_questions() -> None:
    interview = {
        "type": "interview",
        "title": "On tides",
        "author": [{"family": "Sample", "given": "Ada"}],
        "interviewer": [{"family": "Tarn", "given": "Otto"}],
        "issued": {"date-parts": [[1971]]},
    }

    assert "On tides. Interview by Otto Tarn." in format_bibliography([interview], "chicago-author-date")[0]


def test_a_document_is_not_quoted_in_itself() -> None:
    notes = {"type": "document", "title": "Harbour Notes"}

    assert "quoted in" not in format_citation(notes, None, "chicago-notes", quoted_in="harbour notes")
    assert "quoted in" in format_citation(notes, None, "chicago-notes", quoted_in="Another Reader")


def test_a_title_keeps_its_own_punctuation_behind_its_own_quotation() -> None:
    book = {"type": "book", "title": "On “light”, shade and sea"}

    assert format_citation(book, None, "chicago-notes").startswith("On “Light”, Shade and Sea")


def test_fields_in_the_lines_of_a_note_are_read() -> None:
    item = {"type": "book", "title": "Lamps", "note": "publisher: Tarn House\nSigned by the author"}

    assert "Tarn House" in format_citation(item, None, "chicago-notes")


def test_a_time_of_day_noted_for_a_visit_is_no_season() -> None:
    page = {"type": "webpage", "title": "Lamps", "accessed": {"date-parts": [[2013, 1, 30]], "season": "22:56:08"}}

    assert format_citation(page, None, "chicago-notes").startswith("“Lamps,”")


def test_quoted_in_calls_a_document_as_its_compilation_is_described() -> None:
    card = DocumentCard("d", "notes.txt", "notes", "", "", "", "", 1, 1, True, {})
    described = msgspec.structs.replace(card, compilation={"title": "A Reader on Lamps", "compiler": "Otto Tarn"})

    assert (card.quoted_as, described.quoted_as) == ("notes", "A Reader on Lamps")
