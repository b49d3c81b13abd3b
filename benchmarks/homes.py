"""Indexes and servers for as long as a benchmark needs them; an index may be kept for the next."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import msgspec

from benchmarks.corpora import CORPORA, Corpus, corpus
from index.build import build_index
from index.collection import Collection
from index.embedders.registry import load_embedder
from index.home import Home
from index.records import SourceFile
from rag.calibration import NOTE
from rag.learning import learn

IBID = Path(sys.executable).with_name("ibid")
"""The command of the environment that runs the benchmark."""

COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}
"""Lets Python keep what it has compiled, as pip does for what it installs: in a source tree it would compile at every start."""


class Server(msgspec.Struct, frozen=True):
    """A running `ibid serve`."""

    process_id: int
    url: str


class Subject(msgspec.Struct, frozen=True):
    """What a benchmark is run on: a corpus, its index, and a folder for what else is needed meanwhile."""

    read: Corpus
    home: Path
    scratch: Path


def add_subject(parser: argparse.ArgumentParser, on: str = "sample") -> None:
    """The options that say what a benchmark is run on."""
    parser.add_argument("--on", choices=CORPORA, default=on, help="what to index and ask (default: %(default)s)")
    parser.add_argument("--home", type=Path, help="folder to keep the index in, or to take it from (default: none is kept)")
    parser.add_argument("--precision", default="fp32", help="what the encoder computes in (default: %(default)s)")


@contextmanager
def subject(options: argparse.Namespace) -> Iterator[Subject]:
    """What those options say, indexed."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        read = corpus(options.on, scratch)
        yield Subject(read, build_home(read, options.home or scratch / "home", options.precision), scratch)


def build_home(read: Corpus, folder: Path, precision: str = "fp32") -> Path:
    """Indexes the corpus as `ibid index` does, and returns the index's folder; one that holds it already is left as it is."""
    embedder = load_embedder(None, Home(folder).models, precision=precision)
    # By name, not by path: the same corpus converted into another folder is the same collection.
    build_index(folder, [SourceFile(file.name, file.read_bytes()) for file in read.files], embedder)
    with closing(Collection.open(folder)) as collection:
        if collection.note(NOTE) is None:
            learn(collection, embedder)
    return folder


@contextmanager
def serving(home: Path, *options: str, **variables: str) -> Iterator[Server]:
    """Runs `ibid serve` on a free port of this machine until the block ends; entered when it is ready to answer.

    It keeps no answers: the same questions are asked again and again.
    """
    with launched(home, *options, **variables) as server:
        _wait_until_ready(server.url)
        yield server


@contextmanager
def launched(home: Path, *options: str, **variables: str) -> Iterator[Server]:
    """The same, entered as soon as it has told its address: whoever asks then waits until it is ready."""
    command: list[str | Path] = [IBID, "serve", "--home", home, "--port", "0", *options]
    environment = {**os.environ, **COMPILED, "IBID_ANSWERS_KEPT": "0", **variables}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            url = next(word for word in process.stdout.readline().split() if word.startswith("http://"))
            yield Server(process.pid, url)
        finally:
            process.terminate()


def _wait_until_ready(url: str) -> None:
    until = time.monotonic() + 60
    while httpx.get(f"{url}/readyz", timeout=30).status_code != httpx.codes.OK:
        if time.monotonic() > until:
            raise TimeoutError(f"{url}/readyz is not ready after a minute")
        time.sleep(0.05)
