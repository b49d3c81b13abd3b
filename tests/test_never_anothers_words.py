"""What the compiler of a file wrote is never cited as the words of the author whom the file quotes beside it."""

import json
import subprocess

import pytest

from index.readers import read_file
from index.readers.pandoc import program
from index.records import Excerpt, FileSettings, SourceFile

WORKS = [
    "Vera Sample, *Kilns and Glazes* (1961)",
    "Edgar Mock, *The Potter's Year* (1978)",
    "Lena Placeholder, *Clay by the River* (1990)",
    "Hugo Example, *The Ash Glaze* (1954)",
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


ENTRIES = [
    "Example, Hugo. Ash Glaze. Nowhere: Kiln Press, 1954.",
    "Mock, Edgar. The Potter's Year. Elsewhere: Wheel & Sons, 1978.",
    "Placeholder, Lena. “Clay by the River.” Journal of Pots 4, no. 2 (1990): 11–29.",
    "Sample, Vera. Kilns and Glazes. Nowhere: Kiln Press, 1961.",
]


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("{entry}\n\n{own}", "bibliography.txt"),
        ("{entry}\n    {own}", "bibliography.txt"),
        ("- {entry}\n  {own}", "bibliography.md"),
        ("{title} by {person}\n\n{own}", "read.txt"),
        ("{title} by {person}\n{own}", "read.txt"),
    ],
)
def test_what_stands_below_a_line_that_names_a_work_without_a_place_is_a_remark_on_it(form: str, name: str) -> None:
    people = [("Hugo Example", "Ash Glaze"), ("Edgar Mock", "The Potter's Year"), ("Lena Placeholder", "Clay by the River")]
    people.append(("Vera Sample", "Kilns and Glazes"))
    blocks = [
        form.format(entry=entry, own=own, person=person, title=title)
        for entry, own, (person, title) in zip(ENTRIES, OWN, people, strict=True)
    ]

    found = excerpts(blocks, name)

    assert [cited(found, own) for own in OWN] == [("", "")] * 4


def test_a_quotation_below_such_a_line_is_the_author_s() -> None:
    found = excerpts([f"{entry}\n\n“{quoted}”" for entry, quoted in zip(ENTRIES, QUOTED, strict=True)], "a.txt")

    assert [cited(found, quoted)[0] for quoted in QUOTED] == ["Example", "Mock", "Placeholder", "Sample"]


MARKED = {
    "a paragraph before the quotation": "{own}\n\n“{quoted}”\n— {work}, p. {page}",
    "a paragraph behind the quotation": "{work}, p. {page}\n\n“{quoted}”\n\n{own}",
    "a line below the quotation": "{work}\n\n{page}: “{quoted}”\n{own}",
    "a line behind an arrow": "{quoted}\n— {work}, p. {page}\n=> {own}",
    "a chapter below its epigraph": "CHAPTER {page}\n\n“{quoted}”\n— {work}, p. {page}\n\n{own}",
}


@pytest.mark.parametrize("manner", MARKED)
def test_where_quotations_have_marks_a_text_without_them_is_the_compiler_s(manner: str) -> None:
    found = excerpts(each(MARKED[manner], marks=""), "a.txt")

    assert [cited(found, quoted) for quoted in QUOTED] == [(family, str(21 + at)) for at, family in enumerate(FAMILIES)]
    assert [cited(found, own) for own in OWN] == [("", "")] * 4


def test_pages_before_the_texts_are_those_of_the_work_above_them() -> None:
    lines = [f"p. {21 + at}: {quoted}" for at, quoted in enumerate(QUOTED)]

    found = excerpts(["Vera Sample, Kilns and Glazes (Nowhere: Kiln Press, 1961)", *lines], "a.txt")

    assert [cited(found, quoted) for quoted in QUOTED] == [("Sample", str(21 + at)) for at in range(4)]


def test_numbers_before_the_texts_that_count_them_are_no_pages() -> None:
    lines = [f"{at}: “{quoted}”" for at, quoted in enumerate(QUOTED, 1)]

    found = excerpts(["Vera Sample, Kilns and Glazes (Nowhere: Kiln Press, 1961)", "\n".join(lines)], "a.txt")

    assert {locator for quoted in QUOTED for locator in [cited(found, quoted)[1]]} == {""}


def test_lines_of_a_numbered_list_are_not_joined_as_if_they_were_wrapped() -> None:
    lines = [f"{at + 1}. “{quoted}” – {work.split(',')[0]}" for at, (quoted, work) in enumerate(zip(QUOTED, WORKS, strict=True))]

    found = excerpts(["\n".join([*lines, f"5. “{OWN[0]}” – Vera Sample"])], "a.txt")

    assert [cited(found, quoted)[0] for quoted in QUOTED] == FAMILIES


@pytest.mark.parametrize("missing", [(1,), (0, 2), (1, 3)])
def test_a_text_without_its_citation_does_not_take_the_next_one(missing: tuple[int, ...]) -> None:
    texts = [*QUOTED, *OWN]
    blocks = [
        text + ("" if at in missing else f"\n\n{WORKS[at % 4].replace('*', '')}, p. {31 + at}") for at, text in enumerate(texts)
    ]

    found = excerpts(blocks, "a.txt")

    for at, text in enumerate(texts):
        assert cited(found, text) == (("", "") if at in missing else (FAMILIES[at % 4], str(31 + at)))


def test_the_paragraphs_of_an_essay_that_refers_by_citekeys_are_not_the_words_of_those_works() -> None:
    found = excerpts([f"{own} More is to be said of it [@kiln, p. {at}]." for at, own in enumerate(OWN, 40)], "essay.md")

    assert [cited(found, own) for own in OWN] == [("", "")] * 4


@pytest.mark.parametrize("name", ["page.html", "page.docx"])
def test_what_a_document_sets_off_as_a_quotation_is_not_cited_as_its_author_s(name: str) -> None:
    page = (
        "<html><head><title>On kilns</title><meta name='author' content='Vera Sample'></head><body><article><h1>On kilns</h1>"
        f"<p>{OWN[0]} {OWN[1]} {OWN[2]}</p><blockquote><p>{QUOTED[0]}</p></blockquote><p>{OWN[3]}</p></article></body></html>"
    )
    data = page.encode() if name == "page.html" else docx(page)

    (reading,) = read_file(SourceFile(name, data))

    families = {excerpt.text: (excerpt.citation.csl or {}).get("author", []) for excerpt in reading.excerpts if excerpt.citation}
    assert families[QUOTED[0]] == []
    assert all(people and people[0]["family"] == "Sample" for text, people in families.items() if text in OWN)


def docx(page: str) -> bytes:
    """The page as a word processor's file."""
    command = [program(), "-f", "html", "-t", "docx", "-o", "-"]
    return subprocess.run(command, input=page.encode(), capture_output=True, check=True).stdout


def test_the_fields_of_each_work_hold_for_what_stands_below_them() -> None:
    people = ["Vera Sample", "Edgar Mock", "Lena Placeholder", "Hugo Example"]
    form = "# {title}\n\n- Author: [[{person}]]\n- Full Title: {title}\n\n## Highlights\n\n- {quoted} ([Location {place}](https://x.example/{place}))"
    titles = [work.split("*")[1] for work in WORKS]
    found = excerpts(
        [
            form.format(title=title, person=person, quoted=quoted, place=place)
            for place, (title, person, quoted) in enumerate(zip(titles, people, QUOTED, strict=True), 21)
        ],
        "export.md",
    )

    assert [cited(found, quoted) for quoted in QUOTED] == [(family, str(21 + at)) for at, family in enumerate(FAMILIES)]


def test_who_marked_a_text_in_hypothesis_is_not_its_author() -> None:
    rows = "\n".join(
        f'2021-01-0{at},me,https://x.example/{at},Public,Annotation,"{quoted}","{OWN[at - 1]}",'
        for at, quoted in enumerate(QUOTED, 1)
    )
    found = excerpts([f"Created at,Author,Page URL,Group,Annotation/Reply Type,Quotes,Comments,Tags\n{rows}"], "hypothesis.csv")

    assert [cited(found, quoted)[0] for quoted in QUOTED] == [""] * 4
    assert [excerpt.citation.csl["URL"] for excerpt in found if excerpt.citation and excerpt.citation.csl][:1] == [
        "https://x.example/1"
    ]


def test_an_object_that_says_it_is_a_note_is_the_reader_s() -> None:
    book = {"title": "Ash Glaze", "author": {"first": "Hugo", "last": "Example"}}
    given = [{"type": "highlight", "text": QUOTED[0], "book": book}, {"type": "note", "text": OWN[0], "book": book}]

    found = excerpts([json.dumps(given)], "a.json")

    assert (cited(found, QUOTED[0])[0], cited(found, OWN[0])[0]) == ("Example", "")


def test_objects_in_objects_are_all_read() -> None:
    given = {
        "data": {
            str(at): {"body": quoted, "by": family} for at, (quoted, family) in enumerate(zip(QUOTED, FAMILIES, strict=True))
        }
    }

    assert [excerpt.text for excerpt in excerpts([json.dumps(given)], "a.json")] == QUOTED


def test_a_free_e_text_is_cited_by_its_frame_which_is_no_part_of_it() -> None:
    fields = "The Project Gutenberg eBook of Clay\n\nTitle: Clay\n\nAuthor: Vera Sample"
    head = f"{fields}\n\n*** START OF THE PROJECT GUTENBERG EBOOK CLAY ***"
    tail = "*** END OF THE PROJECT GUTENBERG EBOOK CLAY ***\n\nOf the licence."

    found = excerpts([head, *QUOTED, *OWN, tail], "pg.txt")

    assert {cited(found, text)[0] for text in [*QUOTED, *OWN]} == {"Sample"}
    assert not any("licence" in excerpt.text or "Author:" in excerpt.text for excerpt in found)


def test_a_first_text_that_is_a_question_is_no_title_where_its_citation_stands_right_below() -> None:
    texts = ["Who has ever seen a kiln in a hurry?", *QUOTED[1:]]
    found = excerpts(
        [f"{text}\n    {work.replace('*', '')}, p. {at}" for at, (text, work) in enumerate(zip(texts, WORKS, strict=True), 21)],
        "a.txt",
    )

    assert [cited(found, text)[0] for text in texts] == FAMILIES
