"""Time per question, in process and over HTTP, beside a bare ``encode`` of the question; everything loaded and warm.

Ours includes all that turns a question into JSON: encoding, both searches, joining, duplicates, highlights, citations.
"""

import asyncio
import itertools
import math
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

import msgspec

from benchmarks.bare import bare_model
from benchmarks.corpora import Corpus
from benchmarks.homes import Subject, serving
from benchmarks.measure import Report, in_turn, median, percentile, walls
from benchmarks.program import run
from index.records import Filters
from service.api import ask
from service.links import Links
from service.presenters import Presenter
from service.settings import Settings
from service.wiring import assemble

AIM = "≤ 0.6"
LIMIT = 5

AT_ONCE = 10
"""Questions of one side before it is the other's turn. For some milliseconds after a product torch's threads wait for the next by
spinning, and that must not fall on who comes next; nor should a figure of "warm" begin each time with the other's weights in the
caches."""


def measure(on: Subject, rounds: int) -> list[Report]:
    """Asks and encodes ``rounds`` questions one after another, in turn."""
    model = bare_model()
    with in_process(on.home) as ours, over_http(on.home) as remote:
        asked = {name: itertools.cycle(on.read.questions) for name in ("bare", "process", "http")}
        costs = in_turn(
            {
                "bare": lambda: model.encode(next(asked["bare"])),
                "process": lambda: ours(next(asked["process"])),
                "http": lambda: remote(next(asked["http"])),
            },
            math.ceil(rounds / AT_ONCE),
            warm=math.ceil(min(rounds, len(on.read.questions)) / AT_ONCE),
            at_once=AT_ONCE,
        )
    bare = walls(costs["bare"])
    return [
        _report(name, on.read, walls(costs[side]), bare) for name, side in (("asking", "process"), ("asking over HTTP", "http"))
    ]


@contextmanager
def in_process(home: Path) -> Iterator[Callable[[str], bytes]]:
    """Questions to JSON in this process, as the service answers them."""
    settings = Settings(home=home, answers_kept=0)
    library = assemble(settings)
    opened = library.current()
    presenter = Presenter(opened.collection, Links("http://127.0.0.1:8000"), settings.style)
    with asyncio.Runner() as runner:
        yield lambda question: msgspec.json.encode(runner.run(ask(opened, question, Filters(), LIMIT, None, presenter.answer)))
    library.close()


@contextmanager
def over_http(home: Path) -> Iterator[Callable[[str], bytes]]:
    """Questions to JSON by `ibid serve`, over one connection that stays open; by a client that hardly costs anything itself."""
    with serving(home) as server, closing(HTTPConnection(server.url.removeprefix("http://"))) as connection:

        def ask_it(question: str) -> bytes:
            body = msgspec.json.encode({"question": question, "limit": LIMIT})
            connection.request("POST", "/v1/ask", body, {"content-type": "application/json"})
            answer = connection.getresponse()
            if answer.status != HTTPStatus.OK:
                raise SystemExit(f"{server.url} answered {answer.status}")
            return answer.read()

        yield ask_it


def _report(name: str, read: Corpus, ours: list[float], bare: list[float]) -> Report:
    return Report(
        benchmark=name,
        on=read.name,
        value=median(ours) / median(bare),
        aim=AIM,
        figures={
            "questions": len(ours),
            "milliseconds, median, ibid": median(ours) * 1000,
            "milliseconds, 95 %, ibid": percentile(ours, 95) * 1000,
            "milliseconds, median, bare encode": median(bare) * 1000,
            "milliseconds, 95 %, bare encode": percentile(bare, 95) * 1000,
        },
    )


if __name__ == "__main__":
    run(__doc__, measure, rounds=200)
