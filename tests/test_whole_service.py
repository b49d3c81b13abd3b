"""The whole service over real HTTP, with the real model on the sample collection: what a user gets."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.model

IBID = Path(sys.executable).parent / "ibid"


@contextmanager
def running(home: Path, *options: str) -> Iterator[str]:
    """The address of a service on a free port; it must end in peace."""
    command: list[str | Path] = [IBID, "serve", "--port", "0", "--home", home, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            told = re.search(r"http://\S+", process.stdout.readline())
            assert told
            yield told[0]
        finally:
            process.send_signal(signal.SIGTERM)
            _, log = process.communicate(timeout=60)
    assert "Traceback" not in log


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the sample collection, made as a user makes it."""
    home = tmp_path_factory.mktemp("whole") / ".ibid"
    subprocess.run([IBID, "index", "--sample", "--home", home], check=True, capture_output=True)
    return home


@pytest.fixture(scope="module")
def client(home: Path) -> Iterator[httpx.Client]:
    with running(home) as address, httpx.Client(base_url=address, timeout=60) as client:
        yield client


def ask(client: httpx.Client, question: str, **members: Any) -> Any:
    response = client.post("/v1/ask", json={"question": question, **members})
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (
            "Why is it risky to write ibid. in a text that may be rearranged?",
            "The weakness of ibid. is that it depends on its neighbours.",
        ),
        ("Which formula weighs words in the Okapi system?", "BM25 came out of the Okapi system"),
    ],
)
def test_a_question_in_ones_own_words_finds_its_passage(client: httpx.Client, question: str, told: str) -> None:
    answer = ask(client, question, limit=3)

    assert answer["status"] != "nothing_relevant"
    assert any(hit["text"].startswith(told) for hit in answer["hits"])


def test_what_the_sample_does_not_speak_of_is_not_answered(client: httpx.Client) -> None:
    answer = ask(client, "How long must a soft-boiled duck egg simmer at high altitude?")

    assert answer["status"] == "nothing_relevant"
    assert answer["hits"] == []


def test_every_hit_is_proved_by_the_document_itself(client: httpx.Client) -> None:
    for hit in ask(client, "How are passages ranked by a search engine?", limit=10)["hits"]:
        proof = client.get(hit["document"]["text_url"]).json()

        assert proof["text"] == hit["text"]
        assert proof["sha256"] == hit["document"]["sha256"]


def test_links_lead_to_pages_and_citations(client: httpx.Client) -> None:
    hit = ask(client, "What is BM25?", limit=1)["hits"][0]

    page = client.get(hit["url"])
    bibtex = client.get(f"/v1/excerpts/{hit['id']}/citation", params={"format": "bibtex"})

    assert page.status_code == bibtex.status_code == 200
    assert hit["citation"]["raw"] in page.text
    assert "Quoted in: The Ibid Handbook of Citing and Finding" in bibtex.text


def test_many_at_once_get_the_answers_of_one_at_a_time(client: httpx.Client) -> None:
    questions = [f"What does the handbook say about {topic}?" for topic in ("footnotes", "BM25", "FAISS", "concordances")]
    alone = [[hit["id"] for hit in ask(client, question)["hits"]] for question in questions]

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda question: [hit["id"] for hit in ask(client, question)["hits"]], questions * 4))

    assert together == alone * 4


def test_the_command_line_finds_what_the_service_finds(client: httpx.Client, home: Path) -> None:
    question = "Who wrote BibTeX, and when?"
    told = subprocess.run([IBID, "ask", question, "--json", "--home", home], check=True, capture_output=True, text=True).stdout

    assert [hit["id"] for hit in json.loads(told)["hits"]] == [hit["id"] for hit in ask(client, question)["hits"]]


def test_a_service_started_before_its_index_takes_it_up(tmp_path: Path, home: Path) -> None:
    with running(tmp_path / ".ibid") as address, httpx.Client(base_url=address, timeout=60) as client:
        before = client.post("/v1/ask", json={"question": "What is BM25?"})
        subprocess.run([IBID, "index", "--sample", "--home", tmp_path / ".ibid"], check=True, capture_output=True)
        after = client.post("/v1/ask", json={"question": "What is BM25?"})

    assert (before.status_code, after.status_code) == (503, 200)
    assert before.json()["type"] == "urn:ibid:index-missing"


def found(address: str, question: str) -> list[str]:
    """The excerpts found over a connection of its own, so that any worker may answer."""
    answer = httpx.get(f"{address}/v1/search", params={"q": question}, timeout=60).json()
    return [hit["id"] for hit in answer["hits"]]


@pytest.mark.slow
def test_several_workers_answer_as_one_and_count_together(home: Path) -> None:
    with running(home, "--workers", "2") as address:
        httpx.get(f"{address}/readyz", timeout=60)
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: found(address, "What is BM25?"), range(6)))
        counts = httpx.get(f"{address}/metrics", timeout=60).text

    assert answers == answers[:1] * len(answers)
    assert 'ibid_requests_total{method="GET",path="/v1/search",status="200"} 6.0' in counts
