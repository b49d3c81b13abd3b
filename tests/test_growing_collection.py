"""Whatever was added, changed and taken away before, a collection is as if it had been made at once."""

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.build import build_index
from index.catalog import open_for_writing, transaction
from index.collection import Collection
from index.home import WORD_UNITS, Home
from index.records import SourceFile
from index.stores import Term, parts
from index.verify import verify
from tests.fakes import HashEmbedder

WORDS = "alpha bravo delta gamma omega trial paper age".split()
PEOPLE = (("Sample", "Ada"), ("Marlow", "Ada"), ("Sample", "Bo"), ("Doe", "Cy"))
TITLES = ("Cards", "The Paper Age", "Of Cards", "A Paper Age: Second Part")


def line(chance: random.Random) -> str:
    family, given = chance.choice(PEOPLE)
    work = {"type": "book", "title": chance.choice(TITLES), "author": [{"family": family, "given": given}]}
    text = " ".join(chance.choice(WORDS) for _ in range(chance.randint(3, 40)))
    return json.dumps({"text": f"{text}.", "citation": chance.choice([None, work])}) + "\n"


def change(files: dict[str, bytes], lines: list[str], chance: random.Random) -> None:
    """Some files come, change or go; excerpts come again in other files."""
    for _ in range(chance.randint(1, 3)):
        name = f"f{chance.randint(0, 7)}.jsonl"
        if chance.random() < 0.35:
            files.pop(name, None)
        else:
            own = json.dumps({"text": f"Only in {name} {chance.random()}"})
            files[name] = f"{''.join(chance.sample(lines, 3))}{line(chance)}{own}".encode()


def built(home: Path, files: dict[str, bytes]) -> dict[str, Any]:
    """What is asked of the index of these files, ids of the catalog apart."""
    build_index(home, [SourceFile(name, data) for name, data in sorted(files.items())], HashEmbedder())
    collection = Collection.open(home)
    rows = collection._snapshot.rows
    found: dict[str, Any] = {
        "excerpts": rows(
            "SELECT d.name, d.id, e.start, e.id, e.work FROM excerpts e JOIN documents d ON d.key = e.document ORDER BY 1, 2, 3"
        ),
        "works": rows("SELECT id, csl, spellings, likely FROM works ORDER BY place"),
        "vectors": rows("SELECT count(*) FROM vectors"),
        "cosines": np.sort(collection.vectors.scores(HashEmbedder().embed(["alpha trial"], "query"))).tolist(),
        "phrases": len(collection.phrases.holding(["paper age"])),
    }
    for unit in WORD_UNITS:
        store = collection.words(unit)
        asked = [[Term(((word, 1.0),)) for word in ("alpha", "trial", "paper")], [Term((("age", 1.0), ("omega", 0.5)))]]
        found[unit] = (dict(store.lexicon.frequencies), np.sort(store.scores(asked)).tolist())
    collection.close()
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_after_any_changes_it_is_what_one_run_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    chance = random.Random(seed)
    lines = [line(chance) for _ in range(12)]
    files = {"first.jsonl": "".join(lines[:4]).encode()}
    if seed > 1:
        monkeypatch.setattr(parts, "_TOGETHER", 0)

    for number in range(5):
        change(files, lines, chance)
        grown = built(tmp_path / "grown", files)
        assert grown == built(tmp_path / f"once{number}", files)

    assert grown["works"] == sorted(grown["works"])
    assert verify(tmp_path / "grown").findings == ()


def test_what_an_earlier_version_has_written_of_works_is_made_again(tmp_path: Path) -> None:
    chance = random.Random(4)
    lines = [line(chance) for _ in range(9)]
    files = {"a.jsonl": "".join(lines[:6]).encode(), "b.jsonl": "".join(lines[3:]).encode()}
    built(tmp_path / "grown", {"a.jsonl": files["a.jsonl"]})
    with open_for_writing(Home(tmp_path / "grown")) as connection, transaction(connection):
        connection.execute("UPDATE excerpts SET work = '' WHERE work = (SELECT min(work) FROM surnames)")
        connection.execute("DELETE FROM surnames WHERE work = (SELECT min(work) FROM surnames)")

    assert built(tmp_path / "grown", files) == built(tmp_path / "once", files)


def test_a_run_writes_what_is_new_and_names_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_TOGETHER", 0)
    chance = random.Random(5)
    first = {f"f{number}.jsonl": "".join(line(chance) for _ in range(9)).encode() for number in range(9)}
    built(tmp_path, first)
    before = {file.stat().st_ino for unit in WORD_UNITS for file in Home(tmp_path).words(unit).iterdir()}

    built(tmp_path, {**first, "new.jsonl": line(chance).encode()})

    files = [file for unit in WORD_UNITS for file in Home(tmp_path).words(unit).iterdir()]
    assert before < {file.stat().st_ino for file in files}
    assert len(files) == 3 * len(WORD_UNITS)


def test_a_part_that_is_lost_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_TOGETHER", 0)
    chance = random.Random(6)
    files = {f"f{number}.jsonl": "".join(line(chance) for _ in range(9)).encode() for number in range(5)}
    built(tmp_path, files)
    files["new.jsonl"] = line(chance).encode()
    wanted = built(tmp_path, files)

    for pattern in ("vectors/*.0.faiss", "words/windows/*.parts", "words/excerpts/*.0.safetensors"):
        [lost] = tmp_path.glob(pattern)
        lost.unlink()
        assert [finding.subject for finding in verify(tmp_path).findings] != []
        assert built(tmp_path, files) == wanted
        assert verify(tmp_path).findings == ()
