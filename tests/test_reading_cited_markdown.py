"""Markdown with a citation below each excerpt is read as a collection; an essay that quotes, or lists its references, is not."""

import pytest

from index.readers import read_file
from index.records import Reading, SourceFile

WHAT_FOR = "A card keeps one thought and says where the thought was found."
OUTLIVES = "The card outlives the person who wrote it.\n\nNobody has found the opposite."
DRAWERS = "The drawer has an order of its own, and the order is an argument."

CARDS_12 = "Sample, Ada. *Cards and Their Keepers*. Nowhere: Example Press, 1951, p. 12"
CARDS_13 = "Sample, Ada. *Cards and Their Keepers*. Nowhere: Example Press, 1951, p. 13-14"
DRAWERS_3 = "Mock, Ben. *Drawers*. Elsewhere: Test & Sons, 1975, p. 3"


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def collection(form: str, between: str = "") -> str:
    """Three excerpts under two headings; ``form`` says how an excerpt and its citation are written."""
    cited = [(WHAT_FOR, CARDS_12), (OUTLIVES, CARDS_13), (DRAWERS, DRAWERS_3)]
    first, second, third = (
        form.format(text=text, quoted=quoted(text), apart=quoted(text).replace("\n>\n", "\n\n"), citation=citation)
        for text, citation in cited
    )
    return f"# Cards\n\n## What *for*\n\n{first}\n\n{between}{second}\n\n## Drawers\n\n{third}\n"


SHAPES = {
    "a paragraph below": "{text}\n\n{citation}",
    "the next line": "{text}\n{citation}",
    "the next line after a hard break": "{text}  \n{citation}",
    "a dash": "{text}\n\n— {citation}",
    "a label in bold": "{text}\n**Source:** {citation}",
    "brackets": "{text}\n\n({citation})",
    "emphasis": "{text}\n\n_{citation}_",
    "below a quotation": "{quoted}\n\n{citation}",
    "below a quotation, with a dash": "{quoted}\n\n— {citation}",
    "right below a quotation": "{quoted}\n{citation}",
    "at the end of the quotation": "{quoted}\n>\n> {citation}",
    "on the last line of the quotation": "{quoted}\n> — {citation}",
    "below several blocks of quotation": "{apart}\n\n{citation}",
}


def read(text: str) -> Reading:
    (reading,) = read_file(SourceFile("cards.md", text.encode()))
    return reading


def words(text: str) -> str:
    """Without the marks of a quotation between its paragraphs."""
    return " ".join(text.replace(">", " ").split())


def cited(reading: Reading) -> list[tuple[str, str]]:
    """Each excerpt and its citation, as far as the document holds both."""
    return [
        (words(excerpt.text), excerpt.citation.raw if excerpt.citation and excerpt.citation.start is not None else "")
        for excerpt in reading.excerpts
    ]


@pytest.mark.parametrize("shape", SHAPES)
def test_each_excerpt_cites_what_stands_below_it(shape: str) -> None:
    reading = read(collection(SHAPES[shape]))

    assert [text for text, _ in cited(reading)] == [words(WHAT_FOR), words(OUTLIVES), words(DRAWERS)]
    assert [excerpt.headings for excerpt in reading.excerpts] == [("Cards", "What for")] * 2 + [("Cards", "Drawers")]
    locators = [excerpt.citation.locator for excerpt in reading.excerpts if excerpt.citation]
    assert [locator.pages for locator in locators if locator] == [((12, 12),), ((13, 14),), ((3, 3),)]
    assert reading.document.reader == "markdown"


def test_a_citation_is_kept_as_written_and_read_without_its_marks() -> None:
    citation = read(collection("{text}\n\n{citation}")).excerpts[0].citation

    assert citation is not None
    assert citation.raw == CARDS_12
    assert citation.csl is not None
    assert (citation.csl["title"], citation.problem) == ("Cards and Their Keepers", "")


def test_a_citation_may_be_wrapped() -> None:
    reading = read(collection("{text}\n{citation}").replace("Nowhere: ", "Nowhere:\n"))

    assert [raw for _, raw in cited(reading)] == [CARDS_12.replace(": ", ":\n"), CARDS_13.replace(": ", ":\n"), DRAWERS_3]


def test_marks_of_quotation_around_an_excerpt_are_furniture() -> None:
    reading = read(collection("{quoted}\n>\n> — {citation}"))

    text = reading.document.text
    assert reading.excerpts[0].text == WHAT_FOR
    assert {text[block.start : block.end] for block in reading.blocks if block.kind == "furniture"} == {">"}


def test_rules_between_excerpts_are_furniture() -> None:
    plain, ruled = read(collection("{text}\n\n{citation}")), read(collection("{text}\n\n{citation}", between="---\n\n"))

    assert cited(ruled) == cited(plain)
    assert [block.kind for block in ruled.blocks if block not in plain.blocks].count("furniture") == 1


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
@pytest.mark.parametrize("shape", SHAPES)
def test_other_line_ends_give_the_same_excerpts(shape: str, line_end: str) -> None:
    feeds, other = read(collection(SHAPES[shape])), read(collection(SHAPES[shape]).replace("\n", line_end))

    assert cited(other) == cited(feeds)
    assert [(block.kind, block.line) for block in other.blocks] == [(block.kind, block.line) for block in feeds.blocks]


def test_a_preface_and_a_note_below_cite_the_document() -> None:
    body = collection("{quoted}\n\n{citation}").replace("## What", "These cards were copied by hand.\n\n## What")
    reading = read(f"---\ntitle: A Box\nauthor: Cora Specimen\n---\n{body}\nThe end.\n")

    assert [raw for _, raw in cited(reading)] == ["", CARDS_12, CARDS_13, DRAWERS_3, ""]
    assert {excerpt.citation.raw for excerpt in (reading.excerpts[0], reading.excerpts[-1]) if excerpt.citation} == {
        "Specimen, Cora. A Box."
    }


def test_a_note_below_the_last_citation_of_a_section_does_not_make_an_essay_of_a_collection() -> None:
    reading = read(collection("{text}\n\n{citation}") + "\nThe end.\n")

    assert [raw for _, raw in cited(reading)] == [CARDS_12, CARDS_13, DRAWERS_3, ""]


def test_words_between_quotations_are_not_put_into_the_mouth_of_whom_they_quote() -> None:
    remark = "Nobody else agrees, though many have been asked about it."
    text = collection("{quoted}\n\n— {citation}", between="She goes on:\n\n")

    reading = read(text.replace("\n\n## Drawers", f"\n\n{remark}\n\n## Drawers"))

    assert [text for text, raw in cited(reading) if not raw] == ["She goes on:", remark]
    assert [raw for _, raw in cited(reading) if raw] == [f"— {raw}" for raw in (CARDS_12, CARDS_13, DRAWERS_3)]


def test_a_last_line_that_only_resembles_a_citation_stays_in_its_excerpt() -> None:
    reading = read(collection("{text}\nMock, *The Patient Drawer*, 12\n\n{citation}"))

    assert [text.endswith("Mock, *The Patient Drawer*, 12") for text, _ in cited(reading)] == [True, True, True]


def test_a_citation_copied_along_in_another_manner_stays_in_its_excerpt() -> None:
    body = "".join(f"Card {n} is lost.\n\n{CARDS_12.replace('12', str(n))}\n\n## On {n}\n\n" for n in range(20, 50))
    note = "B. Specimen, *The Open Drawer* (Nowhere: Example Press, 1950), p. 7."
    nested = f"One keeper says so.\n\n{note}\n\nAnother does not."

    reading = read(f"## Cards\n\n{body}{nested}\n\n{DRAWERS_3}\n")

    assert reading.excerpts[-1].text == nested


def test_an_excerpt_in_a_list_within_a_collection_runs_to_its_citation() -> None:
    reading = read(collection("{text}\n\n- It is paper.\n- It is small.\n\n{citation}"))

    assert [text.endswith("- It is small.") for text, _ in cited(reading)] == [True, True, True]


ESSAYS = {
    "references below a heading": "# Cards\n\n{essay}\n\n## References\n\n{one}\n\n{two}\n",
    "references in a list": "# Cards\n\n{essay}\n\n## References\n\n- {one}\n- {two}\n",
    "references below every section": "# Cards\n\n{essay}\n\n{one}\n\n{two}\n\n## Drawers\n\n{essay}\n\n{two}\n\n{one}\n",
    "one reference below every section": "# Cards\n\n{essay}\n\n{bare}\n\n## Drawers\n\n{essay}\n\n{bare}\n",
    "quotations that are less than what is said of them": (
        "# Cards\n\n{essay}\n\n{essay}\n\n> It is.\n\n— {one}\n\n{essay}\n\n> It is not.\n\n— {two}\n"
    ),
    "citations below what is said of a quotation": (
        "# Cards\n\n{quoted}\n\nSo it is said.\n{one}\n\n{quoted}\n\nSo it is not.\n{two}\n\n{essay}\n"
    ),
    "paragraphs that go on after the citations": "# Cards\n\n{essay}\n\n{one}\n\n{essay}\n\n{two}\n\n{essay}\n",
    "one citation only": "# Cards\n\n{essay}\n\n{one}\n",
    "citations in code": "# Cards\n\n{essay}\n\n    {one}\n\n{essay}\n\n    {two}\n",
    "notes": "# Cards\n\n{essay}[^1]\n\n{essay}[^2]\n\n[^1]: {one}\n[^2]: {two}\n",
    "citations within sentences": "# Cards\n\n{essay} So Sample (1951, 12).\n\n{essay} So Mock (1975, 3).\n",
}


@pytest.mark.parametrize("essay", ESSAYS)
def test_an_essay_is_read_by_its_sections_and_cites_itself(essay: str) -> None:
    bare = CARDS_12.removesuffix(", p. 12") + "."
    text = ESSAYS[essay].format(essay=OUTLIVES, quoted=quoted(DRAWERS), one=CARDS_12, two=DRAWERS_3, bare=bare)

    reading = read(text)

    assert {excerpt.citation.raw for excerpt in reading.excerpts if excerpt.citation} == {"Cards"}
    assert len(reading.excerpts) == 1 + text.count("## ")
    assert "citation" not in {block.kind for block in reading.blocks}
