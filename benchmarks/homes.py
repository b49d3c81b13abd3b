"""Indexes and servers for as long as a benchmark needs them."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec

from benchmarks.corpora import Corpus
from index.build import build_index, find_files
from index.embedders.registry import load_embedder
from index.home import Home

IBID = Path(sys.executable).with_name("ibid")
"""The command of the environment that runs the benchmark."""


class Server(msgspec.Struct, frozen=True):
    """A running `ibid serve`."""

    process_id: int
    url: str


def build_home(read: Corpus, folder: Path, precision: str = "fp32") -> Path:
    """Indexes the corpus as `ibid index` does, and returns the index's folder."""
    build_index(folder, find_files(read.files), load_embedder(None, Home(folder).models, precision=precision))
    return folder


@contextmanager
def serving(home: Path, *options: str) -> Iterator[Server]:
    """Runs `ibid serve` on a free port of this machine until the block ends; entered when it is ready to answer."""
    command: list[str | Path] = [IBID, "serve", "--home", home, "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            url = next(word for word in process.stdout.readline().split() if word.startswith("http://"))
            _wait_until_ready(url)
            yield Server(process.pid, url)
        finally:
            process.terminate()


def _wait_until_ready(url: str) -> None:
    until = time.monotonic() + 60
    while httpx.get(f"{url}/readyz", timeout=30).status_code != httpx.codes.OK:
        if time.monotonic() > until:
            raise TimeoutError(f"{url}/readyz is not ready after a minute")
        time.sleep(0.05)
