"""Whatever is wrong with a request, the answer is a problem document with value, rule and remedy."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from index import errors as index_errors
from index.errors import IbidError
from rag import errors as rag_errors
from service import errors as service_errors
from service.problems import KINDS
from tests.fakes import HashEmbedder
from tests.shelf import index_text, served

Client = TestClient[Litestar]
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    home = tmp_path_factory.mktemp("home")
    index_text(home)
    with served(home, max_body=4096) as client:
        yield client


def refused(response: Any, status: int, name: str) -> Any:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["type"] == f"urn:ibid:{name}"
    assert problem["status"] == status
    assert problem["detail"] == f"{problem['found']}; {problem['rule']}; {problem['remedy']}"
    assert problem["request_id"] == response.headers["x-request-id"]
    return problem


@pytest.mark.parametrize(
    ("body", "name", "told"),
    [
        ({"question": ""}, "question-invalid", "the question is empty"),
        ({"question": " \n\t"}, "question-invalid", "the question is empty"),
        ({"question": "x" * 2001}, "question-invalid", "the question has 2001 characters"),
        ({"question": 'author:"" x'}, "filter-invalid", "author: has no value"),
        ({"question": "x", "limit": 0}, "request-invalid", "limit is 0"),
        ({"question": "x", "limit": -1}, "request-invalid", "limit is -1"),
        ({"question": "x", "limit": 51}, "request-invalid", "limit is from 1 to 50"),
        ({"question": "x", "limit": "5"}, "request-invalid", "expected int | null, got str"),
        ({"question": "x", "limit": 1.5}, "request-invalid", "expected int | null, got float"),
        ({"question": "x", "limit": 10**30}, "request-invalid", "limit is from 1 to 50"),
        ({"question": "x", "per_work": 0}, "request-invalid", "per_work is at least 1"),
        ({"question": 5}, "request-invalid", "expected str, got int"),
        ({"question": None}, "request-invalid", "expected str, got null"),
        ({}, "request-invalid", "missing required field question"),
        ([], "request-invalid", "expected object, got array"),
        ({"question": "x", "limits": 3}, "request-invalid", "did you mean limit?"),
        ({"question": "x", "filters": {"autor": "y"}}, "request-invalid", "did you mean author?"),
        ({"question": "x", "filters": {"author": 5}}, "request-invalid", "the body's filters.author"),
        ({"question": "x", "filters": {"author": ""}}, "filter-invalid", "the filter author is empty"),
        ({"question": "x", "filters": {"author": ["y", " "]}}, "filter-invalid", "the filter author is empty"),
        ({"question": "x", "filters": {"year": "the thirties"}}, "filter-invalid", "year is 'the thirties'"),
        ({"question": "x", "filters": {"year": "1938-1936"}}, "filter-invalid", "the earlier year first"),
        ({"question": "x", "filters": {"year": -5}}, "filter-invalid", "year is '-5'"),
        ({"question": "x", "filters": []}, "request-invalid", "object, got array"),
        ({"question": "x", "style": "vancouver"}, "citation-invalid", "vancouver"),
        ({"question": "fog", "filters": {"author": "nobody"}, "style": "vancouver"}, "citation-invalid", "vancouver"),
    ],
)
def test_a_question_that_cannot_be_asked_says_why(client: Client, body: Any, name: str, told: str) -> None:
    problem = refused(client.post("/v1/ask", json=body), 400, name)

    assert told in problem["detail"]


@pytest.mark.parametrize(
    "body", [b"{", b"nonsense", b'{"question": "\xff"}', b'{"question": "x"} {}', b"\x00", b'{"question": "\\ud800"}']
)
def test_a_body_that_is_no_json_is_refused(client: Client, body: bytes) -> None:
    refused(client.post("/v1/ask", content=body, headers=JSON), 400, "request-invalid")


def test_an_empty_body_is_refused(client: Client) -> None:
    refused(client.post("/v1/ask", headers=JSON), 400, "request-invalid")


@pytest.mark.parametrize("headers", [{}, {"content-type": "text/plain"}, {"content-type": "application/x-www-form-urlencoded"}])
def test_a_body_must_be_declared_as_json(client: Client, headers: dict[str, str]) -> None:
    refused(client.post("/v1/ask", content=b'{"question": "x"}', headers=headers), 415, "content-type-invalid")


def test_a_charset_may_be_declared(client: Client) -> None:
    response = client.post("/v1/ask", content=b'{"question": "x"}', headers={"content-type": "application/json; charset=utf-8"})

    assert response.status_code == 200


def test_a_body_that_is_too_large_is_refused(client: Client) -> None:
    problem = refused(client.post("/v1/ask", content=b" " * 5000, headers=JSON), 413, "body-too-large")

    assert "4096 bytes" in problem["rule"]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/v1/search", "'q'"),
        ("/v1/search?q=", "the question is empty"),
        ("/v1/search?q=x&autor=y", "did you mean author?"),
        ("/v1/search?q=x&limit=many", "it is a whole number"),
        ("/v1/search?q=x&limit=0", "limit is 0"),
        ("/v1/search?q=x&year=soon", "year is 'soon'"),
        ("/v1/search?q=x&author=", "the filter author is empty"),
        ("/v1/works?limit=0", "limit from 1 to 1000"),
        ("/v1/works?limit=1001", "read a long list in parts"),
        ("/v1/works?offset=-1", "offset is at least 0"),
        ("/sources?offset=-1", "offset is at least 0"),
        ("/v1/works?page=3", "'page'"),
        ("/v1/bibliography?format=docx", "format"),
        ("/v1/bibliography?style=vancouver", "vancouver"),
        ("/healthz?verbose=1", "leave it out"),
    ],
)
def test_a_query_that_cannot_be_read_says_why(client: Client, path: str, told: str) -> None:
    response = client.get(path)

    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert told.lower() in response.json()["detail"].lower()


@pytest.mark.parametrize(
    "path",
    [
        "/v1/excerpts/none",
        "/v1/excerpts/none/citation",
        "/v1/works/none",
        "/v1/documents/none",
        "/v1/documents/none/text",
        "/x/none",
    ],
)
def test_an_unknown_id_is_not_found(client: Client, path: str) -> None:
    problem = refused(client.get(path), 404, "unknown-id")

    assert "none" in problem["found"]


@pytest.mark.parametrize("path", ["/v1", "/v1/asks", "/v1/excerpts", "/static/none.css", "/static/../settings.py", "/%00", "/x/"])
def test_an_unknown_path_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404
    assert client.get(path).headers["content-type"] == "application/problem+json"


def test_a_wrong_method_names_the_right_one(client: Client) -> None:
    response = client.get("/v1/ask")

    problem = refused(response, 405, "method-not-allowed")
    assert problem["remedy"] == "use POST"
    assert "POST" in response.headers["allow"]


@pytest.mark.parametrize("span", ["start=5&end=4", "end=100000", "start=100000"])
def test_a_span_outside_its_document_is_not_found(client: Client, span: str) -> None:
    document = client.get("/v1/documents").json()["documents"][0]["id"]

    problem = refused(client.get(f"/v1/documents/{document}/text?{span}"), 404, "unknown-span")

    assert "[0, " in problem["rule"]


def test_a_place_before_the_first_is_no_place(client: Client) -> None:
    document = client.get("/v1/documents").json()["documents"][0]["id"]

    refused(client.get(f"/v1/documents/{document}/text?start=-1"), 400, "request-invalid")


@pytest.mark.parametrize("count", ["before=-1", "after=11", "related=11"])
def test_too_many_excerpts_beside_one_are_refused(client: Client, count: str) -> None:
    excerpt = (client.get("/v1/search?q=bell").json()["hits"] or client.get("/v1/search?q=bell").json()["nearest"])[0]["id"]

    refused(client.get(f"/v1/excerpts/{excerpt}?{count}"), 400, "request-invalid")


def test_a_browser_gets_a_problem_as_a_page(client: Client) -> None:
    response = client.get("/x/<b>none", headers={"accept": "text/html,*/*;q=0.8"})

    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")
    assert "<h1>Nothing here has this id</h1>" in response.text
    assert "<b>none" not in response.text


def test_without_an_index_questions_wait_for_one(tmp_path: Path) -> None:
    with served(tmp_path) as client:
        response = client.post("/v1/ask", json={"question": "x"})

        problem = refused(response, 503, "index-missing")
        assert "ibid index" in problem["remedy"]
        assert response.headers["retry-after"]
        refused(client.get("/readyz"), 503, "index-missing")
        assert client.get("/healthz").status_code == 200


def test_an_index_that_appears_is_taken_up(tmp_path: Path) -> None:
    with served(tmp_path) as client:
        before = client.get("/readyz").status_code
        index_text(tmp_path)
        after = client.get("/readyz")

    assert (before, after.status_code) == (503, 200)
    assert after.json()["generation"] == 1


def test_an_index_of_another_model_is_refused(tmp_path: Path) -> None:
    from litestar.testing import TestClient as Testing

    from service.app import create_app
    from service.settings import Settings
    from service.wiring import assemble

    index_text(tmp_path, embedder=HashEmbedder(dimension=8))
    settings = Settings(home=tmp_path, model="all-MiniLM-L6-v2", hosts=("testserver.local",))

    with Testing(create_app(settings, assemble(settings))) as client:
        problem = refused(client.post("/v1/ask", json={"question": "x"}), 503, "embedder-mismatch")

    assert "ibid index --rebuild" in problem["remedy"]


def test_a_damaged_catalog_is_told(tmp_path: Path) -> None:
    index_text(tmp_path)
    (tmp_path / "catalog.sqlite3").write_bytes(b"SQLite format 3\0" + b"nonsense" * 500)

    with served(tmp_path) as client:
        refused(client.post("/v1/ask", json={"question": "x"}), 503, "index-damaged")


def every_exception(base: type[IbidError]) -> list[type[IbidError]]:
    return [base, *(each for child in base.__subclasses__() for each in every_exception(child))]


def test_every_exception_of_ours_that_a_request_can_meet_has_its_row() -> None:
    no_request_meets = {
        index_errors.IbidError,
        index_errors.RecordInvalid,
        index_errors.FileUnreadable,
        index_errors.LinkRefused,
        index_errors.DropRefused,
        index_errors.BackupInvalid,
        service_errors.RequestFailed,
        rag_errors.SettingInvalid,
        rag_errors.PromptInvalid,
        rag_errors.QuestionsInvalid,
    }
    ours = [each for each in every_exception(IbidError) if each.__module__ in {"index.errors", "rag.errors", "service.errors"}]

    assert [each for each in ours if not any(base in KINDS for base in each.__mro__) and each not in no_request_meets] == []


@pytest.mark.parametrize("path", ["/v1/ask", "/v1/chat/completions", "/v1/responses"])
def test_a_body_nested_beyond_reading_is_refused(client: Client, path: str) -> None:
    response = client.post(path, content='{"more":' + "[" * 2000 + "]" * 2000 + "}", headers=JSON)

    assert response.status_code == 400, response.text
