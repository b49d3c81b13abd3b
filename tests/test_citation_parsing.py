"""A citation line becomes a CSL-JSON item with only what the line says."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.citations.csl import read_item
from index.citations.parse import parse_citation
from index.records import CslItem


def person(family: str, given: str = "", **more: str) -> dict[str, str]:
    return {"family": family} | ({"given": given} if given else {}) | more


def year(*years: int) -> dict[str, Any]:
    return {"date-parts": [[number] for number in years]}


def book(author: dict[str, str] | list[dict[str, str]] | None, title: str, **fields: Any) -> CslItem:
    authors = {} if author is None else {"author": author if isinstance(author, list) else [author]}
    return {"type": "book", "title": title, **authors, **{name.replace("_", "-"): value for name, value in fields.items()}}


def imprint(place: str, publisher: str, issued: int) -> dict[str, Any]:
    return {"publisher-place": place, "publisher": publisher, "issued": year(issued)}


PAPER_AGE = book(person("Sample", "Ada Louise"), "The Paper Age", **imprint("New York", "Lanternhouse", 1956))
QUIET = book(person("Greene", "Graham"), "The Quiet American", **imprint("London", "Heinemann", 1955))
CROWD = "The Moral Economy of the English Crowd in the Eighteenth Century"

BOOKS: dict[str, tuple[str, CslItem]] = {
    "author, title, place, publisher, year": (
        "Sample, Ada Louise. The Paper Age. New York: Lanternhouse, 1956, p. 7",
        PAPER_AGE,
    ),
    "the full stop of an initial belongs to the name": (
        "Rowe, A. Origins of the Great Canals. Cambridge: Cambridge Univ. Press, 1985, p. 94",
        book(person("Rowe", "A."), "Origins of the Great Canals", **imprint("Cambridge", "Cambridge Univ. Press", 1985)),
    ),
    "a name after the only initial belongs to the name": (
        "Rowe, J. Arch. Origins of the Great Canals. Cambridge: Cambridge Univ. Press, 1985, p. 94",
        book(person("Rowe", "J. Arch"), "Origins of the Great Canals", **imprint("Cambridge", "Cambridge Univ. Press", 1985)),
    ),
    "a name after a middle initial belongs to the title": (
        "Holt, David M. Isaac Newton; Man of Glass. London, New York: Marsh & Cowper, 1942, p. 7",
        book(person("Holt", "David M."), "Isaac Newton; Man of Glass", **imprint("London, New York", "Marsh & Cowper", 1942)),
    ),
    "a one-word title is no given name": (
        "Moss, B. Norway. Washington, New York: Harbour Journal, Penguin books, 1944, p. 157",
        book(person("Moss", "B."), "Norway", **imprint("Washington, New York", "Harbour Journal, Penguin books", 1944)),
    ),
    "a comma separates author and title": (
        "Quill, Leon, Voltaire. New York: Harper and Brothers Publishers, 1941, p. 7",
        book(person("Quill", "Leon"), "Voltaire", **imprint("New York", "Harper and Brothers Publishers", 1941)),
    ),
    "a comma separates title and place": (
        "Crane, John. Behind the Dunes, Boston: Houghton Mifflin Company, 1942, p. 7",
        book(person("Crane", "John"), "Behind the Dunes", **imprint("Boston", "Houghton Mifflin Company", 1942)),
    ),
    "commas separate everything": (
        "Marlow, John Thomas. Voltaire, London, John Lane, 1945, p. 7",
        book(person("Marlow", "John Thomas"), "Voltaire", **imprint("London", "John Lane", 1945)),
    ),
    "a colon separates title and place": (
        "Holm, Arvid, The Bells of the Harbour: Hanover: University Press of New England, 1983, p. 7",
        book(person("Holm", "Arvid"), "The Bells of the Harbour", **imprint("Hanover", "University Press of New England", 1983)),
    ),
    "nothing separates publisher and year": (
        "Bergman, Joseph. Nothing but the Harbour. New York, John Day Co. 1971, p. 7",
        book(person("Bergman", "Joseph"), "Nothing but the Harbour", **imprint("New York", "John Day Co.", 1971)),
    ),
    "no space before the year": (
        "Ellery, Maurice. B.B.C. English. London: G. Allen & Unwin, ltd.,1938, p. 7",
        book(person("Ellery", "Maurice"), "B.B.C. English", **imprint("London", "G. Allen & Unwin, ltd.", 1938)),
    ),
    "a space before the colon": (
        "Greene, Graham. The Quiet American. London : Heinemann, 1955, p. 51",
        QUIET,
    ),
    "a missing letter stays missing": (
        "Greene, Graham. he Quiet American. London: Heinemann, 1955, p. 51",
        QUIET | {"title": "he Quiet American"},
    ),
    "a copyright year is the year of issue": (
        "Gunnel, John. Inside Norway. New York, London: Harper & Brothers, c1940, p. 7",
        book(person("Gunnel", "John"), "Inside Norway", **imprint("New York, London", "Harper & Brothers", 1940)),
    ),
    "a year in square brackets": (
        "Woolf, Virginia. The Years. New York: Harcourt, Brace and Company, [c1937], p. 372",
        book(person("Woolf", "Virginia"), "The Years", **imprint("New York", "Harcourt, Brace and Company", 1937)),
    ),
    "no year": (
        "Maes, Ludo. Another View of Voltaire. Leuven, Belgium: AKO, p. 138",
        book(person("Maes", "Ludo"), "Another View of Voltaire", publisher_place="Leuven, Belgium", publisher="AKO"),
    ),
    "no place and no publisher": (
        "Marlow, Simon. Realism or Romance. 1993, p. 7",
        book(person("Marlow", "Simon"), "Realism or Romance", issued=year(1993)),
    ),
    "what the source calls unknown is absent": (
        "Sutter, Boris. Voltaire: A Critical Survey of Satire. n.p., n.d., p. 12",
        book(person("Sutter", "Boris"), "Voltaire: A Critical Survey of Satire"),
    ),
    "a state in letters beside the town": (
        "Mills, Joseph E. Mission to Bergen. New York, N. Y.: Simon and Schuster, c1941, p. 7",
        book(person("Mills", "Joseph E."), "Mission to Bergen", **imprint("New York, N. Y.", "Simon and Schuster", 1941)),
    ),
    "an unlisted town beside a state": (
        "Hayes, Maud. Mother Prairie. Smallville, Kansas: Doubleday, 1943, p. 30",
        book(person("Hayes", "Maud"), "Mother Prairie", **imprint("Smallville, Kansas", "Doubleday", 1943)),
    ),
    "an unlisted town after a full stop": (
        "Hayes, Maud. Mother Prairie. Smallville: Doubleday, 1943, p. 30",
        book(person("Hayes", "Maud"), "Mother Prairie", **imprint("Smallville", "Doubleday", 1943)),
    ),
    "two towns joined by a stroke": (
        "Greene, Graham. The Quiet American. London/New York: Heinemann, 1955, p. 51",
        QUIET | {"publisher-place": "London/New York"},
    ),
    "a year and a colon in the title": (
        "Rowe, Vera. 1848: Year of Hope. Oak Park, Michigan: Lantern Publications, 1998, p. 7",
        book(person("Rowe", "Vera"), "1848: Year of Hope", **imprint("Oak Park, Michigan", "Lantern Publications", 1998)),
    ),
    "a place and a year for a title": (
        "Feuermann, Leo. Vienna, 1913. New York: The Viking Press, 1937, p. 7",
        book(person("Feuermann", "Leo"), "Vienna, 1913", **imprint("New York", "The Viking Press", 1937)),
    ),
    "a year for a title": (
        "Orwell, George. 1984. New York: Signet, 1950, p. 5",
        book(person("Orwell", "George"), "1984", **imprint("New York", "Signet", 1950)),
    ),
    "years at the end of the title": (
        "Serge, Victor. Memoirs of a Revolutionary, 1901-1941. London: Oxford University Press, 1963. p. 290.",
        book(
            person("Serge", "Victor"),
            "Memoirs of a Revolutionary, 1901-1941",
            **imprint("London", "Oxford University Press", 1963),
        ),
    ),
    "question marks and colons in the title": (
        "Ames and Birch. Comets over Norway?: Two Views. New York : Night School Press, 1938, p. 7",
        book(
            [person("Ames"), person("Birch")],
            "Comets over Norway?: Two Views",
            **imprint("New York", "Night School Press", 1938),
        ),
    ),
    "the author's name again as the title": (
        "Quill, Leon. Leon Ferry. New York City: Young People’s Reading League, 1938, p. 8",
        book(person("Quill", "Leon"), "Leon Ferry", **imprint("New York City", "Young People’s Reading League", 1938)),
    ),
    "surnames only": (
        "Ames and Birch. The Great Migration. Boston: Little, Brown and Company, 1946, p. 7",
        book([person("Ames"), person("Birch")], "The Great Migration", **imprint("Boston", "Little, Brown and Company", 1946)),
    ),
    "surnames joined by an ampersand": (
        "Ames & Nansen, The Road to Bergen. New Haven, Conn.: Yale Univ. Press, c1999, p. 7",
        book([person("Ames"), person("Nansen")], "The Road to Bergen", **imprint("New Haven, Conn.", "Yale Univ. Press", 1999)),
    ),
    "a second author in direct order": (
        "Costa, John and Olga Thiel. Silent numbers. New York: Crown, c1993, p. 7",
        book([person("Costa", "John"), person("Thiel", "Olga")], "Silent numbers", **imprint("New York", "Crown", 1993)),
    ),
    "a surname shared by two": (
        "Birch, Sidney and Beatrice. Northern Harbours. London: Longmans, 1935, p. 5",
        book(
            [person("Birch", "Sidney"), person("Birch", "Beatrice")], "Northern Harbours", **imprint("London", "Longmans", 1935)
        ),
    ),
    "a surname of several words": (
        "García Márquez, Gabriel. One Hundred Years of Solitude. New York: Harper & Row, 1970, p. 3",
        book(person("García Márquez", "Gabriel"), "One Hundred Years of Solitude", **imprint("New York", "Harper & Row", 1970)),
    ),
    "a particle before the surname": (
        "van Dam, Erik. The Political Thought of Isaac Newton. London: Routledge, 2002, p. 8",
        book(person("van Dam", "Erik"), "The Political Thought of Isaac Newton", **imprint("London", "Routledge", 2002)),
    ),
    "a particle after the given name": (
        "Beauvoir, Simone de. The Second Sex. New York: Knopf, 1953, p. 301",
        book(person("Beauvoir", "Simone", **{"dropping-particle": "de"}), "The Second Sex", **imprint("New York", "Knopf", 1953)),
    ),
    "a suffix": (
        "King, Martin Luther, Jr. Why We Can't Wait. New York: Harper & Row, 1964, p. 77",
        book(person("King", "Martin Luther", suffix="Jr."), "Why We Can't Wait", **imprint("New York", "Harper & Row", 1964)),
    ),
    "others nobody names": (
        "Koestler, Arthur, et al. The God That Failed. New York: Harper, 1949, p. 15",
        book(person("Koestler", "Arthur"), "The God That Failed", **imprint("New York", "Harper", 1949)),
    ),
    "a corporate author": (
        "World Health Organization. World Health Report 2001. Geneva: WHO, 2001, p. 12",
        book({"literal": "World Health Organization"}, "World Health Report 2001", **imprint("Geneva", "WHO", 2001)),
    ),
    "no author": (
        "Report of Court Proceedings: The Case of the Drifting Ferry. Bergen: Ministry of Justice, 1937, p. 541",
        book(
            None,
            "Report of Court Proceedings: The Case of the Drifting Ferry",
            **imprint("Bergen", "Ministry of Justice", 1937),
        ),
    ),
    "a corporate editor with brackets and full stops": (
        "Commission of the L.H.K.N. (B.), Ed. History of the LHKN: Short Course. Bergen: NHP, 1939, p. 3",
        book(
            None,
            "History of the LHKN: Short Course",
            editor=[{"literal": "Commission of the L.H.K.N. (B.)"}],
            **imprint("Bergen", "NHP", 1939),
        ),
    ),
    "editors": (
        "Ames and Birch, Eds. Revelations from the Harbour Archives. Washington: Library of Congress, 1997, p. 7",
        book(
            None,
            "Revelations from the Harbour Archives",
            editor=[person("Ames"), person("Birch")],
            **imprint("Washington", "Library of Congress", 1997),
        ),
    ),
    "a translator": (
        "Shore, Steven, trans. The Marlow-Quill Correspondence, 1831-1836. New Haven: Yale Univ. Press, c2003, p. 178",
        book(
            None,
            "The Marlow-Quill Correspondence, 1831-1836",
            translator=[person("Shore", "Steven")],
            **imprint("New Haven", "Yale Univ. Press", 2003),
        ),
    ),
    "translators who edit": (
        "Lund and Uhl. Trans. and Ed. Secret Recipes. Toronto, Canada: Lodestar Compass, 1996, p. 7",
        book(
            None,
            "Secret Recipes",
            editor=[person("Lund"), person("Uhl")],
            translator=[person("Lund"), person("Uhl")],
            **imprint("Toronto, Canada", "Lodestar Compass", 1996),
        ),
    ),
    "a translator after the title": (
        "Reed, William J., Strangers Within the Gates?, translated by Vera A. Storm, New Haven: Yale Press, c2001, p. 7.",
        book(
            person("Reed", "William J."),
            "Strangers Within the Gates?",
            translator=[person("Storm", "Vera A.")],
            **imprint("New Haven", "Yale Press", 2001),
        ),
    ),
    "a volume after the year": (
        "Marlow, Joseph. Works. Bergen: Foreign Languages Pub. House, 1952, Vol. 13, p. 7",
        book(person("Marlow", "Joseph"), "Works", volume="13", **imprint("Bergen", "Foreign Languages Pub. House", 1952)),
    ),
    "three surnames": (
        "Rowe, Rittberg, and Zeman. Footnotes to the Archives. New York: Norton, 1993, p. 3",
        book(
            [person("Rowe"), person("Rittberg"), person("Zeman")],
            "Footnotes to the Archives",
            **imprint("New York", "Norton", 1993),
        ),
    ),
    "capitals throughout the name": (
        "GREENE, GRAHAM. The Quiet American. London: Heinemann, 1955, p. 51",
        QUIET | {"author": [person("GREENE", "GRAHAM")]},
    ),
    "an edition in brackets": (
        "Dexter, I. Voltaire. [2d ed.] New York, Oxford University Press, 1967, p. 5",
        book(person("Dexter", "I."), "Voltaire", edition="2", **imprint("New York", "Oxford University Press", 1967)),
    ),
    "a surname that comes first in its language": (
        "Mao Tse-tung. Selected Works. Peking: Foreign Languages Press, 1967, Vol. II, p. 12",
        book(person("Mao", "Tse-tung"), "Selected Works", volume="II", **imprint("Peking", "Foreign Languages Press", 1967)),
    ),
    "an organisation that looks like a person": (
        "U.S. Congress. Hearings on Documents. Washington: GPO, 1947, p. 12",
        book({"literal": "U.S. Congress"}, "Hearings on Documents", **imprint("Washington", "GPO", 1947)),
    ),
    "initials without full stops": (
        "Thompson EP. The Making of the English Working Class. London: Gollancz; 1963. p. 12.",
        book(person("Thompson", "EP"), "The Making of the English Working Class", **imprint("London", "Gollancz", 1963)),
    ),
    "an edition, by its number": (
        "Carr, E. H. What Is History? 2nd ed. London: Penguin, 1987, p. 23",
        book(person("Carr", "E. H."), "What Is History?", edition="2", **imprint("London", "Penguin", 1987)),
    ),
    "a volume with a title of its own": (
        "Churchill, Winston S. The Second World War, Vol. I: The Gathering Storm. Boston: Houghton Mifflin, 1948, p. 288",
        book(
            person("Churchill", "Winston S."),
            "The Second World War",
            volume="I",
            **{"volume-title": "The Gathering Storm"},
            **imprint("Boston", "Houghton Mifflin", 1948),
        ),
    ),
}

STYLES: dict[str, tuple[str, CslItem]] = {
    "Chicago note": ("Ada Louise Sample, The Paper Age (New York: Lanternhouse, 1956), 58.", PAPER_AGE),
    "numbered note": ("12. Ada Louise Sample, The Paper Age (New York: Lanternhouse, 1956), 58.", PAPER_AGE),
    "note number in brackets": ("[12] Ada Louise Sample, The Paper Age (New York: Lanternhouse, 1956), 58.", PAPER_AGE),
    "raised note number": ("¹ Ada Louise Sample, The Paper Age (New York: Lanternhouse, 1956), 58.", PAPER_AGE),
    "dash and page": ("— Ada Louise Sample, The Paper Age, p. 58", book(person("Sample", "Ada Louise"), "The Paper Age")),
    "short note": ("Sample, Paper Age, 58.", book(person("Sample"), "Paper Age")),
    "in brackets": ("(Sample, Ada Louise. The Paper Age. New York: Lanternhouse, 1956, p. 59)", PAPER_AGE),
    "emphasis marks": ("Graham Greene, *The Quiet American* (London: Heinemann, 1955), 51.", QUIET),
    "MLA": (
        "Sample, Ada Louise. The Paper Age. Lanternhouse, 1956, pp. 58–59.",
        book(person("Sample", "Ada Louise"), "The Paper Age", publisher="Lanternhouse", issued=year(1956)),
    ),
    "APA": (
        "Sample, A. L. (1956). The paper age. Lanternhouse. p. 58",
        book(person("Sample", "A. L."), "The paper age", publisher="Lanternhouse", issued=year(1956)),
    ),
    "APA with the page in brackets": (
        "Sample, A. L. (1956). The paper age (p. 58). Lanternhouse.",
        book(person("Sample", "A. L."), "The paper age", publisher="Lanternhouse", issued=year(1956)),
    ),
    "APA editors": (
        "Hobsbawm, E., & Ranger, T. (Eds.). (1983). The invention of tradition. Cambridge University Press. p. 4",
        book(
            None,
            "The invention of tradition",
            editor=[person("Hobsbawm", "E."), person("Ranger", "T.")],
            publisher="Cambridge University Press",
            issued=year(1983),
        ),
    ),
    "Chicago author–date": ("Sample, Ada Louise. 1956. The Paper Age. New York: Lanternhouse, 58.", PAPER_AGE),
    "German": (
        "Kuhn, Thomas S.: The Structure of Scientific Revolutions. Chicago 1962, S. 52.",
        book(
            person("Kuhn", "Thomas S."),
            "The Structure of Scientific Revolutions",
            publisher_place="Chicago",
            issued=year(1962),
        ),
    ),
    "magazine": (
        "Sample, Ada Louise. “Searching Out the Ferries.” New Republic: May 8, 1935, p. 7",
        {
            "type": "article-magazine",
            "author": [person("Sample", "Ada Louise")],
            "title": "Searching Out the Ferries",
            "container-title": "New Republic",
            "issued": {"date-parts": [[1935, 5, 8]]},
        },
    ),
    "newspaper without a title": (
        "Pravda, 5 March 1937, p. 2",
        {"type": "article-newspaper", "container-title": "Pravda", "issued": {"date-parts": [[1937, 3, 5]]}},
    ),
    "journal note": (
        f"E. P. Thompson, “{CROWD},” Past & Present, no. 50 (February 1971): 78.",
        {
            "type": "article-journal",
            "author": [person("Thompson", "E. P.")],
            "title": CROWD,
            "container-title": "Past & Present",
            "issue": "50",
            "issued": {"date-parts": [[1971, 2]]},
        },
    ),
    "journal in a list of references": (
        "Thompson, E. P. (1971). The moral economy of the English crowd. Past & Present, 50(1), 76–136.",
        {
            "type": "article-journal",
            "author": [person("Thompson", "E. P.")],
            "title": "The moral economy of the English crowd",
            "container-title": "Past & Present",
            "volume": "50",
            "issue": "1",
            "page": "76–136",
            "issued": year(1971),
        },
    ),
    "journal without quotation marks": (
        "Doe, Jane. Reading in the Margins. The American Historical Review, Vol. 98, No. 4, Oct. 1993, p. 7",
        {
            "type": "article-journal",
            "author": [person("Doe", "Jane")],
            "title": "Reading in the Margins",
            "container-title": "The American Historical Review",
            "volume": "98",
            "issue": "4",
            "issued": {"date-parts": [[1993, 10]]},
        },
    ),
    "chapter": (
        "H. Trevor-Roper, “Highland Tradition,” in The Invention of Tradition, ed. Eric Hobsbawm and Terence Ranger (1983), 15.",
        {
            "type": "chapter",
            "author": [person("Trevor-Roper", "H.")],
            "title": "Highland Tradition",
            "container-title": "The Invention of Tradition",
            "editor": [person("Hobsbawm", "Eric"), person("Ranger", "Terence")],
            "issued": year(1983),
        },
    ),
    "thesis": (
        "Jane Doe, “Reading in the Margins” (PhD diss., Harvard University, 1985), 45.",
        {
            "type": "thesis",
            "author": [person("Doe", "Jane")],
            "title": "Reading in the Margins",
            "genre": "PhD diss.",
            "publisher": "Harvard University",
            "issued": year(1985),
        },
    ),
    "web page": (
        "“How to Cite.” Example Site, 12 May 2020, https://www.example.org/cite (accessed March 5, 2021).",
        {
            "type": "webpage",
            "title": "How to Cite",
            "container-title": "Example Site",
            "issued": {"date-parts": [[2020, 5, 12]]},
            "accessed": {"date-parts": [[2021, 3, 5]]},
            "URL": "https://www.example.org/cite",
        },
    ),
    "archive": (
        "RGASPI, f. 558, op. 11, d. 27, l. 3",
        {"type": "document", "archive": "RGASPI", "archive_location": "f. 558, op. 11, d. 27"},
    ),
    "scripture": ("1 Corinthians 13:4–7", {"type": "classic", "title": "1 Corinthians"}),
}


@pytest.mark.parametrize(("raw", "csl"), BOOKS.values(), ids=BOOKS.keys())
def test_a_book_is_read_as_its_line_gives_it(raw: str, csl: CslItem) -> None:
    citation = parse_citation(raw)

    assert citation.csl == csl
    assert citation.problem == ""
    assert citation.locator is not None


@pytest.mark.parametrize(("raw", "csl"), STYLES.values(), ids=STYLES.keys())
def test_other_styles_are_read_too(raw: str, csl: CslItem) -> None:
    citation = parse_citation(raw)

    assert citation.csl == csl
    assert citation.problem == ""


@pytest.mark.parametrize("raw", [raw for raw, _ in (*BOOKS.values(), *STYLES.values())])
def test_what_is_parsed_can_be_formatted(raw: str) -> None:
    csl = parse_citation(raw).csl

    assert csl is not None
    read_item(csl)


def test_a_street_address_is_left_over_and_named() -> None:
    citation = parse_citation(
        "Doe, Jane. On Footnotes. Leuven, Belgium: AKO, Example Street 25-27 2600, p. 44 [p. 40 on the Web]"
    )

    assert citation.csl == book(person("Doe", "Jane"), "On Footnotes", publisher_place="Leuven, Belgium", publisher="AKO")
    assert citation.problem == "left over: 'Example Street 25-27 2600'"
    assert citation.locator is not None
    assert (citation.locator.value, citation.locator.note) == ("44", "p. 40 on the Web")


def test_author_and_year_alone_are_certain_but_name_no_title() -> None:
    citation = parse_citation("Sample (1956, 58)")

    assert citation.csl == {"type": "document", "author": [person("Sample")], "issued": year(1956)}
    assert citation.problem == "the line names no title"
    assert citation.locator is not None
    assert citation.locator.pages == ((58, 58),)


@pytest.mark.parametrize("raw", ["Ibid., 58–59.", "ibid.", "Id. at 5", "Op. cit., p. 3"])
def test_a_back_reference_names_no_work(raw: str) -> None:
    citation = parse_citation(raw)

    assert citation.csl is None
    assert citation.problem == "the line refers to the citation before it"


def test_an_author_may_be_called_ibid() -> None:
    citation = parse_citation("Ibid Contributors. The Ibid Handbook. 2026, ch. 3, p. 41")

    assert citation.csl == book({"literal": "Ibid Contributors"}, "The Ibid Handbook", issued=year(2026))
    assert citation.locator is not None
    assert (citation.locator.pages, citation.locator.note) == (((41, 41),), "ch. 3")


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("", "the line is empty"),
        (" \t ", "the line is empty"),
        ("The keeper waved from the gate as we passed.", "no author, title, publisher or year can be told apart in this line"),
        ("p. 58", "no author, title, publisher or year can be told apart in this line"),
        ("x" * 5000, "the line has 5000 characters, which is prose, not a citation (at most 600)"),
    ],
)
def test_a_line_that_cannot_be_read_says_why(raw: str, why: str) -> None:
    citation = parse_citation(raw)

    assert citation.csl is None
    assert citation.problem == why
    assert citation.raw == raw


def test_offsets_are_kept() -> None:
    raw = "Sample, Ada Louise. The Paper Age. New York: Lanternhouse, 1956, p. 7"

    citation = parse_citation(raw, 10, 10 + len(raw))

    assert (citation.start, citation.end) == (10, 10 + len(raw))


def test_an_item_is_fresh_each_time() -> None:
    raw = "Sample, Ada Louise. The Paper Age. New York: Lanternhouse, 1956, p. 7"
    first = parse_citation(raw).csl
    assert first is not None
    first["author"][0]["family"] = "Changed"

    second = parse_citation(raw).csl

    assert second == PAPER_AGE


PIECES = st.sampled_from([piece for raw, _ in (*BOOKS.values(), *STYLES.values()) for piece in re.findall(r"\S+\s*", raw)])


@given(st.one_of(st.text(max_size=200), st.lists(PIECES | st.text(max_size=3), max_size=25).map("".join)))
@settings(deadline=None, max_examples=400)
def test_no_text_breaks_the_parser_and_every_word_of_an_item_stands_in_the_line(raw: str) -> None:
    citation = parse_citation(raw)

    line = " ".join(raw.split())
    assert citation.raw == raw
    assert all(said in line for said in _strings(citation.csl or {}))
    assert citation.locator is None or citation.locator.value in line


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [said for name, part in value.items() if name != "type" for said in _strings(part)]
    return [said for part in value for said in _strings(part)] if isinstance(value, list) else []


@pytest.mark.parametrize(
    ("raw", "issued", "accessed"),
    [
        ("Holt, Anna. “The Last Mill.” Orley Gazette, 4 May 1936, p. 3. Web. 12 Jan. 2019.", [1936, 5, 4], [2019, 1, 12]),
        ("Moss, Ruth. “Ice.” River Notes, 7 Mar. 2021, www.river.example/ice. Accessed 9 Apr. 2022.", [2021, 3, 7], [2022, 4, 9]),
        (
            "Moss, Ruth. “Ice.” River Notes, 7 Mar. 2021. https://r.example (accessed Sept. 9, 2022).",
            [2021, 3, 7],
            [2022, 9, 9],
        ),
        ("Moss, Ruth. “Ice.” River Notes, 7 Mar. 2021. Accessed 9 April 2022.", [2021, 3, 7], [2022, 4, 9]),
    ],
)
def test_the_day_of_access_is_not_the_day_of_issue(raw: str, issued: list[int], accessed: list[int]) -> None:
    csl = parse_citation(raw, 0, len(raw)).csl or {}

    assert csl["issued"] == {"date-parts": [issued]}
    assert csl["accessed"] == {"date-parts": [accessed]}


@pytest.mark.parametrize("title", ["The Mill Book", "The Last Chapter", "A Life in One Volume", "The Better Part", "Bleak House"])
def test_a_title_may_end_in_a_word_for_pieces_of_books(title: str) -> None:
    csl = parse_citation(f"Holt, Anna. {title}. 1936, p. 3").csl or {}

    assert (csl["title"], csl["issued"]) == (title, {"date-parts": [[1936]]})


def test_a_shelf_mark_may_write_fond_with_a_capital() -> None:
    csl = parse_citation("Orley County Archive, Fond 12, op. 3, d. 45, l. 6").csl or {}

    assert (csl["archive"], csl["archive_location"]) == ("Orley County Archive", "Fond 12, op. 3, d. 45")
