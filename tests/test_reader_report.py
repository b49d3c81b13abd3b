"""The report of what readers found: counts, and everything irregular with its line."""

from index.readers import read_file
from index.records import SourceFile
from index.report import DocumentReport, report
from tests.reader_texts import AUTHOR_DATE, CHICAGO_NOTES, WEB_PAGE, told


def report_on(text: str) -> DocumentReport:
    (one,) = report(read_file(SourceFile("cards.txt", text.encode())))
    return one


def test_blocks_and_characters_are_counted_by_kind() -> None:
    text, _ = told(WEB_PAGE)

    told_of = report_on(text)

    assert told_of.blocks == {"furniture": 10, "heading": 3, "text": 8, "citation": 8}
    assert sum(told_of.characters.values()) == sum(not character.isspace() for character in text)
    assert (told_of.name, told_of.title, told_of.reader, told_of.encoding, told_of.excerpts) == (
        "cards.txt",
        "The Invented Series Part 3: The Card Index",
        "excerpts",
        "utf-8",
        8,
    )


def test_furniture_is_listed_with_its_lines() -> None:
    text, _ = told(WEB_PAGE)

    furniture = report_on(text).furniture

    assert [remark.text for remark in furniture] == [text.split("\n")[remark.line - 1] for remark in furniture]
    assert [remark.line for remark in furniture][:3] == [1, 3, 5]
    assert furniture[3].text == "Share this:"


def test_citations_left_in_their_excerpts_are_listed() -> None:
    told_of = report_on(told(WEB_PAGE)[0])

    (kept,) = told_of.kept
    assert kept.text.startswith("B. Specimen, The Open Drawer")


def test_excerpts_without_a_citation_are_listed() -> None:
    text, _ = told(AUTHOR_DATE)

    (uncited,) = report_on(text).uncited

    assert (uncited.line, uncited.text) == (text.count("\n") + 1, "This thought has no source, because it is nobody's.")


def test_citations_that_cannot_be_parsed_are_listed_whole_with_the_reason() -> None:
    text = told(CHICAGO_NOTES)[0].replace("Ibid., 45.", "Nemo, op. cit., 45.")

    (unparsed,) = [remark for remark in report_on(text).unparsed if "op. cit." in remark.text]

    assert (unparsed.text, text.split("\n")[unparsed.line - 1]) == ("Nemo, op. cit., 45.", "Nemo, op. cit., 45.")
    assert unparsed.why


def test_excerpts_whose_citation_is_one_further_up_are_listed() -> None:
    text, _ = told(CHICAGO_NOTES)

    (inferred,) = report_on(text).inferred

    assert (inferred.why, inferred.text[:17]) == ("Ibid., 45.", "The third keeper ")


def test_citations_that_follow_no_text_are_listed() -> None:
    text, _ = told(WEB_PAGE)
    second = "Mock, Ben. The Trial of the Keeper. Nowhere: Example Press, 1952, p. 1"

    told_of = report_on(text.replace("1951, p. 12\n", f"1951, p. 12\n{second}\n", 1))

    assert [(remark.line, remark.text) for remark in told_of.unattached] == [(12, second)]
