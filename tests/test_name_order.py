"""Names in running text and in lists."""

import pytest

from index.citations.csl import Person
from index.citations.name_order import beside, initials, split_particles, tidied
from index.citations.styles import format_bibliography, format_citation


@pytest.mark.parametrize(
    ("family", "given", "expected"),
    [
        ("de Marsac", "Louise", Person("Marsac", "Louise", non_dropping_particle="de")),
        ("Marsac", "Louise de", Person("Marsac", "Louise", dropping_particle="de")),
        ("al-Tamimi", "Nura", Person("Tamimi", "Nura", non_dropping_particle="al-")),
        ("d’Orval", "Jean", Person("Orval", "Jean", non_dropping_particle="d’")),
        ("Sample", "Ada, Jr.", Person("Sample", "Ada", suffix="Jr.")),
        ("hooks", "bell", Person("hooks", "bell")),
        ("Van Loon", "Piet", Person("Van Loon", "Piet")),
    ],
)
def test_particles_are_found_in_the_names(family: str, given: str, expected: Person) -> None:
    assert split_particles(Person(family, given)) == expected


@pytest.mark.parametrize(
    ("given", "short"),
    [("Ada Louise", "A. L."), ("Jean-Luc", "J.-L."), ("Soon-yi", "S."), ("Yu. I.", "Yu. I."), ("A.L.", "A. L."), ("Иван", "И.")],
)
def test_given_names_become_initials(given: str, short: str) -> None:
    assert initials(given, ". ", hyphen=True) == short


def test_initials_are_tidied_where_the_style_abbreviates_nothing() -> None:
    assert tidied("A.L. Marie", ". ") == "A. L. Marie"


def test_nothing_is_put_between_a_clinging_particle_and_its_name() -> None:
    assert beside("al-", "Tamimi") == "al-Tamimi"
    assert beside("van", "’t", "Veld") == "van ’t Veld"


def test_chinese_names_are_written_in_one_piece() -> None:
    item = {"type": "book", "title": "灯", "author": [{"family": "林", "given": "小雨"}]}

    assert format_citation(item, None, "chicago-notes").startswith("林小雨, ")
    assert format_bibliography([item], "mla")[0].startswith("林小雨. ")


def test_a_reviewed_author_and_the_author_of_a_container_are_named() -> None:
    review = {
        "type": "review-book",
        "title": "Lamps and Ledgers",
        "author": [{"family": "Sample", "given": "Ada"}],
        "reviewed-author": [{"family": "Tarn", "given": "Otto"}],
    }
    chapter = {
        "type": "chapter",
        "title": "A Note",
        "author": [{"family": "Sample", "given": "Ada"}],
        "container-title": "Collected Letters",
        "container-author": [{"family": "Tarn", "given": "Otto"}],
    }

    assert "by Otto Tarn" in format_citation(review, None, "chicago-notes")
    assert "by Otto Tarn" in format_citation(chapter, None, "chicago-notes")
