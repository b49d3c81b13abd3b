"""Verifying finds what was changed behind Ibid's back, names it, and changes nothing itself."""

import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from index.build import build_index
from index.catalog import pack
from index.catalog.reader import Snapshot
from index.checksums import seal_folder
from index.derived import phrases_path, vectors_path, words_path
from index.errors import IndexDamaged, IndexMissing
from index.home import WORD_UNITS, Home, WordUnit
from index.readers import read_file
from index.readers.jsonl import export_line
from index.records import SourceFile
from index.stores import LexicalEntry
from index.stores.phrases import TantivyPhrases
from index.stores.segments import WordIndex
from index.stores.vectors import FaissFlat
from index.verify import verify
from tests.fakes import HashEmbedder
from tests.passages import indexing, quoting

NONE = np.empty(0, np.int64)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    [reading] = read_file(SourceFile("a.md", b"A line before.\n\nA note that stands alone.\n"))
    exported = SourceFile("part.jsonl", (export_line(reading.excerpts[-1], reading.document) + "\n").encode())
    summary = build_index(tmp_path, [indexing(), quoting(), exported], HashEmbedder())
    assert summary.failures == ()
    return Home(tmp_path)


def tamper(home: Home, statement: str, *parameters: object) -> None:
    connection = sqlite3.connect(home.catalog)
    with connection:
        connection.execute(statement, parameters)
    connection.close()


def findings(home: Home) -> list[str]:
    return [f"{finding.subject}: {finding.found}" for finding in verify(home.folder).findings]


def test_a_sound_index_has_no_findings_and_tells_what_was_checked(home: Home) -> None:
    verification = verify(home.folder)

    assert verification.findings == ()
    assert (verification.generation, verification.documents, verification.excerpts) == (1, 3, 6)
    assert verification.windows >= 6


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE excerpts SET text = replace(text, 'index', 'folly') WHERE text LIKE '%index%'", "not what stands at its place"),
        ("UPDATE excerpts SET start = start + 1, end = end + 1", "not what stands at its place"),
        ("UPDATE excerpts SET id = '0123456789abcdef' WHERE key = 1", "id is not that of its text"),
        ("UPDATE documents SET file_sha256 = 'x'", "not those that were indexed"),
        ("UPDATE documents SET encoding = 'utf-16'", "not what its bytes decode to"),
        ("UPDATE documents SET encoding = 'no such codec'", "not what its bytes decode to"),
        ("UPDATE documents SET text = x'01ffff'", "cannot be unpacked"),
        ("UPDATE windows SET end = end - 5 WHERE id = 1", "its windows do not hold all of its text"),
        ("DELETE FROM windows WHERE id = 1", "its windows do not hold all of its text"),
        ("UPDATE windows SET vector = (SELECT max(vector) FROM windows) WHERE id = 1", "vector is that of another text"),
        ("UPDATE vectors SET embedder = 'other'", "vector is that of another text or embedder"),
        ("UPDATE vectors SET vector = zeroblob(length(vector)) WHERE key = 1", "not of length 1"),
        ("UPDATE windows SET excerpt = 999 WHERE id = 1", "refers to something that is not there"),
        ("UPDATE excerpts SET citation = replace(citation, 'Marlow', 'Barlow') WHERE key = 1", "row 1 of excerpts is not"),
        ("UPDATE documents SET title = 'Another title' WHERE key = 1", "row 1 of documents is not what was written"),
        ("UPDATE works SET csl = replace(csl, '19', '18')", "of works is not what was written"),
        ("UPDATE windows SET end = end + 1 WHERE id = 1", "row 0 of windows is not what was written"),
        ("UPDATE vectors SET vector = substr(vector, 1, 60) || x'00000001' WHERE key = 1", "row 1 of vectors is not"),
        ("DELETE FROM sums WHERE kind = 'files'", "row 1 of files is not what was written"),
    ],
)
def test_what_was_changed_in_the_catalog_is_found(home: Home, statement: str, told: str) -> None:
    tamper(home, statement)

    assert any(told in finding for finding in findings(home))


def test_a_state_that_was_changed_is_damage(home: Home) -> None:
    tamper(home, "UPDATE state SET stamp = 'other'")

    with pytest.raises(IndexDamaged, match="its state is not what was written"):
        verify(home.folder)


def test_bytes_of_another_file_are_found(home: Home) -> None:
    tamper(home, "UPDATE files SET data = ? WHERE name = 'quoting.txt'", pack(indexing().data))

    assert len([finding for finding in findings(home) if "(quoting.txt)" in finding]) == 2


def test_an_export_read_differently_is_found(home: Home) -> None:
    tamper(home, "UPDATE documents SET text = ? WHERE name = 'a.md'", pack(b"A note at another place"))

    assert any("document" in finding and "(a.md)" in finding for finding in findings(home))


def test_a_vector_changed_in_the_vector_index_is_found_with_the_remedy(home: Home) -> None:
    path = vectors_path(home, Snapshot(home).state.stamp)
    store = FaissFlat.load(path)
    store.update(NONE, store.ids[:1], store.vectors(store.ids[:1])[:, ::-1])
    store.save(path)

    [finding] = verify(home.folder).findings

    assert finding.found == "its vector in the vector index is not that of the catalog"
    assert "delete the folder" in finding.remedy


@pytest.mark.parametrize("unit", WORD_UNITS)
def test_an_entry_changed_or_gone_in_a_word_index_is_found(home: Home, unit: WordUnit) -> None:
    path = words_path(home, unit, Snapshot(home).state.stamp)
    entries = [*Snapshot(home).lexical_entries(unit, Snapshot(home).entry_ids(unit))]
    WordIndex.of([LexicalEntry(1, "other words"), *entries[1:]]).save(path)
    changed = findings(home)
    WordIndex.of(entries[1:]).save(path)

    assert changed == [f"word index of {unit}: its words are not those of the catalog"]
    assert findings(home) == [f"word index of {unit}: its {unit} are not those of the catalog"]


def test_an_entry_changed_or_gone_in_the_phrase_index_is_found(home: Home) -> None:
    path = phrases_path(home, Snapshot(home).state.stamp)
    store = TantivyPhrases(path)
    store.update(NONE, [LexicalEntry(1, "other words")])
    unsealed = findings(home)
    seal_folder(path)
    changed = findings(home)
    store.update(np.array([1]), [])
    seal_folder(path)

    assert "not what was written" in unsealed[0]
    assert changed == ["phrase index: it does not find number 1 by its own words"]
    assert findings(home) == ["phrase index: its excerpts are not those of the catalog"]


def test_derived_files_that_are_missing_or_broken_are_told_and_left_alone(home: Home) -> None:
    shutil.rmtree(home.words("windows"))
    shutil.rmtree(home.phrases)
    vectors_path(home, Snapshot(home).state.stamp).write_bytes(b"x")

    told = findings(home)

    assert [finding.split(":")[0] for finding in told] == ["vector index", "word index of windows", "phrase index"]
    assert findings(home) == told


def test_no_index_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        verify(tmp_path)


def test_pages_overwritten_in_the_catalog_are_told(home: Home) -> None:
    content = bytearray(home.catalog.read_bytes())
    content[8192:-4096] = b"\xa5" * (len(content) - 8192 - 4096)
    home.catalog.write_bytes(content)

    with pytest.raises(IndexDamaged, match="cannot be read"):
        verify(home.folder)
