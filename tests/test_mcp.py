"""The MCP SDK's own client, over HTTP and over standard input: what AI clients can call, and what comes back."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import httpx
import jsonschema
import pytest
from mcp import Client, StdioServerParameters

from service import mcp_endpoint
from service.errors import RequestInvalid
from service.tools import TOOLS, call
from tests.running import QUESTION, running
from tests.shelf import TEXT

Result = TypeVar("Result")
QUOTE = "Sirens replaced bells after the war."


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with running(home) as address:
        yield address


def within(server: Any, use: Callable[[Client], Awaitable[Result]], mode: str = "auto") -> Result:
    """What a client connected to a server finds out."""

    async def connected() -> Result:
        async with Client(server, mode=mode) as client:
            return await use(client)

    return asyncio.run(connected())


def called(address: str, tool: str, **arguments: Any) -> Any:
    """A tool's result; its text must be the same JSON."""
    result = within(f"{address}/mcp", lambda client: client.call_tool(tool, arguments))
    assert not result.is_error, result.content
    (item,) = result.content
    assert item.type == "text"
    assert json.loads(item.text) == result.structured_content
    return result.structured_content


def refused(address: str, tool: str, **arguments: Any) -> str:
    result = within(f"{address}/mcp", lambda client: client.call_tool(tool, arguments))
    assert result.is_error
    (item,) = result.content
    assert item.type == "text"
    return str(item.text)


@pytest.mark.parametrize("path", ["/mcp", "/mcp/"])
@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_every_tool_is_read_only_and_describes_what_it_takes_and_gives(address: str, path: str, mode: str) -> None:
    tools = within(f"{address}{path}", lambda client: client.list_tools(), mode).tools

    assert [tool.name for tool in tools] == ["search", "fetch", "find_passages", "verify_quote", "get_citation"]
    for tool in tools:
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint is True
        assert tool.description
        assert tool.input_schema["type"] == "object"
        assert tool.output_schema is not None
        assert tool.output_schema["type"] == "object"


def test_search_gives_ids_titles_and_pages_and_nothing_else(address: str) -> None:
    results = called(address, "search", query=QUESTION)["results"]

    assert list(called(address, "search", query=QUESTION)) == ["results"]
    assert {tuple(result) for result in results} == {("id", "title", "url")}
    assert results[0]["title"] == "Quill 1951, p. 7"
    assert results[0]["url"] == f"{address}/x/{results[0]['id']}"
    assert httpx.get(results[0]["url"]).status_code == 200


def test_search_finds_nothing_where_there_is_nothing(address: str) -> None:
    assert called(address, "search", query="bells author:nobody") == {"results": []}


def test_fetch_gives_the_words_themselves_and_where_they_stand(address: str) -> None:
    found = called(address, "search", query=QUESTION)["results"][0]

    fetched = called(address, "fetch", id=found["id"])

    assert list(fetched) == ["id", "title", "text", "url", "metadata"]
    place = fetched["metadata"]["document"]
    assert TEXT[place["start"] : place["end"]] == fetched["text"]
    assert (fetched["title"], fetched["url"]) == (found["title"], found["url"])
    assert fetched["metadata"]["citation"]["raw"] == "Quill, Tobias. Bells of the Coast. Boston: Tern and Sons, 1951, p. 7"


def test_find_passages_tells_all_that_ask_tells(address: str) -> None:
    told = called(address, "find_passages", question=QUESTION, limit=1, author="quill", year=["1950-1952"], style="apa")
    asked = {"question": QUESTION, "limit": 1, "filters": {"author": "quill", "year": ["1950-1952"]}, "style": "apa"}

    assert {**told, "timing": None} == {**httpx.post(f"{address}/v1/ask", json=asked).json(), "timing": None}


def test_verify_quote_tells_what_verify_tells(address: str) -> None:
    told = called(address, "verify_quote", quote=QUOTE, citation="Marsh 1936, p. 98")

    assert told == httpx.post(f"{address}/v1/verify", json={"quote": QUOTE, "citation": "Marsh 1936, p. 98"}).json()
    assert (told["verbatim"], told["cited"]) == (True, "differs")


def test_get_citation_writes_every_form(address: str) -> None:
    (first, *_) = called(address, "search", query=QUESTION)["results"]

    assert "@book" in called(address, "get_citation", id=first["id"], format="bibtex")["citation"]
    assert called(address, "get_citation", id=first["id"], style="mla")["citation"].startswith("(Quill 7")


def test_results_are_as_their_schemas_say(address: str) -> None:
    first = called(address, "search", query=QUESTION)["results"][0]["id"]
    examples: dict[str, dict[str, Any]] = {
        "search": {"query": QUESTION},
        "fetch": {"id": first},
        "find_passages": {"question": QUESTION},
        "verify_quote": {"quote": "Sirens replaced bells before the war.", "citation": "Quill"},
        "get_citation": {"id": first},
    }

    for tool in within(f"{address}/mcp", lambda client: client.list_tools()).tools:
        jsonschema.validate(examples[tool.name], tool.input_schema)
        jsonschema.validate(called(address, tool.name, **examples[tool.name]), tool.output_schema or {})


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("search", {}, "missing required field query"),
        ("search", {"query": ""}, "the question is empty"),
        ("search", {"query": 5}, "Expected str, got int"),
        ("search", {"query": "x" * 2001}, "at most 2000"),
        ("search", {"query": "x", "limit": 3}, "unknown field limit"),
        ("fetch", {"id": "none"}, "there is no excerpt 'none'"),
        ("find_passages", {"question": "x", "limit": 0}, "limit is 0"),
        ("find_passages", {"question": "x", "per_work": 0}, "per_work is at least 1"),
        ("find_passages", {"question": "x", "year": "then"}, "year is 'then'"),
        ("find_passages", {"question": "x", "style": "vancouver"}, "vancouver"),
        ("verify_quote", {"quote": " "}, "the quotation is empty"),
        ("get_citation", {"id": "none"}, "there is no excerpt 'none'"),
        ("translate", {}, "the tool is 'translate'"),
    ],
)
def test_a_wrong_call_says_why(address: str, tool: str, arguments: dict[str, Any], told: str) -> None:
    assert told in refused(address, tool, **arguments)


def test_a_form_that_does_not_exist_is_refused(address: str) -> None:
    first = called(address, "search", query=QUESTION)["results"][0]["id"]

    assert "docx" in refused(address, "get_citation", id=first, format="docx")
    assert "vancouver" in refused(address, "get_citation", id=first, style="vancouver")


def test_a_failure_nobody_foresaw_shows_nothing_of_itself(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: Any) -> Any:
        raise RuntimeError("the secret of the service")

    monkeypatch.setattr("service.mcp_server.call", fail)
    with pytest.raises(Exception) as failed:  # noqa: PT011 — the SDK wraps it as it likes
        within(f"{address}/mcp", lambda client: client.call_tool("search", {"query": "x"}))

    assert "secret" not in f"{failed.value!r} {getattr(failed.value, 'exceptions', '')!r}"


def test_links_lead_to_the_public_address(home: Path) -> None:
    with running(home, base_url="https://ibid.example.org/reading/", public=True) as address:
        url = called(address, "search", query=QUESTION)["results"][0]["url"]

    assert url.startswith("https://ibid.example.org/reading/x/")


@pytest.mark.parametrize(
    ("host", "status"), [("evil.example", 421), ("evil.example:80", 421), ("ibid.example.org", 200), ("x.lan:9", 200)]
)
def test_only_names_of_ours_are_answered(home: Path, host: str, status: int) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    headers = {"host": host, "accept": "application/json, text/event-stream"}

    with running(home, base_url="https://ibid.example.org", public=True, hosts=("x.lan:*",)) as address:
        assert httpx.post(f"{address}/mcp", json=message, headers=headers).status_code == status


def test_a_page_elsewhere_may_not_call(address: str) -> None:
    headers = {"origin": "https://evil.example", "accept": "application/json, text/event-stream"}

    assert httpx.post(f"{address}/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "ping"}, headers=headers).status_code == 403


def test_what_is_no_message_is_refused(address: str) -> None:
    headers = {"content-type": "application/json", "accept": "application/json, text/event-stream"}

    assert httpx.post(f"{address}/mcp", content=b"{", headers=headers).status_code == 400
    assert httpx.post(f"{address}/mcp", content=b"x" * 2_000_000, headers=headers).status_code == 413


def test_it_can_be_switched_off(home: Path) -> None:
    with running(home, mcp=False) as address:
        assert httpx.post(f"{address}/mcp", json={}).status_code == 404


def test_the_service_runs_without_the_extra(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp_endpoint, "find_spec", lambda _: None)

    with running(home) as address:
        assert httpx.post(f"{address}/mcp", json={}).status_code == 404
        assert httpx.get(f"{address}/healthz").status_code == 200


def test_without_an_index_a_call_says_what_to_do(tmp_path: Path) -> None:
    with running(tmp_path) as address:
        assert "ibid index" in refused(address, "search", query="x")


def test_a_tool_that_does_not_exist_has_no_name_here() -> None:
    with pytest.raises(RequestInvalid, match="the tools are search, fetch"):
        asyncio.run(call("none", {}, None))  # type: ignore[arg-type]


@pytest.mark.model
def test_a_client_that_starts_the_program_itself_finds_the_same_tools(tmp_path: Path) -> None:
    ibid = Path(sys.executable).parent / "ibid"
    environment = {**os.environ, "IBID_HOME": str(tmp_path / ".ibid"), "IBID_BASE_URL": "https://ibid.example.org"}

    async def use(client: Client) -> Any:
        tools = await client.list_tools()
        return tools, await client.call_tool("search", {"query": "Which formula weighs words in the Okapi system?"})

    subprocess.run([ibid, "index", "--sample"], env=environment, check=True, capture_output=True)
    tools, found = within(StdioServerParameters(command=str(ibid), args=["mcp"], env=environment), use)

    assert [tool.name for tool in tools.tools] == [tool.name for tool in TOOLS]
    assert found.structured_content["results"][0]["url"].startswith("https://ibid.example.org/x/")


def test_every_document_and_passage_is_a_resource_with_its_verbatim_text(address: str) -> None:
    async def read(client: Client) -> tuple[list[Any], str, str]:
        listed = (await client.list_resources()).resources
        document, excerpt = (
            next(each for each in listed if f"ibid://{kind}/" in str(each.uri)) for kind in ("document", "excerpt")
        )
        texts = [(await client.read_resource(str(each.uri))).contents[0] for each in (document, excerpt)]
        document_text, excerpt_text = (str(getattr(each, "text", "")) for each in texts)
        return listed, document_text, excerpt_text

    listed, document, excerpt = within(f"{address}/mcp", read)

    assert len(listed) == 5
    assert document == TEXT
    assert excerpt in TEXT


def test_prompts_lead_to_checked_quotations(address: str) -> None:
    async def prompts(client: Client) -> tuple[list[str], str]:
        named = [prompt.name for prompt in (await client.list_prompts()).prompts]
        prompt = await client.get_prompt("check_quotations", {"text": "He said {question}."})
        return named, str(getattr(prompt.messages[0].content, "text", ""))

    named, told = within(f"{address}/mcp", prompts)

    assert named == ["answer_with_quotations", "check_quotations"]
    assert told.endswith("He said {question}.")


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda client: client.read_resource("ibid://excerpt/nobody"), "nobody"),
        (lambda client: client.read_resource("file:///etc/passwd"), "a resource is ibid://excerpt/ID"),
        (lambda client: client.list_resources(cursor="x"), "the cursor is 'x'"),
        (lambda client: client.get_prompt("sing", {}), "the prompts are"),
        (lambda client: client.get_prompt("check_quotations", {}), "takes text"),
    ],
)
def test_what_is_no_resource_or_prompt_is_refused_with_a_reason(address: str, ask: Any, told: str) -> None:
    with pytest.raises((Exception, BaseExceptionGroup)) as refused:
        within(f"{address}/mcp", ask)

    assert told in repr(refused.value)
