"""collection.toml: what somebody tells about the files of a folder; and what lies beside a file."""

from pathlib import Path

import pytest

from index.compilation import describe_files, settings_for, works_beside
from index.errors import FileUnreadable
from index.files import find_files
from index.readers import read_file
from index.records import Reading

AMBIGUOUS = """Whoever lights a lamp owns the dark.

Ida Fell, The Lamp Book (Nowhere: Example Press, 1931), 4.

A kite is held up by what it pulls against.

Otto Tarn, On Kites (Elsewhere: Test House, 1944), 19.

Salt remembers the sea.

Ida Fell, The Lamp Book (Nowhere: Example Press, 1931), 7.

Nobody counts the wool."""


def tell(folder: Path, toml: str) -> None:
    (folder / "collection.toml").write_text(toml, "utf-8")


def readings(folder: Path) -> dict[str, Reading]:
    return {source.name: read_file(source.load())[0] for source in find_files([folder]).sources}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "notes" / "deep").mkdir(parents=True)
    (tmp_path / "notes" / "reader.txt").write_text(AMBIGUOUS, "utf-8")
    return tmp_path / "notes"


def families(reading: Reading) -> list[str]:
    csl = [(excerpt.citation.csl if excerpt.citation else None) or {} for excerpt in reading.excerpts]
    return [each["author"][0]["family"] if "author" in each else "" for each in csl]


def test_a_layout_told_for_a_path_decides_what_the_evidence_does_not(folder: Path) -> None:
    before = families(readings(folder)["notes/reader.txt"])
    tell(folder, '[files."*.txt"]\nlayout = "above"\n')

    assert before == ["", "", "", ""]
    assert families(readings(folder)["notes/reader.txt"]) == ["", "Fell", "Tarn", "Fell"]


def test_it_is_no_document_itself_and_describes_the_compilation(folder: Path) -> None:
    tell(folder, 'title = "A Reader"\ncompiler = "Nobody"\n')

    found = readings(folder)

    assert list(found) == ["notes/reader.txt"]
    assert found["notes/reader.txt"].compilation == {"title": "A Reader", "compiler": "Nobody"}


def test_one_further_down_wins(folder: Path) -> None:
    (folder / "deep" / "more.txt").write_text(AMBIGUOUS, "utf-8")
    tell(folder, 'title = "A Reader"\n[files."*"]\nlayout = "above"\n')
    tell(folder / "deep", '[files."more.txt"]\nlayout = "below"\n')

    told = settings_for(folder / "deep" / "more.txt", folder)

    assert (told.layout, told.compilation) == ("below", {"title": "A Reader"})


def test_a_citation_is_corrected_by_line_or_by_excerpt_id(folder: Path) -> None:
    (by_id, *_) = readings(folder)["notes/reader.txt"].excerpts
    right = "Una Moor. Wool and Water. Nowhere: Sample Press, 1950, p. 103"
    tell(folder, f'[corrections]\n"{by_id.id}" = "{right}"\n"reader.txt:13" = "{right}"\n"other.txt:5" = "{right}"\n')

    assert families(readings(folder)["notes/reader.txt"]) == ["Moor", "", "", "Moor"]


@pytest.mark.parametrize(
    "toml",
    [
        'colour = "red"',
        "title = 4",
        '[files."a"]\ncolour = "red"',
        '[files."a"]\nlayout = 3',
        '[corrections]\nx = "y"',
        "title = [",
    ],
)
def test_what_nobody_reads_is_an_error_with_the_place_and_the_keys_there_are(folder: Path, toml: str) -> None:
    tell(folder, toml)

    with pytest.raises(FileUnreadable, match=r"collection\.toml.*layout, language, reader"):
        readings(folder)


def test_a_description_names_what_is_in_doubt_and_reads_back(folder: Path) -> None:
    written = describe_files("notes", [("reader.txt", readings(folder)["notes/reader.txt"])])
    tell(folder, written)

    assert "IN DOUBT" in written
    assert settings_for(folder / "reader.txt", folder).compilation == {"title": "notes"}


def test_works_of_a_bibtex_file_are_found_by_their_keys(tmp_path: Path) -> None:
    text = '@book{fell1931, title = {The {Lamp} Book}, author = "Fell, Ida and Otto Tarn", year = 1931, '
    text += "publisher={Example Press}}\n@article{x, title={A}}"

    (tmp_path / "works.bib").write_text(text, "utf-8")
    works = works_beside(tmp_path / "reader.txt")

    assert works["fell1931"] == {
        "type": "book",
        "title": "The Lamp Book",
        "publisher": "Example Press",
        "author": [{"family": "Fell", "given": "Ida"}, {"family": "Tarn", "given": "Otto"}],
        "issued": {"date-parts": [[1931]]},
    }
    assert works["x"]["type"] == "article-journal"


def test_a_bibliography_beside_a_file_is_told_to_its_reader(folder: Path) -> None:
    (folder / "works.bib").write_text("@book{fell1931, title = {The Lamp Book}, author = {Fell, Ida}}", "utf-8")

    assert settings_for(folder / "reader.txt", folder).works["fell1931"]["title"] == "The Lamp Book"
