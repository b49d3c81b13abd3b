"""A program for test_interruption.py: builds an index again and again, is killed each time, and looks what is left.

Every other round is killed after a random time, the others before a random statement to the catalog: the
transaction that counts takes too little time to be met by chance. Each round runs in processes of its own, forked
before any native library has started a thread. One JSON object a round goes to standard output: whether the builder was
killed, what was left, what verify says.
"""

import json
import os
import random
import signal
import sqlite3
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import faiss  # noqa: F401 — loaded once, before the forks
import tantivy  # noqa: F401

from index import catalog
from index.build import build_index
from index.catalog import writer as embedding
from index.collection import Collection
from index.embedders import TextKind, Vectors
from index.errors import IndexMissing
from index.home import WORD_UNITS
from index.records import SourceFile
from index.stores import Term, parts
from index.verify import verify
from tests.fakes import HashEmbedder
from tests.passages import indexing, quoting

VERSIONS: tuple[Sequence[SourceFile], ...] = ((indexing(),), (quoting(), indexing("moved.txt")), (quoting("b.txt"),))


class SlowEmbedder(HashEmbedder):
    def embed(self, texts: Sequence[str], kind: TextKind) -> Vectors:
        time.sleep(0.005)
        return super().embed(texts, kind)


def build(home: Path, version: int, last_statement: int | None = None) -> int:
    """Returns how many statements the catalog was given; dies before the one after ``last_statement``."""
    given = 0

    def count(statement: str) -> None:
        nonlocal given
        if given == last_statement:
            os.kill(os.getpid(), signal.SIGKILL)
        given += 1

    def connect_and_count(address: str) -> sqlite3.Connection:
        connection = connect(address)
        connection.set_trace_callback(count)
        return connection

    connect, catalog._connect = catalog._connect, connect_and_count
    embedding._BATCH_CHARACTERS = 1  # many moments to be killed at
    parts._TOGETHER, parts._GONE_SHARE = 0, 0.7  # what is so small is in parts, too
    build_index(home, VERSIONS[version], SlowEmbedder(seed=str(version)))
    return given


def look(home: Path) -> dict[str, object]:
    try:
        collection = Collection.open(home)
    except IndexMissing:
        return {"names": [], "findings": []}
    found, _ = collection.vectors.search(SlowEmbedder().embed(["quoted words"], "query"), 1)[0]
    collection.windows(found.tolist())
    for unit in WORD_UNITS:
        collection.words(unit).scores([[Term((("index", 1.0),))]])
    collection.phrases.holding(["index"])
    names = sorted(document.name for document in collection.documents())
    return {"names": names, "findings": [finding.found for finding in verify(home).findings]}


def in_a_process(work: Callable[[], object], kill_after: float | None = None) -> tuple[bool, str]:
    """Whether the process was killed, and what its work returned."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, json.dumps(work()).encode())
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(writing)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    told = b"".join(iter(lambda: os.read(reading, 65536), b"")).decode()
    os.close(reading)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise SystemExit(1)
    return os.WIFSIGNALED(status), told


def main(home: Path, rounds: int) -> None:
    start = time.monotonic()
    _, statements = in_a_process(lambda: build(home / "measured", 1))
    longest = 1.2 * (time.monotonic() - start)
    chance = random.Random(2)
    for one in range(rounds):
        version = one % len(VERSIONS)
        if one % 2:
            kill_after, last_statement = chance.uniform(0, longest), None
        else:
            kill_after, last_statement = None, chance.randrange(int(statements))
        killed, _ = in_a_process(partial(build, home / "killed", version, last_statement), kill_after)
        _, left = in_a_process(lambda: look(home / "killed"))
        wanted = sorted(file.name for file in VERSIONS[version])
        print(json.dumps({"killed": killed, "wanted": wanted} | json.loads(left)), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
