"""Ibid beside comparable libraries, over the same paragraphs with the same weights: time to a first answer, throughput.

Each peer gets an environment of its own below --environments, which takes torch and sentence-transformers from the
environment that runs this, so that all compute with the same libraries. The first run installs them (about 600 MB).
"""

import argparse
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import httpx
import msgspec

from benchmarks.cold_start import COMMANDS, asked, served
from benchmarks.corpora import Corpus, corpus
from benchmarks.homes import build_home, serving
from benchmarks.load import Request, put_under_load, questions_of
from benchmarks.measure import Report, arguments, median, run_program, show
from index.embedders.model_config import find_model

SCRIPTS = Path(__file__).with_name("peer_scripts")
ENVIRONMENTS = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ibid-benchmarks"
CLIENTS = 16
TXTAI_PORT = 8798


class Peer(msgspec.Struct, frozen=True):
    """What is installed, the script that asks it, and whether asking needs the model's folder.

    ``alone`` is installed without what it asks for.
    """

    name: str
    requirements: tuple[str, ...]
    script: Path
    needs_model: bool
    alone: tuple[str, ...] = ()


TXTAI = Peer("txtai", ("txtai[api]==9.*",), SCRIPTS / "with_txtai.py", needs_model=False)
LLAMAINDEX = Peer(
    "LlamaIndex",
    ("llama-index-core>=0.14,<0.15", "llama-index-embeddings-huggingface>=0.8"),
    SCRIPTS / "with_llamaindex.py",
    needs_model=True,
)
# It asks for docling, a CUDA build of torch and transformers 4, none of which its search imports; and Milvus Lite 3 refuses the
# collection without vectors in which it keeps its documents.
VERBATIM_RAG = Peer(
    "verbatim-rag",
    ("pymilvus>=2.6.3,<2.7", "milvus-lite>=2.5,<3", "openai", "pydantic>=2", "jinja2", "rapidfuzz", "tqdm"),
    SCRIPTS / "with_verbatim_rag.py",
    needs_model=True,
    alone=("verbatim-rag==0.2.8", "verbatim-core==0.2.8"),
)
PEERS = (TXTAI, LLAMAINDEX, VERBATIM_RAG)


def main() -> None:
    """Installs what is missing, measures, and prints two reports."""
    parser = arguments(__doc__, rounds=3)
    parser.add_argument(
        "--environments", type=Path, default=ENVIRONMENTS, help="where peers are installed (default: %(default)s)"
    )
    parser.add_argument("--precision", default="fp32", help="what Ibid's encoder computes in (default: %(default)s)")
    options = parser.parse_args()
    pythons = {peer.name: install(peer, options.environments / peer.name) for peer in PEERS}
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        read = corpus("xquad", scratch)
        home = build_home(read, scratch / "home", options.precision)
        for peer in PEERS:
            run(pythons[peer.name], peer, "build", find_model().folder, read.files[0], scratch / peer.name)
        show(first_answers(read, home, scratch, pythons, options.rounds), as_json=options.json)
        show(throughput(read, home, scratch, pythons[TXTAI.name], options), as_json=options.json)


def install(peer: Peer, environment: Path) -> Path:
    """The Python of a peer's environment, made on the first run."""
    python = environment / "bin" / "python"
    if not (environment / "installed").exists():
        venv.create(environment, with_pip=True, clear=True)
        packages = subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], capture_output=True, text=True, check=True
        ).stdout.strip()
        (Path(packages) / "shared.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
        subprocess.run([python, "-m", "pip", "install", "--quiet", *peer.requirements], check=True)
        if peer.alone:
            subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", *peer.alone], check=True)
        (environment / "installed").touch()
    return python


def run(python: Path, peer: Peer, *words: str | Path) -> float:
    """Seconds that the peer's script takes, from the start of its process."""
    return run_program([python, peer.script, *words]).cost.wall


def first_answers(read: Corpus, home: Path, scratch: Path, pythons: dict[str, Path], rounds: int) -> Report:
    """From the start of a process to its first answer, in turn; a first round fills the page cache and does not count."""
    question, model = read.questions[0], find_model().folder
    seconds: dict[str, list[float]] = {name: [] for name in (*COMMANDS, *pythons)}
    for _ in range(rounds + 1):
        for name, first_answer in zip(COMMANDS, (asked, served), strict=True):
            seconds[name].append(first_answer(home, question).wall)
        for peer in PEERS:
            words = [model, scratch / peer.name] if peer.needs_model else [scratch / peer.name]
            seconds[peer.name].append(run(pythons[peer.name], peer, "ask", *words, question))
    medians = {name: median(each[1:]) for name, each in seconds.items()}
    return Report(
        benchmark="first answer, the fastest peer's time ÷ that of `ibid ask`",
        on=read.name,
        value=min(medians[name] for name in pythons) / medians["ibid ask"],
        unit="× as fast",
        aim="≥ 4",
        figures={f"seconds, {name}": each for name, each in medians.items()},
    )


def throughput(read: Corpus, home: Path, scratch: Path, python: Path, options: argparse.Namespace) -> Report:
    """Questions a second at 16 clients, of Ibid and of txtai's own HTTP service, in turn."""
    rates: dict[str, list[float]] = {"ibid": [], "txtai": []}
    ours = questions_of(read)
    theirs = [Request("GET", f"/search?query={quote(question)}&limit=5") for question in read.questions]
    with serving(home) as server, serving_txtai(python, scratch) as txtai:
        for _ in range(options.rounds):
            rates["ibid"].append(put_under_load(server.url, ours, scratch, clients=CLIENTS, seconds=5).rate)
            rates["txtai"].append(put_under_load(txtai, theirs, scratch, clients=CLIENTS, seconds=5).rate)
    return Report(
        benchmark=f"throughput at {CLIENTS} clients, {options.precision}",
        on=read.name,
        value=median(rates["ibid"]) / median(rates["txtai"]),
        unit="× txtai's",
        aim="≥ 10" if options.precision == "int8" else "≥ 8",
        figures={f"questions a second, {name}": median(each) for name, each in rates.items()},
    )


@contextmanager
def serving_txtai(python: Path, scratch: Path) -> Iterator[str]:
    """Txtai's own service over the index built before."""
    configuration = scratch / "txtai.yml"
    # It offers the routes of what its configuration names, and takes the rest from the index.
    embeddings = f"embeddings:\n  path: {find_model().folder}\n  content: true\n  hybrid: true\n"
    configuration.write_text(f"path: {scratch / TXTAI.name}\nwritable: false\n{embeddings}", encoding="utf-8")
    command: list[str | Path] = [python, "-m", "uvicorn", "txtai.api:app", "--port", str(TXTAI_PORT), "--log-level", "error"]
    url = f"http://127.0.0.1:{TXTAI_PORT}"
    with subprocess.Popen(command, env={**os.environ, "CONFIG": str(configuration)}, stdout=sys.stderr) as process:
        try:
            _wait_for(f"{url}/search?query=ready&limit=1")
            yield url
        finally:
            process.terminate()


def _wait_for(url: str) -> None:
    until = time.monotonic() + 120
    while True:
        try:
            httpx.get(url, timeout=30).raise_for_status()
        except httpx.TransportError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return


if __name__ == "__main__":
    main()
