"""Who may call: our own names, and of other sites' pages only links to here."""

import http.client
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from rag.errors import SettingInvalid
from service.errors import RequestInvalid
from service.origins import Hosts
from service.settings import Settings
from tests.running import running
from tests.shelf import index_text, served

ROUTES = [
    ("GET", "/"), ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics"), ("GET", "/schema"),
    ("GET", "/schema/openapi.json"), ("GET", "/static/ibid.css"), ("GET", "/sources"), ("GET", "/tray"), ("GET", "/verify"),
    ("GET", "/v1/search?q=lamp"), ("POST", "/v1/ask"), ("POST", "/v1/verify"), ("GET", "/v1/works"),
    ("GET", "/v1/documents"), ("GET", "/v1/bibliography"), ("GET", "/v1/models"), ("POST", "/v1/chat/completions"),
    ("POST", "/v1/responses"), ("POST", "/mcp"), ("GET", "/no/such/path"), ("OPTIONS", "/v1/ask"), ("HEAD", "/"),
]  # fmt: skip

CROSS_SITE = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "empty"}
LINK = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
FRAME = LINK | {"sec-fetch-dest": "iframe"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("origins")
    index_text(folder)
    return folder


@pytest.fixture(scope="module")
def client(home: Path) -> Iterator[TestClient[Litestar]]:
    with served(home, cors_origins=("https://chat.example",)) as client:
        yield client


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_no_route_answers_to_the_name_of_another(client: TestClient[Litestar], method: str, path: str) -> None:
    response = client.request(method, path, headers={"host": "rebound.example"})

    assert response.status_code == 421
    assert "Lighthouse" not in response.text


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_no_route_answers_a_page_of_another_site(client: TestClient[Litestar], method: str, path: str) -> None:
    assert client.request(method, path, headers=CROSS_SITE).status_code == 403
    assert client.request(method, path, headers={"origin": "https://evil.example"}).status_code == 403
    assert client.request(method, path, headers={"origin": "null"}).status_code == 403


@pytest.mark.parametrize("path", ["/", "/x/none", "/sources", "/verify", "/v1/documents"])
def test_a_link_of_another_site_may_be_followed(client: TestClient[Litestar], path: str) -> None:
    assert client.get(path, headers=LINK).status_code in (200, 404)


@pytest.mark.parametrize(("method", "headers"), [("POST", LINK), ("GET", FRAME)])
def test_a_form_or_a_frame_of_another_site_may_not(client: TestClient[Litestar], method: str, headers: dict[str, str]) -> None:
    assert client.request(method, "/", headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin", "origin": "http://testserver.local"},
        {"sec-fetch-site": "none"},
        {"origin": "http://testserver.local"},
        {"origin": "http://localhost:8000"},
        CROSS_SITE | {"origin": "https://chat.example"},
        {},
    ],
)
def test_our_own_page_and_named_origins_and_programs_may_call(client: TestClient[Litestar], headers: dict[str, str]) -> None:
    assert client.post("/v1/ask", json={"question": "lamp"}, headers=headers).status_code == 200


def test_what_a_named_origin_may_call_another_may_not(client: TestClient[Litestar]) -> None:
    preflight = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}

    allowed = client.options("/v1/ask", headers={"origin": "https://chat.example"} | preflight)
    refused = client.options("/v1/ask", headers={"origin": "https://chat.example.evil"} | preflight)

    assert (allowed.status_code, refused.status_code) == (204, 403)
    assert "access-control-allow-origin" not in refused.headers


def test_every_answer_belongs_to_its_own_origin(client: TestClient[Litestar]) -> None:
    for path in ("/", "/v1/works", "/static/ibid.css", "/no/such/path", "/schema"):
        headers = client.get(path).headers

        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["cross-origin-opener-policy"] == "same-origin"
    assert client.get("/", headers={"host": "rebound.example"}).headers["cross-origin-resource-policy"] == "same-origin"


def test_no_answer_sets_a_cookie(client: TestClient[Litestar]) -> None:
    assert all("set-cookie" not in client.request(method, path).headers for method, path in ROUTES)


@pytest.mark.parametrize(
    ("settings", "host", "ours"),
    [
        ({}, "127.0.0.1:8000", True),
        ({}, "LocalHost.", True),
        ({}, "[::1]:8000", True),
        ({}, "192.0.2.7", False),
        ({}, "ibid.example", False),
        ({}, "127.0.0.1.evil.example", False),
        ({}, "localhost.evil.example", False),
        ({"host": "0.0.0.0"}, "192.0.2.7:8000", True),
        ({"host": "0.0.0.0"}, "[2001:db8::7]:8000", True),
        ({"host": "0.0.0.0"}, "ibid.example", False),
        ({"host": "::"}, "[2001:db8::7]", True),
        ({"host": "ibid.lan"}, "ibid.lan:8000", True),
        ({"base_url": "https://reader@ibid.example/at"}, "ibid.example", True),
        ({"base_url": "https://ibid.example:8443"}, "ibid.example:8443", True),
        ({"base_url": "https://ibid.example:8443"}, "ibid.example:9000", False),
        ({"hosts": ("ibid.example:8000",)}, "ibid.example:8000", True),
        ({"hosts": ("ibid.example:8000",)}, "ibid.example:8001", False),
        ({"hosts": ("ibid.example:*",)}, "ibid.example:8001", True),
        ({"hosts": ("*",)}, "anything.example", True),
    ],
)
def test_names_that_are_ours(settings: dict[str, Any], host: str, ours: bool) -> None:
    assert Hosts(Settings(**settings)).allow(host) is ours


@pytest.mark.parametrize(
    "host", ["", "a b", "host:port", "127.0.0.1:80:80", "http://localhost", "[::1", "localhost:999999", "é.example", "a/b"]
)
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(RequestInvalid):
        Hosts(Settings(hosts=("*",))).allow(host)


@pytest.mark.parametrize("lines", [b"", b"Host: localhost\r\nHost: localhost\r\n", b"Host: 127.0.0.1:abc\r\n", b"Host: \r\n"])
def test_a_request_without_one_readable_host_gets_400(home: Path, lines: bytes) -> None:
    with running(home) as address, socket.create_connection((urlsplit(address).hostname, urlsplit(address).port)) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\n" + lines + b"Connection: close\r\n\r\n")

        response = http.client.HTTPResponse(connection)
        response.begin()

        assert response.status == 400


def test_a_name_that_could_not_be_ours_is_a_setting_that_is_refused() -> None:
    with pytest.raises(SettingInvalid, match="name:port"):
        Settings(hosts=("https://ibid.example",))
