"""On OpenAI's paths every failure has OpenAI's shape; elsewhere it is a problem document."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.shelf import index_text, served

Client = TestClient[Litestar]
ASKED = [{"role": "user", "content": "Who rang the bell?"}]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    home = tmp_path_factory.mktemp("home")
    index_text(home)
    with served(home, max_body=4096) as client:
        yield client


def refused(response: Any, status: int, code: str) -> str:
    assert response.status_code == status, response.text
    assert response.headers["content-type"].startswith("application/json")
    error = response.json()["error"]
    assert set(response.json()) == {"error"}
    assert set(error) == {"message", "type", "param", "code"}
    assert error["code"] == code
    assert error["type"] == ("invalid_request_error" if status < 500 else "server_error")
    return str(error["message"])


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("body", "status", "code", "told"),
    [
        ({}, 400, "request_invalid", "missing required field model"),
        ({"model": "ibid"}, 400, "request_invalid", "missing required field messages"),
        ({"model": 5, "messages": ASKED}, 400, "request_invalid", "expected str, got int"),
        ({"model": "ibid", "messages": "Who?"}, 400, "request_invalid", "expected array, got str"),
        ({"model": "ibid", "messages": [{"content": "Who?"}]}, 400, "request_invalid", "missing required field role"),
        ({"model": "ibid", "messages": [{"role": "user", "content": 5}]}, 400, "request_invalid", "messages[0].content"),
        ({"model": "ibid", "messages": []}, 400, "question_invalid", "no message is a user's"),
        ({"model": "ibid", "messages": [{"role": "system", "content": "Hi"}]}, 400, "question_invalid", "no message is a user's"),
        ({"model": "ibid", "messages": [{"role": "user"}]}, 400, "question_invalid", "the question is empty"),
        ({"model": "ibid", "messages": [{"role": "user", "content": []}]}, 400, "question_invalid", "the question is empty"),
        ({"model": "ibid", "messages": [{"role": "user", "content": [{"type": "text"}]}]}, 400, "question_invalid", "is empty"),
        ({"model": "ibid", "messages": [{"role": "user", "content": "x" * 2001}]}, 400, "question_invalid", "2001 characters"),
        ({"model": "ibid", "messages": [{"role": "user", "content": "bell year:none"}]}, 400, "filter_invalid", "year"),
        ({"model": "ibis", "messages": ASKED}, 404, "model_not_found", "did you mean ibid?"),
        ({"model": "ibid/", "messages": ASKED}, 404, "model_not_found", "ibid/"),
    ],
)
def test_a_request_that_cannot_be_answered_says_why(
    client: Client, body: Any, status: int, code: str, told: str, stream: bool
) -> None:
    response = client.post("/v1/chat/completions", json={**body, "stream": stream})

    assert told in refused(response, status, code)


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/responses"])
def test_a_body_that_cannot_be_read_is_refused(client: Client, path: str) -> None:
    json = {"content-type": "application/json"}

    refused(client.post(path, content=b"{", headers=json), 400, "request_invalid")
    refused(client.post(path, content=b"", headers=json), 400, "request_invalid")
    refused(client.post(path, content=b"x=1", headers={"content-type": "text/plain"}), 415, "content_type_invalid")
    refused(client.post(path, content=b"x" * 5000, headers=json), 413, "body_too_large")


@pytest.mark.parametrize(
    "body", [{}, {"model": "ibid"}, {"model": "ibid", "input": 5}, {"model": "ibid", "input": [{"type": 5}]}]
)
def test_a_response_without_its_input_is_refused(client: Client, body: Any) -> None:
    refused(client.post("/v1/responses", json=body), 400, "request_invalid")


@pytest.mark.parametrize("path", ["/v1/chat", "/v1/chat/none", "/v1/models/none", "/v1/models/ibid/none", "/v1/responses/resp_1"])
def test_an_unknown_path_or_model_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404
    assert set(client.get(path).json()["error"]) == {"message", "type", "param", "code"}


def test_a_wrong_method_names_the_right_one(client: Client) -> None:
    assert "use POST" in refused(client.get("/v1/chat/completions"), 405, "method_not_allowed")


def test_a_browser_too_gets_json_on_these_paths(client: Client) -> None:
    refused(client.get("/v1/models/none", headers={"accept": "text/html"}), 404, "model_not_found")


def test_without_an_index_a_client_is_told_to_come_back(tmp_path: Path) -> None:
    with served(tmp_path) as client:
        response = client.post("/v1/chat/completions", json={"model": "ibid", "messages": ASKED})

        assert "ibid index" in refused(response, 503, "index_missing")
        assert response.headers["retry-after"]
        assert client.get("/v1/models").status_code == 200


def test_other_paths_keep_their_own_shape(client: Client) -> None:
    assert client.get("/v1/chatter").headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/v1/completions", "/v1/embeddings/x", "/v1/images/generations", "/v1/audio/speech"])
def test_paths_of_openais_that_answer_nothing_say_so_in_its_shape(client: Client, path: str) -> None:
    told = refused(client.post(path, json={"model": "ibid", "input": "x"}), 404, "unknown_path")

    assert path in told
