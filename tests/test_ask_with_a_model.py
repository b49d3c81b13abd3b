"""``POST /v1/ask`` with a language model: whole and as events, over real HTTP, whatever the model does."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.server_tables import Backend
from tests.running import QUESTION, running, scripted_backend, until
from tests.scripted_server import ScriptedServer, Turn, scripted_server
from tests.shelf import TEXT

GOOD = 'According to Quill, "The fog bell was rung by hand" [1]. It was loud.'

SHOWN = "According to Quill, “The fog bell was rung by hand” [1]. It was loud."


@contextmanager
def scripted(home: Path, *turns: Turn, **settings: Any) -> Iterator[tuple[httpx.Client, ScriptedServer]]:
    """A client of a service whose only backend follows a script."""
    more = settings.pop("backend", {})
    with (
        scripted_server(*turns) as script,
        running(home, scripted_backend(script, **more), **settings) as address,
        httpx.Client(base_url=address, timeout=30) as client,
    ):
        yield client, script


def ask(client: httpx.Client, **members: Any) -> Any:
    response = client.post("/v1/ask", json={"question": QUESTION, "mode": "answer", **members})
    assert response.status_code == 200, response.text
    return response.json()


def events(client: httpx.Client, **members: Any) -> list[tuple[str, Any]]:
    body = {"question": QUESTION, "mode": "answer", "stream": True, **members}
    with client.stream("POST", "/v1/ask", json=body) as response:
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        return list(read_events(response))


def read_events(response: httpx.Response) -> Iterator[tuple[str, Any]]:
    name = ""
    for line in response.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))
        elif line.startswith(":"):
            yield "comment", line


def test_the_answer_comes_with_the_passages_and_the_whole_check(home: Path) -> None:
    with scripted(home, Turn(GOOD)) as (client, _):
        answer = ask(client)

    assert answer["answer"] == SHOWN
    assert answer["problem"] is None
    assert answer["hits"][0]["text"].startswith("The fog bell was rung by hand")
    assert answer["passages"][0] == {"number": 1, "excerpt": answer["hits"][0]["id"], "url": answer["hits"][0]["url"]}
    check = answer["check"]
    assert (check["backend"], check["model"], check["abstained"], check["truncated"]) == ("scripted", "scripted-1", False, False)
    assert check["usage"]["prompt_tokens"] == 11
    assert len(check["prompt_digest"]) == 64
    first, second = [sentence for sentence in check["sentences"] if sentence["kind"] == "sentence"]
    assert (first["citations"], first["cites"], first["stands"]) == ([1], True, True)
    assert (second["citations"], second["cites"], second["stands"]) == ([], False, False)
    assert SHOWN[first["start"] : first["end"]] == first["text"]
    assert [node["type"] for node in first["nodes"]] == ["words", "quoted", "words", "cites", "words"]
    assert first["support"]["verdict"] == "supported"


QUOTED = SHOWN.replace("“", '<span class="quoted">“').replace("”", "”</span>")


@pytest.mark.parametrize(("outlet", "shown"), [("plain", SHOWN), ("html", f"<p>{QUOTED}</p>")])
def test_an_answer_can_be_had_as_plain_text_and_as_html(home: Path, outlet: str, shown: str) -> None:
    with scripted(home, Turn(GOOD)) as (client, _):
        assert ask(client, format=outlet)["answer"] == shown


def test_a_proved_quotation_says_where_it_stands_in_its_document(home: Path) -> None:
    with scripted(home, Turn(GOOD)) as (client, _):
        (quotation,) = ask(client)["check"]["sentences"][0]["quotations"]

    assert quotation["finding"]["verdict"] == "exact"
    (place,) = quotation["finding"]["places"]
    assert TEXT[place["document_start"] : place["document_end"]] == place["text"] == "The fog bell was rung by hand"


def test_an_altered_quotation_is_shown_without_marks_and_with_its_changes(home: Path) -> None:
    lie = 'According to Quill, "The fog bell was never rung by hand" [1]. It hung there [1].'

    with scripted(home, Turn(lie)) as (client, _):
        answer = ask(client)

    assert '"' not in answer["answer"]
    (quotation,) = answer["check"]["sentences"][0]["quotations"]
    assert (quotation["action"], quotation["finding"]["verdict"]) == ("unquoted", "altered")
    assert [change["quoted"] for change in quotation["finding"]["changes"] if change["kind"] == "added"] == ["never"]


def test_the_sources_words_can_replace_an_altered_quotation(home: Path) -> None:
    lie = 'According to Quill, "The fog bell was never rung by hand" [1].'

    with scripted(home, Turn(lie + " It hung there [1]."), unproved="source") as (client, _):
        answer = ask(client)

    assert "never" not in answer["answer"]
    assert "The fog bell was rung by hand" in answer["answer"]


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        ("status", "failed"),
        ("hang", "did not answer in time"),
        ("hang_midway", "did not answer in time"),
        ("drop", "Language model"),
        ("html", "broke off in the middle or sent no stream"),
        ("broken_json", "answered rubbish"),
        ("odd_json", "answered rubbish"),
        ("error_midway", "broke off with an error"),
        ("no_stream", "broke off in the middle or sent no stream"),
    ],
)
def test_whatever_the_model_does_the_passages_are_there(home: Path, behaviour: Any, told: str) -> None:
    with scripted(home, Turn(GOOD, behaviour=behaviour), backend={"timeout_seconds": 0.5}) as (client, _):
        answer = ask(client)

    assert answer["answer"] is None
    assert answer["problem"]["type"] == "urn:ibid:backend-failed"
    assert told.lower() in answer["problem"]["detail"].lower()
    assert answer["hits"]


def test_nobody_listening_there_costs_no_passages_either(home: Path) -> None:
    nobody = {"gone": Backend(model="m", base_url="http://127.0.0.1:9/v1", retries=0)}

    with running(home, nobody) as address:
        answer = httpx.post(f"{address}/v1/ask", json={"question": QUESTION, "mode": "answer"}, timeout=30).json()

    assert "cannot be reached" in answer["problem"]["detail"]
    assert answer["hits"]


def test_an_answer_that_does_not_stand_is_not_shown(home: Path) -> None:
    with scripted(home, Turn("Owls rang it, as everybody knows.")) as (client, _):
        answer = ask(client)

    assert answer["answer"] is None
    assert answer["problem"]["type"] == "urn:ibid:nothing-stands"
    assert answer["check"]["text"] == "Owls rang it, as everybody knows."


def test_nothing_relevant_is_no_question_for_a_model(home: Path) -> None:
    with scripted(home, Turn(GOOD)) as (client, script):
        answer = ask(client, filters={"author": "nobody"})

        assert answer["problem"]["type"] == "urn:ibid:nothing-relevant"
        assert answer["check"] is None
        assert script.bodies == []


def test_events_come_in_order_and_add_up_to_the_answer(home: Path) -> None:
    with scripted(home, Turn(GOOD)) as (client, _):
        told = events(client)
        whole = ask(client)

    assert told[0][0] == "hits"
    assert {name for name, _ in told[1:-1]} == {"delta", "check"}
    assert told[-1][0] == "done"
    assert "".join(data["text"] for name, data in told if name == "delta") == told[-1][1]["answer"] == whole["answer"]
    sentences = [sentence for name, data in told if name == "check" for sentence in data["sentences"]]
    assert sentences == told[-1][1]["check"]["sentences"] == whole["check"]["sentences"]
    assert told[0][1]["passages"] == whole["passages"]
    assert [hit["id"] for hit in told[0][1]["hits"]] == [hit["id"] for hit in whole["hits"]]


def test_passages_can_be_streamed_too(home: Path) -> None:
    with scripted(home, Turn(GOOD)) as (client, script):
        told = events(client, mode="passages")

        assert [name for name, _ in told] == ["hits", "done"]
        assert told[1][1] == {"answer": None, "check": None, "problem": None}
        assert script.bodies == []


def test_the_passages_are_there_before_the_model_has_said_a_word(home: Path) -> None:
    with scripted(home, Turn(GOOD, behaviour="hang"), backend={"timeout_seconds": 1.0}) as (client, _):
        body = {"question": QUESTION, "mode": "answer", "stream": True}
        started = time.monotonic()
        with client.stream("POST", "/v1/ask", json=body) as response:
            first = next(read_events(response))
            waited = time.monotonic() - started

    assert first[0] == "hits"
    assert waited < 1.0


def test_a_silent_stream_gives_signs_of_life(home: Path) -> None:
    with scripted(home, Turn(GOOD, pause=0.15), keep_alive_seconds=0.05) as (client, _):
        told = events(client)

    assert ("comment", ": still at it") in told
    assert told[-1][0] == "done"


def test_a_model_that_fails_midway_ends_the_stream_with_a_reason(home: Path) -> None:
    with scripted(home, Turn("It was rung by hand [1]. " * 8, behaviour="drop")) as (client, _):
        told = events(client)

    assert any(name == "delta" for name, _ in told)
    assert told[-1][1]["answer"] is None
    assert told[-1][1]["problem"]["type"] == "urn:ibid:backend-failed"


LONG = Turn("It was rung by hand [1]. " * 200, pause=0.05)


def test_a_client_that_leaves_a_stream_stops_the_model(home: Path) -> None:
    with scripted(home, LONG) as (client, script):
        body = {"question": QUESTION, "mode": "answer", "stream": True}
        with client.stream("POST", "/v1/ask", json=body) as response:
            for name, _ in read_events(response):
                if name == "delta":
                    break

        assert until(lambda: script.abandoned == 1)


def test_a_client_that_leaves_before_the_first_word_stops_the_model(home: Path) -> None:
    with scripted(home, Turn("It was rung by hand [9]. " * 200, pause=0.05)) as (client, script):
        body = {"question": QUESTION, "mode": "answer", "stream": True}
        with client.stream("POST", "/v1/ask", json=body) as response:
            told = read_events(response)
            assert next(told)[0] == "hits"
            assert until(lambda: script.bodies)

        assert until(lambda: script.abandoned == 1)


@pytest.mark.parametrize("path", ["/v1/ask", "/v1/chat/completions", "/v1/responses"])
def test_a_client_that_does_not_wait_for_the_whole_answer_stops_the_model(home: Path, path: str) -> None:
    with scripted(home, LONG) as (client, script):
        body = {"question": QUESTION, "mode": "answer"}
        if path != "/v1/ask":
            body = {"model": "ibid/scripted", "messages": [{"role": "user", "content": QUESTION}]}  # type: ignore[dict-item]
        if path == "/v1/responses":
            body = {"model": "ibid/scripted", "input": QUESTION}
        with pytest.raises(httpx.ReadTimeout):
            client.post(path, json=body, timeout=httpx.Timeout(30, read=1.0))

        assert until(lambda: script.abandoned == 1)


def test_a_chat_window_that_closes_stops_the_model(home: Path) -> None:
    with scripted(home, LONG) as (client, script):
        body = {"model": "ibid/scripted", "stream": True, "messages": [{"role": "user", "content": QUESTION}]}
        with client.stream("POST", "/v1/chat/completions", json=body) as response:
            for line in response.iter_lines():
                if "by hand" in line:
                    break

        assert until(lambda: script.abandoned == 1)


def test_the_first_backend_answers_where_none_is_named(home: Path) -> None:
    with scripted_server(Turn("One [1].")) as one, scripted_server(Turn("Two [1].")) as two:
        backends = {"one": scripted_backend(one)["scripted"], "two": scripted_backend(two)["scripted"]}
        with running(home, backends) as address, httpx.Client(base_url=address, timeout=30) as client:
            assert (ask(client)["answer"], ask(client, model="two")["answer"]) == ("One [1].", "Two [1].")


def test_a_conversation_goes_along_and_the_rewritten_question_comes_back(home: Path) -> None:
    history = [
        {"role": "user", "content": "Which sirens replaced bells after the war?"},
        {"role": "assistant", "content": "Those."},
    ]

    with scripted(home, Turn("Who hated the sirens that replaced bells?"), Turn("They were hated [1].")) as (client, script):
        by_model = ask(client, question="And who hated them?", history=history)
        by_rule = ask(client, question="And who hated them?", history=history, mode="passages")

        assert by_model["rewritten"] == {"text": "Who hated the sirens that replaced bells?", "how": "model", "problem": ""}
        assert by_rule["rewritten"]["how"] == "rule"
        assert "sirens" in by_rule["question"]["text"]
        assert [message["content"] for message in script.bodies[1]["messages"][1:3]] == [turn["content"] for turn in history]


def test_without_a_conversation_nothing_is_rewritten(home: Path) -> None:
    with scripted(home, Turn(GOOD)) as (client, _):
        assert ask(client)["rewritten"] is None


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"mode": "essay"}, "invalid enum value"),
        ({"format": "pdf"}, "invalid enum value"),
        ({"model": "other"}, "use one of scripted"),
        ({"model": 5}, "expected str, got int"),
        ({"history": [{"role": "system", "content": "x"}]}, "invalid enum value"),
        ({"history": [{"role": "user"}]}, "missing required field content"),
        ({"history": "before"}, "expected array, got str"),
        ({"stream": "yes"}, "expected bool, got str"),
        ({"style": "vancouver"}, "vancouver"),
        ({"question": ""}, "the question is empty"),
        ({"limit": 0}, "limit is 0"),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
def test_a_wrong_request_is_refused_before_the_stream_begins(wrong: httpx.Client, members: Any, told: str, stream: bool) -> None:
    response = wrong.post("/v1/ask", json={"question": QUESTION, "mode": "answer", "stream": stream, **members})

    assert response.status_code == 400
    assert told.lower() in response.json()["detail"].lower()


@pytest.fixture(scope="module")
def wrong(home: Path) -> Iterator[httpx.Client]:
    with scripted(home, Turn(GOOD)) as (client, _):
        yield client


def test_an_answer_without_any_backend_says_how_to_get_one(home: Path) -> None:
    with running(home) as address:
        response = httpx.post(f"{address}/v1/ask", json={"question": QUESTION, "mode": "answer"})

    assert response.status_code == 400
    assert "[backends.NAME]" in response.json()["remedy"]
