"""Work beside the encoder: the processor time of a question, less what encoding it alone takes.

Once over HTTP, by a client that asks one question after another, so that each is a batch of its own; and once in process,
stage by stage. Reading a question puts slips of the finger right; finding is both searches, fusing, duplicates and highlights.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle, islice

import httpx
import msgspec
import numpy as np

from benchmarks.homes import Subject, serving
from benchmarks.measure import Report, processor_seconds
from benchmarks.program import run
from index.records import Filters
from service.library import OpenIndex
from service.links import Links
from service.presenters import Presenter
from service.schemas import Timing
from service.settings import Settings
from service.wiring import assemble

LIMIT = 5
STAGES = ("reading", "encoding", "finding", "showing", "JSON")


def measure(on: Subject, rounds: int) -> Iterator[Report]:
    """Asks ``rounds`` questions in process and as many over HTTP, after as many that do not count."""
    questions = list(islice(cycle(on.read.questions), rounds))
    with opened(on) as (now, presenter):
        stages = {name: 1000 * seconds for name, seconds in zip(STAGES, _stages(now, presenter, questions), strict=True)}
        windows = now.collection.counts.windows
    served = 1000 * _served(on, questions)
    yield Report(
        benchmark="work beside the encoder",
        on=on.read.name,
        value=served - stages["encoding"],
        unit="ms of processor a question over HTTP",
        aim="≤ 1.5",
        figures={
            "windows": windows,
            "processor ms, served": served,
            **{f"processor ms, {name}": each for name, each in stages.items()},
            "processor ms, in process without encoding": sum(stages.values()) - stages["encoding"],
        },
    )


@contextmanager
def opened(on: Subject) -> Iterator[tuple[OpenIndex, Presenter]]:
    """The index opened in this process as the service opens it, and what shows its answers."""
    settings = Settings(home=on.home)
    library = assemble(settings)
    now = library.current()
    yield now, Presenter(now.collection, Links("http://127.0.0.1:8000"), settings.style)
    library.close()


def answer(now: OpenIndex, presenter: Presenter, question: str, tell: Callable[[], None]) -> bytes:
    """A question to JSON as the service does it; ``tell`` is called between the stages."""
    asked = now.retriever.parse(question, Filters())
    tell()
    (vector,) = now.batcher.embedder.embed([asked.words], "query")
    tell()
    findings = now.retriever.find(asked, vector, LIMIT)
    tell()
    view = presenter.answer(findings, Timing(0, 0))
    tell()
    return msgspec.json.encode(view)


def _stages(now: OpenIndex, presenter: Presenter, questions: list[str]) -> list[float]:
    """Mean seconds of processor of each stage."""
    taken = []
    for warm in (True, False):
        for question in questions:
            times = [time.process_time()]
            answer(now, presenter, question, lambda: times.append(time.process_time()))  # noqa: B023 — called before the next
            times.append(time.process_time())
            if not warm:
                taken.append(np.diff(times))
    means: list[float] = np.mean(taken, axis=0).tolist()
    return means


def _served(on: Subject, questions: list[str]) -> float:
    """Mean seconds of processor of a server that answers one question after another."""
    with serving(on.home) as server, httpx.Client(base_url=server.url, timeout=60) as client:
        for _ in ("warm", "counted"):
            before = processor_seconds(server.process_id)
            for question in questions:
                client.post("/v1/ask", json={"question": question, "limit": LIMIT}).raise_for_status()
        return (processor_seconds(server.process_id) - before) / len(questions)


if __name__ == "__main__":
    run(__doc__, measure, rounds=1000, on="stdlib")
