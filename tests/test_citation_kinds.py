"""Sources that are neither books nor articles are read with the fields that their kind has."""

from typing import Any

import pytest

from index.citations.parse import parse_citation
from index.records import Locator


def year(*parts: int) -> dict[str, Any]:
    return {"date-parts": [list(parts)]}


KINDS: dict[str, tuple[str, dict[str, Any], tuple[str, str] | None]] = {
    "a case in a federal reporter, with a pin page": (
        "Harlow v. Penrose, 412 F. Supp. 207, 211 (D. Conn. 1976).",
        {
            "type": "legal_case", "title": "Harlow v. Penrose", "volume": "412", "container-title": "F. Supp.", "page": "207",
            "authority": "D. Conn.", "issued": year(1976),
        },
        ("page", "211"),
    ),
    "a case of a supreme court": (
        "Marsh v. Tolland, 301 U.S. 88 (1937)",
        {"type": "legal_case", "title": "Marsh v. Tolland", "volume": "301", "container-title": "U.S.", "page": "88",
         "issued": year(1937)},
        None,
    ),
    "a case in the law reports": (
        "Penrose v Dale [1911] KB 340, 352 (CA).",
        {"type": "legal_case", "title": "Penrose v Dale", "container-title": "KB", "page": "340", "authority": "CA",
         "issued": year(1911)},
        ("page", "352"),
    ),
    "several verses": ("Luke 7:18–23, 31, 33-35", {"type": "classic", "title": "Luke"}, ("verse", "7:18–23, 31, 33-35")),
    "a numbered book of scripture": ("2 Cor. 5:6–8 (NRSV)", {"title": "2 Cor", "version": "NRSV"}, ("verse", "5:6–8")),
    "the Koran": ("Quran 24:35", {"type": "classic", "title": "Quran"}, ("verse", "24:35")),
    "a dialogue by its margin": ("Plato, Phdr. 275a-b", {"type": "classic", "author": [{"family": "Plato"}],
    "title": "Phdr."}, ("section", "275a-b")),
    "a treatise by its columns": (
        "Aristotle, On the Soul 412b5–9.",
        {"type": "classic", "author": [{"family": "Aristotle"}], "title": "On the Soul"},
        ("section", "412b5–9"),
    ),
    "a play by act, scene and lines": (
        "Marlowe, Edward II, V.vi.10–14",
        {"type": "classic", "author": [{"family": "Marlowe"}], "title": "Edward II"},
        ("section", "V.vi.10–14"),
    ),
    "a personal communication": (
        "R. T. Holt, personal communication, May 4, 1998.",
        {"type": "personal_communication", "author": [{"family": "Holt", "given": "R. T."}], "issued": year(1998, 5, 4)},
        None,
    ),
    "an interview in an archive": (
        "Birch, Anna. Interview by Carl Dale. 2 March 1969. Harbour Workers Collection, Tolland University, transcript, p. 9.",
        {
            "type": "interview", "author": [{"family": "Birch", "given": "Anna"}], "interviewer": [{"family": "Dale",
            "given": "Carl"}],
            "issued": year(1969, 3, 2), "archive": "Harbour Workers Collection, Tolland University", "medium": "transcript",
        },
        ("page", "9"),
    ),
    "a file of a national archive": (
        "TNA, CAB 23/65/4, note by Holt, 11 June 1941.",
        {"type": "manuscript", "archive": "TNA", "archive_location": "CAB 23/65/4", "title": "note by Holt",
         "issued": year(1941, 6, 11)},
        None,
    ),
    "a box and a folder": (
        "Holt to Dale, 3 April 1922, box 7, folder 12, Anna Birch Papers, Tolland Library.",
        {"type": "manuscript", "archive_location": "box 7, folder 12", "archive": "Anna Birch Papers, Tolland Library",
         "issued": year(1922, 4, 3)},
        None,
    ),
    "a debate of a parliament": (
        "HC Deb 4 July 1938 vol 338 c1245",
        {"type": "hearing", "title": "HC Deb", "volume": "338", "issued": year(1938, 7, 4)},
        ("column", "1245"),
    ),
    "a letter in a collection": (
        "Letter from Anna Birch to Carl Dale, 9 May 1908, in The Birch Letters, ed. Ruth Holt (London: Dock, 1966), 31.",
        {
            "container-title": "The Birch Letters", "author": [{"family": "Birch", "given": "Anna"}],
            "recipient": [{"family": "Dale", "given": "Carl"}], "editor": [{"family": "Holt", "given": "Ruth"}],
            "issued": year(1966),
            "original-date": year(1908, 5, 9),
        },
        ("page", "31"),
    ),
    "a card of debaters": (
        "Holt ’09 (Ruth Holt, Lecturer, “Weirs and Law,” Canal Quarterly, 5-17-2009, https://example.org/weirs)",
        {
            "author": [{"family": "Holt", "given": "Ruth"}], "title": "Weirs and Law", "container-title": "Canal Quarterly",
            "issued": year(2009, 5, 17), "URL": "https://example.org/weirs",
        },
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_a_source_of_another_kind_is_read_with_its_fields(name: str) -> None:
    line, expected, place = KINDS[name]

    citation = parse_citation(line)

    assert citation.csl is not None
    assert {field: citation.csl.get(field) for field in expected} == expected
    assert (citation.locator and (citation.locator.label, citation.locator.value)) == place


def test_what_a_kind_does_not_hold_is_left_over_and_named() -> None:
    citation = parse_citation(
        "Holt ’09 (Ruth Holt, Lecturer, “Weirs and Law,” Canal Quarterly, 5-17-2009, https://example.org/weirs)"
    )

    assert citation.problem == "left over: 'Lecturer'"


@pytest.mark.parametrize(
    "line",
    [
        "Holt, Ruth. Brown v. Board and Its Readers. Boston: Dock, 1988, p. 4",  # a book about a case
        "Dale, Carl. Letters to a Harbour Master. London: Cape, 1951, p. 12",  # a book of letters
        "Holt, Ruth. Mark 7 and Other Engines. London: Cape, 1951, p. 12",  # no gospel
        "The clerk wrote a letter to the board, and on 3 May 1912 they met in Boston.",  # prose
    ],
)
def test_a_book_about_such_a_source_is_none(line: str) -> None:
    csl = parse_citation(line).csl or {"type": ""}

    assert csl["type"] not in {"legal_case", "classic", "personal_communication", "manuscript", "interview", "hearing"}


def test_a_source_quoted_in_another_is_the_source_and_the_other_is_its_note() -> None:
    citation = parse_citation("Birch, The Harbour Book, 31, quoted in Dale, How Weirs Work (London: Dock, 1963), 9.")

    assert citation.csl is not None
    assert citation.csl["author"] == [{"family": "Birch"}]
    assert citation.csl["title"] == "The Harbour Book"
    assert citation.csl["note"] == "quoted in Dale, How Weirs Work (London: Dock, 1963), 9"
    assert citation.locator == Locator("page", "31", ((31, 31),))


@pytest.mark.parametrize(
    ("tail", "label", "value"),
    [
        ("Kindle loc. 1204", "elocation", "1204"),
        ("p. D14", "page", "D14"),
        ("IX, 77", "page", "77"),
        ("01:12:09", "timestamp", "01:12:09"),
        ("passim", "page", "passim"),
        ("sig. B3r", "page", "sig. B3r"),
        ("pt II div 3 s 12(2)(b)", "section", "pt II div 3 s 12(2)(b)"),
        ("pp. 12 (no. 8), 40 (no. 31)", "page", "12 (no. 8), 40 (no. 31)"),
        ("fol. 12v", "folio", "12v"),
        ("§ 14", "section", "14"),
        ("col. 77", "column", "77"),
    ],
)
def test_a_locator_of_any_kind_leaves_the_year_where_it_is(tail: str, label: str, value: str) -> None:
    citation = parse_citation(f"Holt, Ruth. The Harbour Book. London: Dock, 1985, {tail}")

    assert citation.csl is not None
    assert citation.csl["issued"] == year(1985)
    assert citation.csl["publisher"] == "Dock"
    assert citation.locator is not None
    assert (citation.locator.label, citation.locator.value) == (label, value)


def test_a_locator_that_nobody_can_name_is_left_over_and_the_year_stays() -> None:
    citation = parse_citation("Holt, Ruth. The Harbour Book. London: Dock, 1985, plancha 3")

    assert citation.csl is not None
    assert citation.csl["issued"] == year(1985)
    assert citation.problem == "left over: 'plancha 3'"
