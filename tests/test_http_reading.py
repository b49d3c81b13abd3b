"""Excerpts, works and documents over HTTP, and what surrounds every answer."""

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from litestar import Litestar
from litestar.testing import TestClient

from tests.shelf import TEXT, index_text, served

Client = TestClient[Litestar]
DOCS = Path(__file__).parents[1] / "docs" / "http.md"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    home = tmp_path_factory.mktemp("home")
    index_text(home)
    with served(home) as client:
        yield client


@pytest.fixture(scope="module")
def ids(client: Client) -> list[str]:
    """The excerpts in the order of their document."""
    works = client.get("/v1/works").json()["works"]
    sources = [client.get(f"/v1/works/{work['id']}").json() for work in sorted(works, key=lambda work: work["year"])]
    return [excerpt for source in sources for excerpt in source["excerpts"]]


def test_an_excerpt_comes_between_its_neighbours(client: Client, ids: list[str]) -> None:
    excerpt = client.get(f"/v1/excerpts/{ids[1]}").json()

    assert excerpt["text"].startswith("A keeper who let the lamp go out")
    assert [each["id"] for each in excerpt["before"]] == [ids[0]]
    assert [each["id"] for each in excerpt["after"]] == [ids[2]]


def test_what_stands_under_the_same_heading_is_listed_beside_an_excerpt(client: Client, ids: list[str]) -> None:
    related = client.get(f"/v1/excerpts/{ids[0]}?related=5").json()["related"]

    assert [each["id"] for each in related["same_heading"]] == [ids[1]]
    assert related["same_heading"][0]["begins"].startswith("A keeper who let the lamp go out")
    assert "Marsh" in related["same_heading"][0]["citation"]


def test_more_neighbours_come_in_the_order_of_the_document(client: Client, ids: list[str]) -> None:
    excerpt = client.get(f"/v1/excerpts/{ids[2]}?before=10&after=0").json()

    assert [each["id"] for each in excerpt["before"]] == ids[:2]
    assert excerpt["after"] == []


@pytest.mark.parametrize(
    ("form", "media_type", "begins"),
    [
        ("text", "text/plain; charset=utf-8", "Edith Marsh, The Northern Lights (London: Harbour Press, 1936), 12, quoted in"),
        ("html", "text/html; charset=utf-8", "<p>Edith Marsh, <i>The Northern Lights</i>"),
        ("csl-json", "application/vnd.citationstyles.csl+json", "["),
        ("bibtex", "application/x-bibtex", "@book{"),
        ("ris", "application/x-research-info-systems", "TY  - BOOK"),
    ],
)
def test_a_citation_comes_in_every_form(client: Client, ids: list[str], form: str, media_type: str, begins: str) -> None:
    response = client.get(f"/v1/excerpts/{ids[0]}/citation?format={form}")

    assert response.headers["content-type"].removesuffix("; charset=utf-8") == media_type.removesuffix("; charset=utf-8")
    assert response.text.startswith(begins)
    assert "The Lighthouse Reader" in response.text


def test_a_citation_comes_in_every_style(client: Client, ids: list[str]) -> None:
    written = {
        style: client.get(f"/v1/excerpts/{ids[0]}/citation?style={style}").text
        for style in ("chicago-notes", "chicago-author-date", "apa", "mla")
    }

    assert len(set(written.values())) == 4


def test_works_come_with_counts_and_their_spread_over_the_years(client: Client) -> None:
    sources = client.get("/v1/works").json()

    assert [
        (work["label"], work["year"], work["excerpts"]) for work in sorted(sources["works"], key=lambda work: work["year"])
    ] == [
        ("Marsh 1936", 1936, 2),
        ("Quill 1951", 1951, 2),
    ]
    assert sources["years"] == [{"year": 1936, "works": 1, "excerpts": 2}, {"year": 1951, "works": 1, "excerpts": 2}]
    assert sources["total"] == 2


def test_works_can_be_read_in_parts(client: Client) -> None:
    part = client.get("/v1/works?offset=1&limit=1").json()

    assert [work["label"] for work in part["works"]] == ["Quill 1951"]
    assert (part["offset"], part["total"], len(part["years"])) == (1, 2, 2)


def test_works_can_be_filtered(client: Client) -> None:
    works = client.get("/v1/works?year=1950-1960").json()["works"]

    assert [work["label"] for work in works] == ["Quill 1951"]


def test_the_bibliography_lists_each_work_once(client: Client) -> None:
    assert client.get("/v1/bibliography").text.splitlines() == [
        "Marsh, Edith. The Northern Lights. London: Harbour Press, 1936.",
        "Quill, Tobias. Bells of the Coast. Boston: Tern and Sons, 1951.",
    ]
    assert len(json.loads(client.get("/v1/bibliography?format=csl-json&author=quill").text)) == 1


def test_a_document_tells_what_was_read(client: Client) -> None:
    (document,) = client.get("/v1/documents").json()["documents"]

    assert client.get(f"/v1/documents/{document['id']}").json() == document
    assert (document["name"], document["title"], document["excerpts"]) == ("lighthouses.txt", "The Lighthouse Reader", 4)
    assert document["characters"] == len(TEXT)


def test_the_whole_text_of_a_document_can_be_had(client: Client) -> None:
    (document,) = client.get("/v1/documents").json()["documents"]

    assert client.get(f"/v1/documents/{document['id']}/text").json()["text"] == TEXT


def test_readiness_tells_what_answers(client: Client) -> None:
    ready = client.get("/readyz").json()

    assert {key: ready[key] for key in ("status", "generation", "model", "documents", "excerpts", "works")} == {
        "status": "ready",
        "generation": 1,
        "model": "hash",
        "documents": 1,
        "excerpts": 4,
        "works": 2,
    }


def test_metrics_count_requests_by_route_and_questions_by_outcome(tmp_path: Path) -> None:
    index_text(tmp_path)
    with served(tmp_path) as client:
        client.get("/v1/search?q=bell")
        client.get("/v1/excerpts/none")
        client.get("/nowhere")
        counts = client.get("/metrics").text

    assert 'ibid_requests_total{method="GET",path="/v1/search",status="200"} 1.0' in counts
    assert 'ibid_requests_total{method="GET",path="/v1/excerpts/{excerpt_id}",status="404"} 1.0' in counts
    assert 'ibid_requests_total{method="GET",path="unknown",status="404"} 1.0' in counts
    assert "ibid_questions_total{status=" in counts
    assert 'ibid_question_seconds_count{stage="encode"} 1.0' in counts


def test_every_answer_carries_a_request_id_and_security_headers(client: Client) -> None:
    for path in ("/", "/healthz", "/nowhere", "/schema", "/static/ibid.css"):
        headers = client.get(path).headers

        assert re.fullmatch("[0-9a-f]{16}", headers["x-request-id"])
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_a_harmless_request_id_of_the_client_is_kept(client: Client) -> None:
    assert client.get("/healthz", headers={"x-request-id": "trace-0001"}).headers["x-request-id"] == "trace-0001"


@pytest.mark.parametrize("given", ["short", "x" * 65, 'a" status=500', "ünïcödé-id"])
def test_any_other_request_id_is_replaced(client: Client, given: str) -> None:
    kept = client.get("/healthz", headers=[(b"x-request-id", given.encode())]).headers["x-request-id"]

    assert re.fullmatch("[0-9a-f]{16}", kept)


def test_a_head_is_answered_as_its_get_without_a_body(client: Client) -> None:
    response = client.head("/v1/documents")

    assert response.status_code == 200
    assert response.content == b""
    assert response.headers["content-type"] == "application/json"


def test_questions_stay_out_of_the_log_unless_wanted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    index_text(tmp_path)
    caplog.set_level(logging.INFO, "ibid.access")

    with served(tmp_path) as client:
        client.get("/v1/search?q=secretword")
    quiet = caplog.text
    caplog.clear()
    with served(tmp_path, log_questions=True) as client:
        client.get("/v1/search", params={"q": 'secretword" status=999\n'})

    assert "path=/v1/search status=200" in quiet
    assert "secretword" not in quiet
    told = next(record.message for record in caplog.records if "secretword" in record.message)
    assert "\n" not in told
    assert re.findall(r" (status)=", re.sub(r"'.*'", "", told)) == ["status"]


def test_other_origins_are_let_in_only_when_named(tmp_path: Path) -> None:
    asked = {"origin": "https://chat.example", "access-control-request-method": "POST"}
    with served(tmp_path) as client:
        refused = client.options("/v1/ask", headers=asked)
        assert refused.status_code == 403
        assert "access-control-allow-origin" not in refused.headers
    with served(tmp_path, cors_origins=("https://chat.example",)) as client:
        assert client.options("/v1/ask", headers=asked).headers["access-control-allow-origin"] == "https://chat.example"
        assert client.get("/healthz", headers=asked).headers["access-control-allow-origin"] == "https://chat.example"


def test_answers_are_what_the_schema_says(client: Client, ids: list[str]) -> None:
    schema = client.get("/schema/openapi.json").json()
    shown = {
        "/v1/search": "/v1/search?q=bell",
        "/v1/excerpts/{excerpt_id}": f"/v1/excerpts/{ids[0]}",
        "/v1/works": "/v1/works",
        "/v1/documents": "/v1/documents",
        "/readyz": "/readyz",
    }

    for path, address in shown.items():
        content: Any = schema["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        Draft202012Validator({**content, "components": schema["components"]}).validate(client.get(address).json())
    problem = schema["paths"]["/v1/ask"]["post"]["responses"]["400"]["content"]["application/problem+json"]["schema"]
    Draft202012Validator({**problem, "components": schema["components"]}).validate(client.post("/v1/ask", json={}).json() or {})


def test_operations_have_names_that_a_generated_client_can_bear(client: Client) -> None:
    paths = client.get("/schema/openapi.json").json()["paths"]
    names = [operation["operationId"] for methods in paths.values() for operation in methods.values()]

    assert {"ask_question", "search", "show_excerpt", "list_sources"} <= set(names)
    assert len(set(names)) == len(names)


def test_the_reference_page_names_every_path_and_needs_nothing_from_outside(client: Client) -> None:
    page = client.get("/schema").text

    for path in client.get("/schema/openapi.json").json()["paths"]:
        assert path in page
    assert "http:" not in page.replace("http://127.0.0.1", "")
    assert "https:" not in page


def test_the_docs_name_every_path_of_the_schema(client: Client) -> None:
    told = set(re.findall(r"^\| `([A-Z]+ \S+)` ", DOCS.read_text(encoding="utf-8"), flags=re.MULTILINE))

    paths = client.get("/schema/openapi.json").json()["paths"]
    assert {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods} <= told
    for line in told:
        method, path = line.split()
        response = client.request(method, re.sub("{.*?}", "none", path.replace("{number}", "1")))
        assert response.json().get("type") != "urn:ibid:unknown-path" if response.status_code == 404 else True


def test_works_answer_under_their_former_name_for_one_version(client: Client) -> None:
    works = client.get("/v1/works").json()

    assert client.get("/v1/sources").json() == works
    assert client.get(f"/v1/sources/{works['works'][0]['id']}").json() == client.get(works["works"][0]["url"]).json()
