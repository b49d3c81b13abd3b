"""How citations go with texts is decided by evidence, for each document; in doubt a text is not attributed, and that is said."""

import pytest

from benchmarks.layout_documents import documents
from benchmarks.layouts import judge
from index.errors import FileUnreadable
from index.readers import read_file
from index.records import Excerpt, FileSettings, Reading, SourceFile
from tests.test_reader_contract import check

MOTHS = "Moths keep to the lamp and never ask who lit it."
KITES = "A kite is held up by what it pulls against."
SALT = "Salt remembers the sea longer than any sailor does."
WOOL = "Whoever counts the wool forgets the sheep."
ROPES = "Old ropes are honest about where they were cut."
TEXTS = (MOTHS, KITES, SALT, WOOL, ROPES)
WORKS = (
    "Ida Fell. The Lamp Book. Nowhere: Example Press, 1931, p. 4",
    "Otto Tarn. On Kites. Elsewhere: Test House, 1944, p. 19",
    "Ida Fell. The Lamp Book. Nowhere: Example Press, 1931, p. 77",
    "Una Moor. Wool and Water. Nowhere: Sample Press, 1950, p. 103",
    "Otto Tarn. On Kites. Elsewhere: Test House, 1944, p. 131",
)
FAMILIES = ["Fell", "Tarn", "Fell", "Moor", "Tarn"]
PAGES = ["4", "19", "77", "103", "131"]


def read(text: str, name: str = "reader.txt", layout: str = "") -> Reading:
    (reading,) = read_file(SourceFile(name, text.encode(), FileSettings(layout=layout)))
    check(reading)
    return reading


def family(excerpt: Excerpt) -> str:
    csl = (excerpt.citation.csl if excerpt.citation else None) or {}
    return csl["author"][0].get("family", "") if "author" in csl else ""


def cited(reading: Reading) -> list[tuple[str, str, str]]:
    """Text, family name and locator of each excerpt."""
    return [
        (excerpt.text, family(excerpt), excerpt.citation.locator.value if excerpt.citation and excerpt.citation.locator else "")
        for excerpt in reading.excerpts
    ]


RIGHT = list(zip(TEXTS, FAMILIES, PAGES, strict=True))

DASHED = [
    f"— {author}, *{title}*, p. {page}"
    for author, title, page in zip(
        ("Ida Fell", "Otto Tarn", "Ida Fell", "Una Moor", "Otto Tarn"),
        ("The Lamp Book", "On Kites", "The Lamp Book", "Wool and Water", "On Kites"),
        PAGES,
        strict=True,
    )
]
PLAIN_DASHED = [line.replace("*", "") for line in DASHED]

LAYOUTS = {
    "below": ("reader.txt", "\n\n".join(f"{text}\n\n{work}" for text, work in zip(TEXTS, WORKS, strict=True))),
    "above": ("reader.txt", "\n\n".join(f"{work}\n\n{text}" for text, work in zip(TEXTS, WORKS, strict=True))),
    "above, with a title": (
        "reader.txt",
        "A Reader in Small Things\n\n" + "\n\n".join(f"{work}\n{text}" for text, work in zip(TEXTS, WORKS, strict=True)),
    ),
    "above, with tags": (
        "cards.txt",
        "Round Two\n\n"
        + "\n\n".join(
            f"Reason {n} decides it\n\n{work}\n\n{text}" for n, (text, work) in enumerate(zip(TEXTS, WORKS, strict=True))
        ),
    ),
    "above, in Markdown": ("reader.md", "\n\n".join(f"{work}\n\n> {text}" for text, work in zip(TEXTS, WORKS, strict=True))),
    "between delimiters": (
        "sayings.txt",
        "\n%\n".join(f"{text}\n\t\t{line}" for text, line in zip(TEXTS, PLAIN_DASHED, strict=True)) + "\n%\n",
    ),
    "between delimiters, citation first": (
        "sayings.txt",
        "\n* * *\n".join(f"{work}\n{text}" for text, work in zip(TEXTS, WORKS, strict=True)),
    ),
    "at the end of the line": ("list.md", "\n".join(f"* “{text}” {line}" for text, line in zip(TEXTS, DASHED, strict=True))),
    "at the end of the line, plain": (
        "list.txt",
        "\n".join(f"“{text}” {line}" for text, line in zip(TEXTS, PLAIN_DASHED, strict=True)),
    ),
    "inside quotations": ("book.md", "\n\n".join(f"> {text}\n>\n> {line}" for text, line in zip(TEXTS, DASHED, strict=True))),
    "in headings below": (
        "book.md",
        "\n\n".join(
            f'> {text}\n#### {line[2:].split(", *")[0]}, "{line.split("*")[1]}", 1931, p. {page}'
            for text, line, page in zip(TEXTS, DASHED, PAGES, strict=True)
        ),
    ),
    "in headings above": (
        "book.md",
        "\n\n".join(
            f"## {line.split('*')[1]} by {line[2:].split(', *')[0]}\n\n> {text} (p. {page})"
            for text, line, page in zip(TEXTS, DASHED, PAGES, strict=True)
        ),
    ),
    "in footnotes": (
        "notes.md",
        "\n\n".join(f"> {text}[^{n}]" for n, text in enumerate(TEXTS))
        + "\n\n"
        + "\n".join(f"[^{n}]: {work}" for n, work in enumerate(WORKS)),
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_text_is_cited_by_its_own_citation_wherever_that_stands(layout: str) -> None:
    name, text = LAYOUTS[layout]

    reading = read(text, name)

    assert [(words.strip("“”"), who, where) for words, who, where in cited(reading)] == RIGHT
    assert reading.layout is not None
    assert reading.layout.sure


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_line_ends_change_no_attribution(layout: str, line_end: str) -> None:
    name, text = LAYOUTS[layout]

    assert cited(read(text.replace("\n", line_end), name)) == cited(read(text, name))


def test_a_stream_that_fits_both_sides_is_not_attributed_and_says_what_stands_beside() -> None:
    reading = read("\n\n".join([MOTHS, WORKS[0], KITES, WORKS[1], SALT, WORKS[2], WOOL]))

    assert reading.layout is not None
    assert (reading.layout.layout, reading.layout.sure) == ("unsure", False)
    assert {family(excerpt) for excerpt in reading.excerpts} == {""}
    citation = reading.excerpts[1].citation
    assert citation is not None
    assert citation.beside == (WORKS[0], WORKS[1])
    assert "not attributed" in citation.problem


@pytest.mark.parametrize(("layout", "right"), [("below", ["Fell", "Tarn", "Fell", ""]), ("above", ["", "Fell", "Tarn", "Fell"])])
def test_the_user_may_say_on_which_side_citations_stand(layout: str, right: list[str]) -> None:
    reading = read("\n\n".join([MOTHS, WORKS[0], KITES, WORKS[1], SALT, WORKS[2], WOOL]), layout=layout)

    assert [family(excerpt) for excerpt in reading.excerpts] == right
    assert reading.layout is not None
    assert reading.layout.told


def test_an_unknown_layout_is_refused_with_those_there_are() -> None:
    with pytest.raises(FileUnreadable, match="the layouts are below, above, same block"):
        read(MOTHS, layout="sideways")


def test_a_text_that_lost_its_citation_does_not_take_its_neighbours() -> None:
    pieces = [f"{text}\n{work}" for text, work in zip(TEXTS, WORKS, strict=True)]
    pieces.insert(2, "Nobody wrote down who said this.")

    reading = read("\n\n".join([*pieces, *(f"Line {n} of it.\n{WORKS[1]}" for n in range(4))]))

    assert [(text, who) for text, who, _ in cited(reading)][1:4] == [
        (KITES, "Tarn"),
        ("Nobody wrote down who said this.", ""),
        (SALT, "Fell"),
    ]
    assert reading.layout is not None
    assert not reading.layout.sure


def test_citations_that_change_sides_midway_leave_the_texts_between_unattributed() -> None:
    below = [part for text, work in zip(TEXTS[:2], WORKS[:2], strict=True) for part in (text, work)]
    above = [part for text, work in zip(TEXTS[2:], WORKS[2:], strict=True) for part in (work, text)]

    reading = read("\n\n".join([*below, *above]))

    right = dict(zip(TEXTS, FAMILIES, strict=True))
    assert all(who in ("", right[text]) for text, who, _ in cited(reading))


@pytest.mark.parametrize("mark", ["%", "====", "-----", "* * *", "~~~"])
def test_an_excerpt_never_spans_a_delimiter(mark: str) -> None:
    reading = read(f"\n{mark}\n".join([MOTHS, f"{KITES}\n-- Otto Tarn", SALT, f"{WOOL}\n-- Una Moor", ROPES]))

    assert [(text, who) for text, who, _ in cited(reading)] == [
        (MOTHS, ""),
        (KITES, "Tarn"),
        (SALT, ""),
        (WOOL, "Moor"),
        (ROPES, ""),
    ]
    assert {reading.document.text[block.start : block.end] for block in reading.blocks if block.kind == "furniture"} == {mark}


def test_a_back_reference_takes_the_citation_before_it_and_says_so() -> None:
    lines = [WORKS[0], "Ibid., 9.", WORKS[1], "Tarn, op. cit., p. 40", WORKS[3]]

    reading = read("\n\n".join(f"{text}\n{line}" for text, line in zip(TEXTS, lines, strict=True)))

    assert [(who, where) for _, who, where in cited(reading)] == [
        ("Fell", "4"),
        ("Fell", "9"),
        ("Tarn", "19"),
        ("Tarn", "40"),
        ("Moor", "103"),
    ]
    assert [excerpt.citation.inferred for excerpt in reading.excerpts if excerpt.citation] == [False, True, False, True, False]


def test_a_page_alone_cites_the_work_of_the_heading() -> None:
    heading = "IDA FELL, THE LAMP BOOK (NOWHERE: EXAMPLE PRESS, 1931)"

    reading = read(heading + "\n\n" + "\n\n".join(f"{text}\n(p. {page})" for text, page in zip(TEXTS, PAGES, strict=True)))

    assert cited(reading) == [(text, "Fell", page) for text, page in zip(TEXTS, PAGES, strict=True)]


def test_remarks_among_quotations_under_a_heading_are_not_put_into_its_authors_mouth() -> None:
    remark = "I read this twice on the night train and agree with half of it."

    reading = read(f"## The Lamp Book by Ida Fell\n\n> {MOTHS}\n\n{remark}\n\n## On Kites by Otto Tarn\n\n> {KITES}\n", "book.md")

    assert [(text, who) for text, who, _ in cited(reading)] == [(MOTHS, "Fell"), (remark, ""), (KITES, "Tarn")]


def test_a_gutenberg_frame_is_furniture() -> None:
    body = "\n\n".join(f"{text}\n\n{work}" for text, work in zip(TEXTS, WORKS, strict=True))
    frame = (
        "The Project Gutenberg eBook of Lamps\n\nTitle: Lamps\n\nAuthor: Various\n\n"
        f"*** START OF THE PROJECT GUTENBERG EBOOK LAMPS ***\n\n{body}\n\n*** END OF THE PROJECT GUTENBERG EBOOK LAMPS ***"
        "\n\nFull licence.\n"
    )

    assert cited(read(frame)) == RIGHT


def test_citekeys_are_kept_and_resolved_by_a_bibliography_beside() -> None:
    text = "\n\n".join(f"> {text} [@fell1931, p. {page}]" for text, page in zip(TEXTS, PAGES, strict=True))
    works = {"fell1931": {"type": "book", "title": "The Lamp Book", "author": [{"family": "Fell", "given": "Ida"}]}}

    (alone,) = read_file(SourceFile("notes.md", text.encode()))
    (beside,) = read_file(SourceFile("notes.md", text.encode(), FileSettings(works=works)))

    assert [where for _, _, where in cited(alone)] == PAGES
    assert {excerpt.citation.raw for excerpt in alone.excerpts[:1] if excerpt.citation} == {"[@fell1931, p. 4]"}
    assert cited(beside) == [(text, "Fell", page) for text, page in zip(TEXTS, PAGES, strict=True)]


def test_a_long_excerpt_of_a_file_without_headings_is_cut_between_paragraphs() -> None:
    paragraph = f"{MOTHS} {KITES} {SALT} " * 6

    reading = read("\n\n".join([paragraph.strip()] * 12), "essay.md")

    assert len(reading.excerpts) > 1
    assert max(len(excerpt.text) for excerpt in reading.excerpts) <= 4_000


def test_the_notes_of_an_essay_stand_beside_its_citation_and_are_not_its_sources() -> None:
    essay = f"# On Lamps\n\n{MOTHS}[^1] {KITES}\n\n{SALT}\n\n[^1]: {WORKS[1]}\n"

    (excerpt,) = read(essay, "essay.md").excerpts

    assert excerpt.citation is not None
    assert (excerpt.citation.raw, excerpt.citation.beside) == ("On Lamps", (WORKS[1],))


@pytest.mark.slow
def test_generated_documents_are_never_attributed_wrongly_and_clean_ones_hardly_ever_not() -> None:
    outcomes = [(document.clean, judge(document)) for document in documents(72, seed=5)]

    clean = [found for is_clean, found in outcomes if is_clean]
    assert sum(found["wrong"] for _, found in outcomes) == 0
    assert sum(found["right"] for found in clean) >= 0.95 * sum(sum(found.values()) for found in clean)
