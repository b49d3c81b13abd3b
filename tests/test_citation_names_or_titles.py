"""Names, roles and titles are told apart where their words could be either."""

from typing import Any

import pytest

from index.citations.parse import parse_citation

CASES: list[tuple[str, str, dict[str, Any], str | None]] = [
    (
        "editors named in a sentence after a volume",
        "Hale, M. (2001). The Forge and the Clock. In The Papers of Robert Okafor, vol. 3: Later Letters. Nora Lindqvist, ed. Leeds: Millgate, 77.",  # noqa: E501 - a citation is one line
        {"container-title": "The Papers of Robert Okafor", "editor": [{"family": "Lindqvist", "given": "Nora"}], "volume": "3"},
        "77",
    ),
    (
        "editors named in a sentence after a volume",
        "Halloran, Denis (1999). Harbour Lights. In A History of the Baltic, vol. 2: The Trade. Maria Kessler and Otto Brand, eds. Berlin: Springer, 140–141.",  # noqa: E501 - a citation is one line
        {
            "container-title": "A History of the Baltic",
            "editor": [{"family": "Kessler", "given": "Maria"}, {"family": "Brand", "given": "Otto"}],
            "volume": "2",
        },
        "140–141",
    ),
    (
        "editors named in a sentence after a volume",
        "Hale, M. “The Forge and the Clock.” In Studies in Craft, vol. 4. Nora Lindqvist, ed. Leeds: Millgate, 2001, 77.",
        {"container-title": "Studies in Craft", "editor": [{"family": "Lindqvist", "given": "Nora"}], "volume": "4"},
        "77",
    ),
    (
        "editors and translators in one clause",
        "Maria Kessler, The Salt Road, trans. Otto Brand and ed. Nora Lindqvist, 3rd ed. (Chicago: Harrow Press, 1972), 1:12–13.",
        {
            "title": "The Salt Road",
            "translator": [{"family": "Brand", "given": "Otto"}],
            "editor": [{"family": "Lindqvist", "given": "Nora"}],
        },
        "12–13",
    ),
    (
        "editors and translators in one clause",
        "Maria Kessler, The Salt Road, ed. Nora Lindqvist and trans. Otto Brand (Chicago: Harrow Press, 1972), 44.",
        {
            "title": "The Salt Road",
            "translator": [{"family": "Brand", "given": "Otto"}],
            "editor": [{"family": "Lindqvist", "given": "Nora"}],
        },
        "44",
    ),
    (
        "editors and translators in one clause",
        "Robert Okafor, Rivers of Iron, ed. and trans. Maria Kessler (Leeds: Millgate, 1991), 9.",
        {
            "title": "Rivers of Iron",
            "translator": [{"family": "Kessler", "given": "Maria"}],
            "editor": [{"family": "Kessler", "given": "Maria"}],
        },
        "9",
    ),
    (
        "editors and translators in one clause",
        "Robert Okafor, Rivers of Iron, translated by Otto Brand, edited by Nora Lindqvist (Leeds: Millgate, 1991), 9.",
        {
            "title": "Rivers of Iron",
            "translator": [{"family": "Brand", "given": "Otto"}],
            "editor": [{"family": "Lindqvist", "given": "Nora"}],
        },
        "9",
    ),
    (
        "editors and translators in one clause",
        "Robert Okafor, Rivers of Iron, ed. Nora Lindqvist, trans. Otto Brand and Maria Kessler, 2nd ed. (Leeds: Millgate, 1991), 9.",  # noqa: E501 - a citation is one line
        {
            "title": "Rivers of Iron",
            "translator": [{"family": "Brand", "given": "Otto"}, {"family": "Kessler", "given": "Maria"}],
            "editor": [{"family": "Lindqvist", "given": "Nora"}],
        },
        "9",
    ),
    (
        "a title of two things is no list of names",
        "Robert Okafor, Salt and Silver, 1951, p. 20",
        {"author": [{"family": "Okafor", "given": "Robert"}], "title": "Salt and Silver"},
        "20",
    ),
    (
        "a title of two things is no list of names",
        "Nora Lindqvist, Hope and Anchor, 1964, p. 3",
        {"author": [{"family": "Lindqvist", "given": "Nora"}], "title": "Hope and Anchor"},
        "3",
    ),
    (
        "a title of two things is no list of names",
        "Denis Halloran, Winter and Water. Dublin: Quay Press, 1983, 12.",
        {"author": [{"family": "Halloran", "given": "Denis"}], "title": "Winter and Water"},
        "12",
    ),
    (
        "a title of two things is no list of names",
        "Miriam Hale, Wives and Daughters (Leeds: Millgate, 1978), 14.",
        {"author": [{"family": "Hale", "given": "Miriam"}], "title": "Wives and Daughters"},
        "14",
    ),
    (
        "a title of two things is no list of names",
        "Miriam Hale and Robert Okafor, Iron and Salt, 1978, p. 14",
        {"author": [{"family": "Hale", "given": "Miriam"}, {"family": "Okafor", "given": "Robert"}], "title": "Iron and Salt"},
        "14",
    ),
    (
        "a title of two things is no list of names",
        "Hale, Miriam. Bread and Roses. 1978, p. 14",
        {"author": [{"family": "Hale", "given": "Miriam"}], "title": "Bread and Roses"},
        "14",
    ),
    (
        "a title of two things is no list of names",
        "Sarah Ames, Paul Birch and Ann Crane, The Quiet Ledger, 1951, p. 9",
        {
            "author": [
                {"family": "Ames", "given": "Sarah"},
                {"family": "Birch", "given": "Paul"},
                {"family": "Crane", "given": "Ann"},
            ],
            "title": "The Quiet Ledger",
        },
        "9",
    ),
    (
        "a title of two things is no list of names",
        "Tomas Vrba, War & Peace, 1951, p. 9",
        {"author": [{"family": "Vrba", "given": "Tomas"}], "title": "War & Peace"},
        "9",
    ),
    (
        "a title in another script",
        "Zhang, Min. 山的影子. Shanghai: Wenyi, 1995, p. 31",
        {"author": [{"family": "Zhang", "given": "Min"}], "title": "山的影子"},
        "31",
    ),
    (
        "a title in another script",
        "Mori, Kenji. 雨の町. Tokyo: Kawade, 2003, pp. 14–15.",
        {"author": [{"family": "Mori", "given": "Kenji"}], "title": "雨の町"},
        "14–15",
    ),
    (
        "a title in another script",
        "Kim, Jiwoo. 바람의 집. Seoul: Changbi, 2011, 88.",
        {"author": [{"family": "Kim", "given": "Jiwoo"}], "title": "바람의 집"},
        "88",
    ),
    (
        "a title in another script",
        "Petrov, Oleg. Зимний берег. Moscow: Nauka, 1979, p. 9",
        {"author": [{"family": "Petrov", "given": "Oleg"}], "title": "Зимний берег"},
        "9",
    ),
    (
        "a reporter whose series touches it",
        "Harmon v. Bly, 412 F.2d 88, 93 (2d Cir. 1969).",
        {"type": "legal_case", "title": "Harmon v. Bly", "volume": "412", "issued": {"date-parts": [[1969]]}},
        "93",
    ),
    (
        "initials without full stops, the last with one",
        "Okafor RT, Hale M, Lindqvist N. Heat stress in foundry workers. Br J Ind Hist 2001;12(3):45–52.",
        {
            "author": [
                {"family": "Okafor", "given": "RT"},
                {"family": "Hale", "given": "M"},
                {"family": "Lindqvist", "given": "N"},
            ],
            "title": "Heat stress in foundry workers",
            "volume": "12",
            "issued": {"date-parts": [[2001]]},
        },
        None,
    ),
    (
        "capital particles",
        "Hendrik Van der Meer, Dykes and Debts (Leiden: Brill, 1979), 12.",
        {"author": [{"family": "Van der Meer", "given": "Hendrik"}]},
        None,
    ),
    (
        "names joined by and alone",
        "De Luca, Anna and Ferri, Paolo and Hale, Miriam, Wages and Weather: A Port Study. Leeds: Millgate, 2011, p. 9",
        {
            "author": [
                {"family": "De Luca", "given": "Anna"},
                {"family": "Ferri", "given": "Paolo"},
                {"family": "Hale", "given": "Miriam"},
            ],
            "title": "Wages and Weather: A Port Study",
        },
        None,
    ),
    (
        "editors in brackets before the book",
        "Lindqvist, N., & Hale, M. (2012). Cold credit. In D. Halloran & M. Kessler (Eds.), The Baltic handbook (Vol. 2, pp. 5–19). Fjord Press.",  # noqa: E501 - a citation is one line
        {
            "title": "Cold credit",
            "editor": [{"family": "Halloran", "given": "D."}, {"family": "Kessler", "given": "M."}],
            "container-title": "The Baltic handbook",
        },
        None,
    ),
    (
        "surnames in capitals",
        "MOREL Claire, La Route du sel, Paris, Plon, 1962, p. 18.",
        {"author": [{"family": "MOREL", "given": "Claire"}]},
        "18",
    ),
    (
        "a translator named by the language",
        "Nora Lindqvist: Der Wintermarkt. Aus dem Norwegischen von Greta Vogel. Berlin: Aufbau 1988, S. 40.",
        {"title": "Der Wintermarkt", "translator": [{"family": "Vogel", "given": "Greta"}]},
        "40",
    ),
    (
        "an editor who has the author's surname",
        "Weil, R. (1998). Clocks in Disorder. In The Birth of Time, vol. 2: The Diary. Jonas Weil, ed. Utrecht: Springer, 18.",
        {"container-title": "The Birth of Time", "editor": [{"family": "Weil", "given": "Jonas"}], "volume": "2"},
        "18",
    ),
    (
        "whole names of nobody listed",
        "Junfeng Yang, Davor Hrovat, and Anoop Gupta, The Salt Road (Chicago: Harrow Press, 1972), 9.",
        {
            "author": [
                {"family": "Yang", "given": "Junfeng"},
                {"family": "Hrovat", "given": "Davor"},
                {"family": "Gupta", "given": "Anoop"},
            ]
        },
        "9",
    ),
]


@pytest.mark.parametrize(("line", "fields", "page"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_names_roles_and_titles_are_told_apart(line: str, fields: dict[str, Any], page: str | None) -> None:
    citation = parse_citation(line)

    assert {name: (citation.csl or {}).get(name) for name in fields} == fields
    assert page is None or (citation.locator is not None and citation.locator.value == page)


def test_a_work_in_press_has_no_date_and_its_publisher_is_not_called_so() -> None:
    citation = parse_citation("Robert Okafor, Rivers of Iron (Leeds: Millgate, in press).")

    assert citation.csl is not None
    assert "issued" not in citation.csl
    assert "press" not in citation.csl.get("publisher", "")


def test_words_after_a_surname_name_nobody_when_they_may_be_a_title() -> None:
    citation = parse_citation("Ames, Mud and Mercy, 48.")

    assert citation.csl is None or all("given" not in person for person in citation.csl.get("author", []))
