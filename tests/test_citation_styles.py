"""The four styles against the examples their manuals print."""

from typing import Any

import pytest

from index.citations.styles import STYLES, format_bibliography, format_citation
from index.records import CslItem, Locator, QuotedIn


def people(*names: tuple[str, str]) -> list[dict[str, str]]:
    """Names as CSL writes them, from (family, given)."""
    return [{"family": family, "given": given} for family, given in names]


def on(*parts: int) -> dict[str, list[list[int]]]:
    """A CSL date of year, month, day."""
    return {"date-parts": [list(parts)]}


def item(kind: str, title: str, **fields: Any) -> CslItem:
    """A CSL item; field names with "_" for "-"."""
    return {"type": kind, "title": title} | {name.replace("_", "-"): value for name, value in fields.items()}


SMITH = item(
    "book",
    "Swing Time",
    author=people(("Smith", "Zadie")),
    publisher="Penguin Press",
    publisher_place="New York",
    issued=on(2016),
)
GRAZER = item(
    "book",
    "A Curious Mind: The Secret to a Bigger Life",
    author=people(("Grazer", "Brian"), ("Fishman", "Charles")),
    publisher="Simon & Schuster",
    publisher_place="New York",
    issued=on(2015),
)
THOREAU = item(
    "chapter",
    "Walking",
    author=people(("Thoreau", "Henry David")),
    editor=people(("D’Agata", "John")),
    container_title="The Making of the American Essay",
    publisher="Graywolf Press",
    publisher_place="Minneapolis",
    page="167-95",
    issued=on(2016),
)
LAHIRI = item(
    "book",
    "In Other Words",
    author=people(("Lahiri", "Jhumpa")),
    translator=people(("Goldstein", "Ann")),
    publisher="Alfred A. Knopf",
    publisher_place="New York",
    issued=on(2016),
)
SATTERFIELD = item(
    "article-journal",
    "Livy and the Pax Deum",
    author=people(("Satterfield", "Susan")),
    container_title="Classical Philology",
    volume="111",
    issue="2",
    page="165-76",
    issued=on(2016, 4),
)
MEAD = item(
    "article-magazine",
    "The Prophet of Dystopia",
    author=people(("Mead", "Rebecca")),
    container_title="New Yorker",
    issued=on(2017, 4, 17),
)
JACKSON = item(
    "book",
    "The psychology of prejudice: From attitudes to social action",
    author=people(("Jackson", "L. M.")),
    edition=2,
    publisher="American Psychological Association",
    issued=on(2019),
)
KESHARWANI = item(
    "book",
    "Nanotechnology based approaches for tuberculosis treatment",
    editor=people(("Kesharwani", "P.")),
    publisher="Academic Press",
    issued=on(2020),
)
ARON = item(
    "chapter",
    "Culinary arts: Talent and their development",
    author=people(("Aron", "L."), ("Botella", "M."), ("Lubart", "T.")),
    editor=people(("Subotnik", "R. F."), ("Olszewski-Kubilius", "P."), ("Worrell", "F. C.")),
    container_title="The psychology of high performance: Developing human potential into domain-specific talent",
    publisher="American Psychological Association",
    page="345-359",
    issued=on(2019),
)
GRADY = item(
    "article-journal",
    "Emotions in storybooks: A comparison of storybooks that represent ethnic and racial groups in the United States",
    author=people(("Grady", "J. S."), ("Her", "M."), ("Moreno", "G."), ("Perez", "C."), ("Yelinek", "J.")),
    container_title="Psychology of Popular Media Culture",
    volume=8,
    issue=3,
    page="207-217",
    issued=on(2019),
    DOI="10.1037/ppm0000185",
)
PIAGET = item(
    "book",
    "The psychology of the child",
    author=people(("Piaget", "J."), ("Inhelder", "B.")),
    translator=people(("Weaver", "H.")),
    edition=2,
    publisher="Basic Books",
    issued=on(1969),
)
DORRIS = item(
    "book",
    "The Crown of Columbus",
    author=people(("Dorris", "Michael"), ("Erdrich", "Louise")),
    publisher="HarperCollins Publishers",
    issued=on(1999),
)
GOLDMAN = item(
    "article-journal",
    "Questions of Transport: Reading Primo Levi Reading Dante",
    author=people(("Goldman", "Anne")),
    container_title="The Georgia Review",
    volume="64",
    issue="1",
    page="69-88",
    issued=on(2010),
)
NUNBERG = item(
    "book", "The Future of the Book", editor=people(("Nunberg", "Geoffrey")), publisher="U of California P", issued=on(1996)
)
BURDICK = item(
    "book",
    "Digital_Humanities",
    author=people(("Burdick", "Anne"), ("Drucker", "Johanna"), ("Lunenfeld", "Peter")),
    publisher="MIT P",
    issued=on(2012),
)
ZUKOFSKY = item(
    "article-journal",
    "Sincerity and Objectification",
    author=people(("Zukofsky", "Louis")),
    container_title="Poetry",
    volume="37",
    issued=on(1931, 2),
)

CHICAGO_NOTES = [  # The Chicago Manual of Style, 17th edition, chapter 14 and its Citation Quick Guide
    (SMITH, "315-16", "Zadie Smith, Swing Time (New York: Penguin Press, 2016), 315–16."),
    (
        GRAZER,
        "12",
        "Brian Grazer and Charles Fishman, A Curious Mind: The Secret to a Bigger Life (New York: Simon & Schuster, 2015), 12.",
    ),
    (
        THOREAU,
        "177-78",
        (
            "Henry David Thoreau, “Walking,” in The Making of the American Essay, ed. John D’Agata "
            "(Minneapolis: Graywolf Press, 2016), 177–78."
        ),
    ),
    (LAHIRI, "146", "Jhumpa Lahiri, In Other Words, trans. Ann Goldstein (New York: Alfred A. Knopf, 2016), 146."),
    (SATTERFIELD, "170", "Susan Satterfield, “Livy and the Pax Deum,” Classical Philology 111, no. 2 (April 2016): 170."),
    (MEAD, "43", "Rebecca Mead, “The Prophet of Dystopia,” New Yorker, April 17, 2017, 43."),
]
CHICAGO_AUTHOR_DATE = [  # the same, chapter 15
    (SMITH, "315-16", "(Smith 2016, 315–16)"),
    (GRAZER, "12", "(Grazer and Fishman 2015, 12)"),
    (THOREAU, "177-78", "(Thoreau 2016, 177–78)"),
    (SATTERFIELD, "170", "(Satterfield 2016, 170)"),
    (MEAD, "43", "(Mead 2017, 43)"),
]
APA = [  # Publication Manual of the American Psychological Association, 7th edition, chapter 8
    (JACKSON, "", "(Jackson, 2019)"),
    (KESHARWANI, "7", "(Kesharwani, 2020, p. 7)"),
    (ARON, "345-347", "(Aron et al., 2019, pp. 345–347)"),
    (PIAGET, "3", "(Piaget & Inhelder, 1969, p. 3)"),
]
MLA = [  # MLA Handbook, 9th edition, chapter 6
    (GOLDMAN, "71", "(Goldman 71)"),
    (DORRIS, "23", "(Dorris and Erdrich 23)"),
    (BURDICK, "42", "(Burdick et al. 42)"),
    (NUNBERG, "230-31", "(Nunberg 230–31)"),
]


@pytest.mark.parametrize(
    ("style", "csl", "page", "manual"),
    [
        (style, *example)
        for style, examples in zip(STYLES, (CHICAGO_NOTES, CHICAGO_AUTHOR_DATE, APA, MLA), strict=True)
        for example in examples
    ],
)
def test_a_citation_stands_as_its_manual_prints_it(style: str, csl: CslItem, page: str, manual: str) -> None:
    assert format_citation(csl, Locator("page", page) if page else None, style) == manual


def test_a_chicago_bibliography_stands_as_the_manual_prints_it() -> None:
    entries = format_bibliography([THOREAU, SMITH, SATTERFIELD, MEAD, LAHIRI, GRAZER], "chicago-notes")

    assert entries == [
        "Grazer, Brian, and Charles Fishman. A Curious Mind: The Secret to a Bigger Life. New York: Simon & Schuster, 2015.",
        "Lahiri, Jhumpa. In Other Words. Translated by Ann Goldstein. New York: Alfred A. Knopf, 2016.",
        "Mead, Rebecca. “The Prophet of Dystopia.” New Yorker, April 17, 2017.",
        "Satterfield, Susan. “Livy and the Pax Deum.” Classical Philology 111, no. 2 (April 2016): 165–76.",
        "Smith, Zadie. Swing Time. New York: Penguin Press, 2016.",
        (
            "Thoreau, Henry David. “Walking.” In The Making of the American Essay, edited by John D’Agata, 167–95. "
            "Minneapolis: Graywolf Press, 2016."
        ),
    ]


def test_a_chicago_reference_list_stands_as_the_manual_prints_it() -> None:
    entries = format_bibliography([THOREAU, SMITH, MEAD, LAHIRI, GRAZER], "chicago-author-date")

    assert entries == [
        "Grazer, Brian, and Charles Fishman. 2015. A Curious Mind: The Secret to a Bigger Life. New York: Simon & Schuster.",
        "Lahiri, Jhumpa. 2016. In Other Words. Translated by Ann Goldstein. New York: Alfred A. Knopf.",
        "Mead, Rebecca. 2017. “The Prophet of Dystopia.” New Yorker, April 17, 2017.",
        "Smith, Zadie. 2016. Swing Time. New York: Penguin Press.",
        (
            "Thoreau, Henry David. 2016. “Walking.” In The Making of the American Essay, edited by John D’Agata, 167–95. "
            "Minneapolis: Graywolf Press."
        ),
    ]


def test_an_apa_reference_list_stands_as_the_manual_prints_it() -> None:
    entries = format_bibliography([PIAGET, KESHARWANI, JACKSON, GRADY, ARON], "apa")

    assert entries == [
        (
            "Aron, L., Botella, M., & Lubart, T. (2019). Culinary arts: Talent and their development. In R. F. Subotnik, "
            "P. Olszewski-Kubilius, & F. C. Worrell (Eds.), The psychology of high performance: Developing human potential into "
            "domain-specific talent (pp. 345–359). American Psychological Association."
        ),
        (
            "Grady, J. S., Her, M., Moreno, G., Perez, C., & Yelinek, J. (2019). Emotions in storybooks: A comparison of "
            "storybooks that represent ethnic and racial groups in the United States. "
            "Psychology of Popular Media Culture, 8(3), 207–217. https://doi.org/10.1037/ppm0000185"
        ),
        (
            "Jackson, L. M. (2019). The psychology of prejudice: From attitudes to social action (2nd ed.). "
            "American Psychological Association."
        ),
        "Kesharwani, P. (Ed.). (2020). Nanotechnology based approaches for tuberculosis treatment. Academic Press.",
        "Piaget, J., & Inhelder, B. (1969). The psychology of the child (H. Weaver, Trans.; 2nd ed.). Basic Books.",
    ]


def test_mla_works_cited_stand_as_the_handbook_prints_them() -> None:
    entries = format_bibliography([NUNBERG, GOLDMAN, DORRIS, BURDICK], "mla")

    assert entries == [
        "Burdick, Anne, et al. Digital_Humanities. MIT P, 2012.",
        "Dorris, Michael, and Louise Erdrich. The Crown of Columbus. HarperCollins Publishers, 1999.",
        (
            "Goldman, Anne. “Questions of Transport: Reading Primo Levi Reading Dante.” The Georgia Review, vol. 64, no. 1, "
            "2010, pp. 69–88."
        ),
        "Nunberg, Geoffrey, editor. The Future of the Book. U of California P, 1996.",
    ]


@pytest.mark.parametrize(
    ("style", "said"),
    [
        (
            "chicago-notes",
            "Louis Zukofsky, “Sincerity and Objectification,” Poetry 37 (February 1931): 269, quoted in Marianne Moore.",
        ),
        ("chicago-author-date", "(Zukofsky 1931, 269, quoted in Marianne Moore)"),
        ("apa", "(Zukofsky, 1931, p. 269, as cited in Marianne Moore)"),
        ("mla", "(Zukofsky 269, qtd. in Marianne Moore)"),
    ],
)
def test_each_style_says_in_its_own_words_where_a_passage_was_read(style: str, said: str) -> None:
    assert format_citation(ZUKOFSKY, Locator("page", "269"), style, quoted_in="Marianne Moore") == said


def test_titles_stand_in_italics_in_html_and_so_does_the_document() -> None:
    html = format_citation(SMITH, Locator("page", "3"), "chicago-notes", quoted_in="A Reader.", markup="html")

    assert html == ("Zadie Smith, <i>Swing Time</i> (New York: Penguin Press, 2016), 3, quoted in <i>A Reader.</i>")


READER = QuotedIn(
    "A Reader on Lamps", compiler="Ann Crane", publisher="Dock", place="Boston", date="1999", address="https://example.org/r"
)


@pytest.mark.parametrize(
    ("style", "said"),
    [
        (
            "chicago-notes",
            (
                "Zadie Smith, Swing Time (New York: Penguin Press, 2016), 3, quoted in A Reader on Lamps, comp. Ann Crane"
                " (Boston: Dock, 1999), https://example.org/r."
            ),
        ),
        ("apa", "(Smith, 2016, p. 3, as cited in Crane, 1999)"),
        ("chicago-author-date", "(Smith 2016, 3, quoted in Crane 1999)"),
    ],
)
def test_quoted_in_names_all_that_is_told_of_the_compilation(style: str, said: str) -> None:
    assert format_citation(SMITH, Locator("page", "3"), style, quoted_in=READER) == said


@pytest.mark.parametrize(("style", "ending"), [("chicago-notes", "A Reader on Lamps (1999)."), ("apa", "A Reader on Lamps)")])
def test_a_compilation_without_a_compiler_goes_by_its_title(style: str, ending: str) -> None:
    told = QuotedIn("A Reader on Lamps", date="1999")

    assert format_citation(SMITH, Locator("page", "3"), style, quoted_in=told).endswith(ending)


@pytest.mark.parametrize(
    "title", ["Mondo piccolo", "Storia naturale", "Histoire populaire", "Politische geschichte", "Opera omnia", "Vita nuova"]
)
def test_a_title_is_not_recased_when_nothing_says_that_it_is_english(title: str) -> None:
    csl = {"type": "book", "title": title, "author": [{"family": "Doe"}]}

    assert format_citation(csl, None, "chicago-notes") == f"Doe, {title}, n.d."
