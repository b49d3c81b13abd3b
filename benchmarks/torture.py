"""Damages an index, kills its writers and lets its disk fail, many times, and looks whether an answer is ever wrong in silence.

    python -m benchmarks.torture --corruptions 1000 --kills 1000 --disk-errors 300

Every round looks at the index as a reader does: all excerpts, works and documents, and the findings for some questions. What it
gets has to be what the sound index gives (of the generation before or after, where a writer was stopped), or it is told: by an
error of Ibid's, or by a notice. Anything else is wrong, and so is a crash. A round can be run again by its seed.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np

from index.build import build_index
from index.collection import Collection
from index.errors import IbidError, IndexMissing
from index.records import SourceFile
from rag.calibration import NOTE
from rag.learning import learned
from rag.query import parse_question
from rag.retrieve import Retriever
from tests.fakes import HashEmbedder

SHIM = Path(__file__).with_name("faulty_disk.c")
QUESTIONS = ("Who kept the lamp of the ninth tower?", "When did the bell of the third tower fall silent?", '"trimmed the wick"')
_ERRORS = {28: "no space", 5: "input/output error"}
_SECONDS = 120


class Told(Exception):
    """The index said that something is wrong."""


def collection(version: int) -> list[SourceFile]:
    """A small collection in one of two versions."""
    numbers = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
    files = []
    for part in range(3):
        parts = [f"The Lighthouse Reader {part}\n\nTOWERS OF PART {part}\n"]
        for at, number in enumerate(numbers):
            other = "" if version == 0 or (at + part) % 3 else " It was painted anew that year."
            parts.append(
                f"The keeper of the {number} tower, coast {part}, trimmed the wick every {at + 2} hours.{other} "
                f"The bell of the {number} tower fell silent in {1900 + 7 * at + part}.\n\n"
                f"Marsh, Edith. The Northern Lights {part}. London: Harbour Press, {1920 + at}, p. {10 * at + 3}\n"
            )
        files.append(SourceFile(f"coast-{part}.txt", "\n".join(parts).encode()))
    return files


def build(home: Path, version: int) -> None:
    """Indexes one version of the collection, calibrated."""
    embedder = HashEmbedder()
    build_index(home, collection(version), embedder, learn=lambda opened: learned(opened, embedder))


def look(home: Path) -> str:
    """All that a reader gets of an index, as one text.

    Raises:
        Told: it says that something is wrong.
    """
    try:
        opened = Collection.open(home)
        opened.open_searches()
        if opened.notices or opened.note(NOTE) is None:
            raise Told(str(opened.notices or "not calibrated"))
        retriever = Retriever(opened)
        found = []
        for line in QUESTIONS:
            question = parse_question(line)
            (vector,) = HashEmbedder().embed([question.words], "query")
            found.append(retriever.find(question, np.asarray(vector), 5))
        excerpts = opened.excerpts(opened.excerpt_ids())
        texts = [opened.document_text(card.id, 0, card.characters) for card in opened.documents()]
        seen = [
            [msgspec.structs.replace(each, generation=0) for each in found],
            excerpts,
            opened.works(),
            opened.documents(),
            texts,
        ]
        opened.close()
    except IbidError as error:
        raise Told(str(error)) from error
    return msgspec.json.encode(seen).decode()


def outcome(home: Path, allowed: Sequence[str]) -> str:
    """``right``, ``told: …``, ``missing`` or ``WRONG`` of what a reader gets; ``allowed`` are digests of what is right."""
    try:
        return "right" if digest(look(home)) in allowed else "WRONG: another answer"
    except Told as told:
        return "missing" if isinstance(told.__cause__, IndexMissing) else f"told: {told}"


def digest(text: str) -> str:
    """What two answers are compared by."""
    return hashlib.sha256(text.encode()).hexdigest()


def in_a_process(work: Callable[[], str], kill_after: float | None = None) -> str:
    """What ``work`` returned in a process of its own, or how that ended."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            told = work()
        except BaseException:
            told = f"WRONG: {traceback.format_exc()}"
        os.write(writing, told.encode()[:60_000])
        os._exit(0)
    os.close(writing)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reading, "rb") as told_by:
        told = told_by.read().decode()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and kill_after is None:
        return f"WRONG: ended by signal {os.WTERMSIG(status)}"
    return told


def corrupt(home: Path, chance: random.Random) -> str:
    """Changes one file at random, and says how."""
    files = sorted(path for path in home.rglob("*") if path.is_file() and not path.name.endswith(".lock") and path.stat().st_size)
    catalog = home / "catalog.sqlite3"
    path = catalog if chance.random() < 0.6 else chance.choice(files)
    content = bytearray(path.read_bytes())
    at = chance.randrange(len(content))
    kind = chance.choice(["bit", "byte", "run", "page", "cut", "swap"])
    if kind == "bit":
        content[at] ^= 1 << chance.randrange(8)
    elif kind == "byte":
        content[at] = (content[at] + chance.randrange(1, 256)) % 256
    elif kind == "run":
        content[at : at + 16] = chance.randbytes(len(content[at : at + 16]))
    elif kind == "page":
        start = at - at % 4096
        content[start : start + 4096] = bytes(len(content[start : start + 4096]))
    elif kind == "cut":
        del content[at:]
    else:
        other = chance.randrange(len(content))
        content[at : at + 64], content[other : other + 64] = content[other : other + 64], content[at : at + 64]
    path.write_bytes(content)
    return f"{kind} at {at} of {path.relative_to(home)}"


class Rack:
    """A scratch folder with both versions of a sound index, and what readers get of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.homes = [folder / "sound-0", folder / "sound-1"]
        for version, home in enumerate(self.homes):
            in_a_process(lambda home=home: _built(home, 0))  # type: ignore[misc]  # binds this home
            if version:
                in_a_process(lambda home=home: _built(home, 1))  # type: ignore[misc]
        self.seen = [in_a_process(lambda home=home: digest(look(home))) for home in self.homes]  # type: ignore[misc]

    def copy(self) -> Path:
        """A copy of the first version, to be tortured."""
        home = self.folder / "tortured"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(self.homes[0], home)
        return home

    def corruption(self, seed: int) -> tuple[str, str]:
        """One change of one file: what was done, and what a reader gets."""
        home = self.copy()
        done = corrupt(home, random.Random(seed))  # noqa: S311 — damage, not a secret
        return done, in_a_process(lambda: outcome(home, self.seen[:1]))

    def kill(self, seed: int, longest: float) -> tuple[str, str]:
        """One writer killed."""
        home = self.copy()
        after = random.Random(seed).uniform(0, longest)  # noqa: S311 — damage, not a secret
        in_a_process(lambda: _built(home, 1), kill_after=after)
        return f"killed after {after:.3f} s", in_a_process(lambda: outcome(home, self.seen))

    def disk_error(self, seed: int, shim: Path) -> tuple[str, str]:
        """One writer whose disk fails; what it says, and what a reader gets afterwards of a disk that works again."""
        chance = random.Random(seed)  # noqa: S311 — damage, not a secret
        home = self.copy()
        error, reads, stays = chance.choice(sorted(_ERRORS)), chance.random() < 0.3, chance.random() < 0.5
        set_to = {
            "LD_PRELOAD": str(shim),
            "IBID_FAULTY_FOLDER": str(home),
            "IBID_FAULT_AT": str(chance.randrange(1, 260)),
            "IBID_FAULT_ERROR": str(error),
            **({"IBID_FAULT_READS": "1"} if reads else {}),
            **({"IBID_FAULT_STAYS": "1"} if stays else {}),
        }
        command = [sys.executable, "-m", "benchmarks.torture", "--build", str(home)]
        root = Path(__file__).parents[1]
        run = subprocess.run(
            command, env=os.environ | set_to, cwd=root, capture_output=True, text=True, check=False, timeout=_SECONDS
        )
        done = f"{_ERRORS[error]} at {set_to['IBID_FAULT_AT']}, reads {reads}, stays {stays}"
        if run.returncode not in (0, 1):
            return done, f"WRONG: the writer ended with {run.returncode}: {run.stderr[-2000:]}"
        return done, in_a_process(lambda: outcome(home, self.seen))


def _built(home: Path, version: int) -> str:
    build(home, version)
    return "built"


def compile_shim(folder: Path) -> Path:
    """The library that lets a disk fail. Raises OSError or CalledProcessError where there is no compiler."""
    shim = folder / "faulty_disk.so"
    command = ["gcc", "-shared", "-fPIC", "-O1", "-o", str(shim), str(SHIM), "-ldl"]
    subprocess.run(command, check=True, capture_output=True)
    return shim


def torture(folder: Path, corruptions: int, kills: int, disk_errors: int, seed: int = 1) -> dict[str, list[tuple[str, str]]]:
    """All rounds: for each kind what was done and what came of it."""
    rack = Rack(folder)
    started = time.monotonic()
    in_a_process(lambda: _built(rack.copy(), 1))
    longest = 1.1 * (time.monotonic() - started)
    shim = compile_shim(folder) if disk_errors else folder
    return {
        "corruptions": [rack.corruption(seed + each) for each in range(corruptions)],
        "kills": [rack.kill(seed + each, longest) for each in range(kills)],
        "disk errors": [rack.disk_error(seed + each, shim) for each in range(disk_errors)],
    }


def _build_and_tell(home: Path) -> int:
    """The writer of a round with a failing disk: 0 where it succeeded, 1 where it said why not."""
    try:
        build(home, 1)
    except IbidError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def main() -> None:
    """Runs the rounds, and fails where one was wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corruptions", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--disk-errors", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--build", type=Path, help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.build:
        sys.exit(_build_and_tell(told.build))
    with tempfile.TemporaryDirectory(prefix="ibid-torture-") as folder:
        rounds = torture(Path(folder), told.corruptions, told.kills, told.disk_errors, told.seed)
    wrong = 0
    for kind, results in rounds.items():
        counts = Counter(result.partition(":")[0] for _, result in results)
        print(f"{kind}: {json.dumps(counts)}")
        for number, (done, result) in enumerate(results):
            if result.startswith("WRONG") or result == "missing" or not result:
                wrong += 1
                print(f"  seed {told.seed + number}: {done}\n    {result}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
