"""One author in many spellings."""

from index.citations.authority import merge_authors, spelled_otherwise


def _person(family: str, given: str = "") -> tuple[dict[str, str], int]:
    return {"family": family, "given": given} if given else {"family": family}, 1


def test_initials_accents_and_letters_of_another_script_are_one_author() -> None:
    authors = merge_authors(
        [_person("Sample", "Ada L."), _person("Sample", "Ada Louise"), _person("Müller", "Jörg"), _person("Muller", "J.")]
    )

    assert [(author.name, author.spellings, author.excerpts) for author in authors] == [
        ("Müller, Jörg", ("Muller, J.",), 2),
        ("Sample, Ada Louise", ("Sample, Ada L.",), 2),
    ]
    (russian,) = merge_authors([_person("Иванов", "Иван"), _person("Ivanov", "Ivan")])
    assert russian.excerpts == 2


def test_who_could_be_two_people_stays_apart() -> None:
    authors = merge_authors([_person("Sample", "Ada"), _person("Sample", "Albert"), _person("Sample", "A."), _person("Sample")])

    assert [author.name for author in authors] == ["Sample", "Sample, A.", "Sample, Ada", "Sample, Albert"]


def test_a_name_is_also_looked_for_in_its_other_spellings() -> None:
    authors = merge_authors([_person("Sample", "Ada L."), _person("Sample", "Ada Louise"), _person("Tarn", "Otto")])

    assert set(spelled_otherwise("ada louise sample", authors)) == {"Sample, Ada L.", "Sample, Ada Louise"}
    assert spelled_otherwise("Tarn", authors) == ()
    assert spelled_otherwise("", authors) == ()
