"""What the compiler of a file wrote is never cited as the words of the author whom the file quotes beside it."""

import pytest

from index.readers import read_file
from index.records import Excerpt, FileSettings, SourceFile

WORKS = [
    "Vera Sample, *Kilns and Glazes* (1961)",
    "Edgar Mock, *The Potter's Year* (1978)",
    "Lena Placeholder, *Clay by the River* (1990)",
    "Hugo Example, *Ash Glaze* (1954)",
]
FAMILIES = ["Sample", "Mock", "Placeholder", "Example"]
QUOTED = [
    "A kiln is opened slowly, because warm pots complain of a draught.",
    "In March the clay is too wet to argue with, so the potter sweeps.",
    "The river leaves its best clay on the bank that nobody owns.",
    "Ash from apple wood turns the glaze green, and ash from oak does not.",
]
OWN = [
    "I doubt that this holds for larger kilns.",
    "This chapter would suit the second lecture.",
    "I should compare this with the survey of the river.",
    "My own tests came out the other way round.",
]


def excerpts(blocks: list[str], name: str, layout: str = "") -> list[Excerpt]:
    file = SourceFile(name, "\n\n".join(blocks).encode(), FileSettings(layout=layout))
    return [excerpt for reading in read_file(file) for excerpt in reading.excerpts]


def cited(found: list[Excerpt], words: str) -> tuple[str, str]:
    """The family name and the place that the excerpt with these words is cited by, "" for none."""
    (excerpt,) = [each for each in found if words in each.text]
    csl = (excerpt.citation.csl if excerpt.citation else None) or {}
    locator = excerpt.citation.locator if excerpt.citation else None
    return "".join(person["family"] for person in csl.get("author", [])), locator.value if locator else ""


def each(form: str, *, marks: str = "*") -> list[str]:
    return [
        form.format(work=work.replace("*", marks), quoted=quoted, own=own, page=21 + at)
        for at, (work, quoted, own) in enumerate(zip(WORKS, QUOTED, OWN, strict=True))
    ]


@pytest.mark.parametrize(
    "form", ["## {work}\n\n{own}", "## {work}\n\n- {own}", "## {work}\n\n{own} “So it is,” he says (p. {page})."]
)
def test_a_summary_below_a_heading_is_not_the_author_s(form: str) -> None:
    found = excerpts(each(form), "a.md")
    assert [cited(found, own)[0] for own in OWN] == [""] * 4
    citations = [excerpt.citation for excerpt in found]
    assert all(citation and "nothing shows that it is quoted" in citation.problem and citation.beside for citation in citations)


def test_who_names_the_layout_says_that_the_paragraphs_are_quoted() -> None:
    found = excerpts(each("## {work}\n\n{quoted}"), "a.md", layout="heading")
    assert [cited(found, quoted)[0] for quoted in QUOTED] == FAMILIES


PLACED = {
    "paragraphs below a heading": ("## {work}\n\n{quoted} (p. {page})\n\n{own}", "a.md"),
    "list items below a heading": ("## {work}\n\n- “{quoted}” (p. {page})\n- {own}", "a.md"),
    "paragraphs below a source line": ("{work}\n\n{quoted} (p. {page})\n\n{own}", "a.txt"),
}
LABELLED = {
    "a line below the quotation": ("{work}, p. {page}\nQuote: {quoted}\nComment: {own}", "a.txt"),
    "a line below the attribution": ("{quoted}\n— {work}, p. {page}\nComment: {own}", "a.txt"),
    "a paragraph below the attribution": ("{quoted}\n\n{work}, p. {page}\n\nMy note: {own}", "a.txt"),
    "a paragraph below a block quote": ("{work}, p. {page}\n\n> {quoted}\n\nSummary: {own}", "a.md"),
}


@pytest.mark.parametrize("manner", [*PLACED, *LABELLED])
def test_a_remark_beside_a_quotation_is_the_compiler_s(manner: str) -> None:
    form, name = {**PLACED, **LABELLED}[manner]
    found = excerpts(each(form, marks="*" if name == "a.md" else ""), name)
    assert [cited(found, quoted) for quoted in QUOTED] == [(family, str(21 + at)) for at, family in enumerate(FAMILIES)]
    assert [cited(found, own) for own in OWN] == [("", "")] * 4
