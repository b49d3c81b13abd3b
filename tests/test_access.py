"""Who may do what: with a key, with a browser that has signed in, with a proxy's word, and with nothing of these."""

import os
import random
import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from openai import AuthenticationError, OpenAI, PermissionDeniedError

from rag.errors import SettingInvalid
from service.access import Caller, is_guarded, status_of
from service.app import create_app
from service.keys import KeyFile, Scope
from service.server import serve
from service.settings import Settings
from tests.running import QUESTION, running
from tests.shelf import index_text, library_of, served

HTML = {"accept": "text/html", "sec-fetch-site": "same-origin"}
OPEN_PATHS = {"/healthz", "/readyz", "/login", "/logout", "/static/{file_path:path}"}
OPEN_PLACES = ("/healthz", "/readyz", "/login", "/logout", "/static")
SECRET = "0123456789abcdef0123456789abcdef"


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("access")
    index_text(folder)
    return folder


@pytest.fixture(scope="module")
def keys(home: Path) -> KeyFile:
    return KeyFile(home / "keys.json")


@pytest.fixture(scope="module")
def client(home: Path) -> Iterator[TestClient[Litestar]]:
    with served(home, require_key=True, refresh_seconds=0.0) as client:
        yield client


def made(keys: KeyFile, *scopes: Scope, **options: Any) -> str:
    return keys.create("test", scopes or ("ask", "read"), **options)[1]


@pytest.mark.parametrize(
    ("told", "guarded"),
    [
        ({}, False),
        ({"host": "localhost"}, False),
        ({"host": "::1"}, False),
        ({"require_key": True}, True),
        ({"host": "0.0.0.0"}, True),
        ({"host": "::"}, True),
        ({"host": "ibid.lan"}, True),
        ({"base_url": "https://ibid.example.org"}, True),
        ({"base_url": "http://localhost:8000"}, False),
        ({"host": "0.0.0.0", "public": True}, True),
    ],
)
def test_a_key_is_required_wherever_others_can_reach_the_service(told: dict[str, Any], guarded: bool) -> None:
    assert is_guarded(Settings(**told)) is guarded


def test_the_start_says_plainly_which_it_is() -> None:
    assert "no key is required" in status_of(Settings(), 0)
    assert "a key is required (2 valid)" in status_of(Settings(host="0.0.0.0"), 2)
    assert "PUBLIC" in status_of(Settings(host="0.0.0.0", public=True), 0)


def test_a_service_that_nobody_could_use_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(SettingInvalid, match="ibid key create NAME"):
        serve(Settings(home=tmp_path, host="0.0.0.0", port=0))


@pytest.mark.parametrize(
    "told",
    [{"public": True, "require_key": True}, {"trusted_header": "X-User"}, {"trusted_header": "X-User", "proxy_secret": "short"}],
)
def test_settings_that_contradict_each_other_are_refused(told: dict[str, Any]) -> None:
    with pytest.raises(SettingInvalid):
        Settings(**told)


def test_every_route_says_what_it_is_for_and_few_are_open(home: Path) -> None:
    app = create_app(Settings(home=home, require_key=True), library_of(home))
    scopes: dict[str, set[str]] = {}
    for route in app.routes:
        handlers = route.route_handlers if hasattr(route, "route_handlers") else [route.route_handler]
        for handler in handlers:
            if getattr(handler, "http_methods", None) != {"OPTIONS"}:
                scopes.setdefault(route.path, set()).add(handler.opt.get("scope", ""))

    assert {path for path, wanted in scopes.items() if "" in wanted} == set()
    assert {path for path, wanted in scopes.items() if "open" in wanted} == OPEN_PATHS


def test_no_route_answers_without_a_key(client: TestClient[Litestar], home: Path) -> None:
    paths = [(method, path) for route in client.app.routes for method, path in _requests(route)]
    assert len(paths) > 30

    for method, path in paths:
        response = client.request(method, path, follow_redirects=False)
        assert response.status_code == 401, (method, path, response.text)
        assert "Lighthouse" not in response.text


def _requests(route: Any) -> Iterator[tuple[str, str]]:
    path = re.sub(r"\{(\w+):(\w+)\}", lambda part: "1" if part[2] == "int" else "x", route.path)
    if not path.startswith(OPEN_PLACES):
        for method in getattr(route, "methods", ["POST"]):
            if method != "OPTIONS":
                yield method, path


def test_a_key_opens_what_its_scopes_say_and_no_more(client: TestClient[Litestar], keys: KeyFile) -> None:
    asking, reading, both, all_of_it = made(keys, "ask"), made(keys, "read"), made(keys), made(keys, "admin")
    ask = {"method": "POST", "url": "/v1/ask", "json": {"question": QUESTION}}
    read = {"method": "GET", "url": "/v1/documents"}
    allowed = {
        (token, each["url"]): client.request(**each, headers=bearer(token)).status_code
        for token in (asking, reading, both, all_of_it)
        for each in (ask, read)
    }

    assert allowed == {
        (asking, "/v1/ask"): 200, (asking, "/v1/documents"): 403, (reading, "/v1/ask"): 403, (reading, "/v1/documents"): 200,
        (both, "/v1/ask"): 200, (both, "/v1/documents"): 200, (all_of_it, "/v1/ask"): 200, (all_of_it, "/v1/documents"): 200,
    }  # fmt: skip
    told = client.get("/v1/documents", headers=bearer(asking)).json()
    assert told["type"] == "urn:ibid:scope-missing"
    assert asking not in str(told)


def test_a_refusal_says_how_and_never_why(client: TestClient[Litestar], keys: KeyFile) -> None:
    revoked, token = keys.create("gone")
    keys.revoke(revoked.id)
    wrong = [{}, bearer(token), bearer(token[:-2] + "xx"), bearer("sk-none"), {"authorization": "Basic Zm9v"}, bearer("")]
    answers = [client.get("/v1/documents", headers=headers) for headers in wrong]

    assert {answer.status_code for answer in answers} == {401}
    assert {answer.headers["www-authenticate"] for answer in answers} == {'Bearer realm="ibid"'}
    assert len({re.sub(r'"request_id":"\w+"', "", answer.text) for answer in answers}) == 1


def test_openai_clients_work_with_a_key_and_understand_a_refusal(home: Path, keys: KeyFile) -> None:
    with running(home, require_key=True, refresh_seconds=0.0) as address:
        client = OpenAI(base_url=f"{address}/v1", api_key=made(keys, "ask"), max_retries=0)
        told = client.chat.completions.create(model="ibid", messages=[{"role": "user", "content": QUESTION}])
        assert "Bells of the Coast" in (told.choices[0].message.content or "")
        assert client.models.list().data[0].id == "ibid"

        with pytest.raises(AuthenticationError, match="no key that is valid here"):
            client.with_options(api_key="sk-wrong").models.list()
        with pytest.raises(PermissionDeniedError, match="needs ask"):
            client.with_options(api_key=made(keys, "read")).models.list()


def test_mcp_clients_need_a_key_for_both(client: TestClient[Litestar], keys: KeyFile) -> None:
    hello = {
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
    }  # fmt: skip
    accept = {"accept": "application/json, text/event-stream"}

    assert client.post("/mcp", json=hello, headers=accept).status_code == 401
    assert client.post("/mcp", json=hello, headers=accept | bearer(made(keys, "ask"))).status_code == 403
    assert client.post("/mcp", json=hello, headers=accept | bearer(made(keys))).status_code == 200


def test_ten_thousand_wrong_keys_let_nobody_in(client: TestClient[Litestar], keys: KeyFile) -> None:
    """All are looked up; some hundred, or with IBID_LONG=1 all, are sent over HTTP."""
    chance = random.Random(7)
    good = [made(keys) for _ in range(20)]
    revoked = [keys.create("revoked") for _ in range(20)]
    for key, _ in revoked:
        keys.revoke(key.id)
    foreign = [KeyFile(keys.path.parent / "elsewhere" / "keys.json").create("foreign")[1] for _ in range(20)]
    kinds: list[Callable[[], str]] = [
        lambda: secrets.token_urlsafe(chance.randrange(64)),
        lambda: _mutated(chance.choice(good), chance),
        lambda: chance.choice(foreign),
        lambda: chance.choice(revoked)[1],
        lambda: f"ibid_{chance.choice(good).split('_')[1]}_{secrets.token_urlsafe(32)}",
        lambda: "",
    ]
    wrong = [chance.choice(kinds)() for _ in range(10_000)]

    assert sum(keys.find(token) is not None for token in wrong) == 0
    sent = [token for token in wrong if token.isascii() and token.isprintable()][: 10_000 if os.environ.get("IBID_LONG") else 300]
    assert {client.get("/v1/documents", headers=bearer(token)).status_code for token in sent} == {401}
    assert all(keys.find(token) for token in good)


def _mutated(token: str, chance: random.Random) -> str:
    place = chance.randrange(len(token))
    return token[:place] + chance.choice([letter for letter in "abcXYZ019_-" if letter != token[place]]) + token[place + 1 :]


def test_a_browser_signs_in_reads_and_signs_out(client: TestClient[Litestar], keys: KeyFile) -> None:
    token = made(keys)
    sent_away = client.get("/?q=bell&year=1951", headers=HTML, follow_redirects=False)
    assert sent_away.status_code == 303
    assert sent_away.headers["location"] == "/login?next=%2F%3Fq%3Dbell%26year%3D1951"

    form = client.get(sent_away.headers["location"], headers=HTML)
    assert 'value="/?q=bell&amp;year=1951"' in form.text
    wrong = client.post("/login", data={"key": token[:-1], "next": "/"}, headers=HTML)
    assert (wrong.status_code, "set-cookie" in wrong.headers) == (401, False)

    right = client.post("/login", data={"key": token, "next": "/?q=bell&year=1951"}, headers=HTML, follow_redirects=False)
    assert (right.status_code, right.headers["location"]) == (303, "/?q=bell&year=1951")
    cookie = right.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    assert token.split("_", 2)[2].lower() not in cookie

    page = client.get("/", headers=HTML)
    assert page.status_code == 200
    assert "Signed in with the key “test”" in page.text
    assert client.post("/v1/ask", json={"question": QUESTION}, headers={"sec-fetch-site": "same-origin"}).status_code == 200
    # Who has the cookie and is no page of ours: refused, though the cookie is right.
    assert client.post("/v1/ask", json={"question": QUESTION}).status_code == 403
    assert client.post("/v1/ask", json={"question": QUESTION}, headers={"sec-fetch-site": "same-site"}).status_code == 403
    assert client.post("/v1/ask", json={"question": QUESTION}, headers={"origin": "https://evil.example"}).status_code == 403

    assert client.post("/logout", headers=HTML, follow_redirects=False).status_code == 303
    assert client.get("/", headers=HTML, follow_redirects=False).status_code == 303


@pytest.mark.parametrize(
    "place", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/a\r\nset-cookie: x=1", "/" * 2]
)
def test_signing_in_leads_nowhere_else(client: TestClient[Litestar], keys: KeyFile, place: str) -> None:
    answer = client.post("/login", data={"key": made(keys), "next": place}, headers=HTML, follow_redirects=False)
    client.cookies.clear()

    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_a_cookie_that_was_changed_is_none(client: TestClient[Litestar], keys: KeyFile) -> None:
    key, token = keys.create("test")
    client.post("/login", data={"key": token}, headers=HTML, follow_redirects=False)
    session = client.cookies["ibid_session"]
    client.cookies.clear()
    key_id, until, signature = session.split(".")
    other, _ = keys.create("other", ("admin",))
    wrong = [
        f"{other.id}.{until}.{signature}", f"{key_id}.{int(until) + 1}.{signature}", f"{key_id}.{until}.{signature[:-1]}",
        f"{key_id}.{until}.", key_id, "..", f"{key_id}.{'9' * 400}.{signature}", f"{key_id}.-1.{signature}",
        f"{key_id}.²{until}.{signature}",
    ]  # fmt: skip

    for value in wrong:
        cookie = {"cookie": f"ibid_session={value}".encode()}
        assert client.get("/v1/documents", headers=cookie).status_code == 401, value  # type: ignore[arg-type]  # bytes are fine
    good = {"cookie": f"ibid_session={session}"}
    assert client.get("/v1/documents", headers=good).status_code == 200
    keys.revoke(key.id)
    assert client.get("/v1/documents", headers=good).status_code == 401


def test_a_session_ends(home: Path, keys: KeyFile) -> None:
    from service.access import Access

    now = [1_000_000.0]
    access = Access(Settings(home=home, require_key=True, session_hours=1), keys, b"secret", lambda: now[0])
    key, _ = keys.create("test")
    session = access.session(key)

    assert access._key_of_session(session) == key
    now[0] += 3601
    assert access._key_of_session(session) is None


def test_where_no_key_is_required_signing_in_says_so(home: Path) -> None:
    with served(home) as client:
        assert "No key is needed" in client.get("/login").text
        assert client.post("/login", data={"key": "x"}, headers=HTML, follow_redirects=False).headers["location"] == "/"
        assert client.get("/v1/documents", headers=bearer("sk-any")).status_code == 200
        assert client.get("/readyz").json()["documents"] == 1


def test_probes_need_no_key_and_learn_little(client: TestClient[Litestar]) -> None:
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert set(ready.json()) == {"status", "version"}


def test_a_public_service_lets_everybody_ask_and_read(home: Path) -> None:
    with served(home, public=True, host="0.0.0.0") as client:
        assert client.post("/v1/ask", json={"question": QUESTION}).status_code == 200
        assert client.get("/v1/documents", headers=bearer("sk-any")).status_code == 200


def test_a_damaged_file_of_keys_lets_nobody_in(tmp_path: Path) -> None:
    index_text(tmp_path)
    _, token = KeyFile(tmp_path / "keys.json").create("test")
    (tmp_path / "keys.json").write_text("{")
    with served(tmp_path, require_key=True) as client:
        assert client.get("/v1/documents", headers=bearer(token)).status_code == 503
        assert client.post("/login", data={"key": token}, headers={"sec-fetch-site": "same-origin"}).status_code == 503


def test_a_proxy_names_people_only_with_its_secret(home: Path) -> None:
    with served(home, trusted_header="X-Forwarded-User", proxy_secret=SECRET) as client:
        named = {"x-forwarded-user": "ada@example.org"}
        proved = {"x-ibid-proxy-secret": SECRET}
        wrong = [{"x-ibid-proxy-secret": SECRET + "x"}, {"x-ibid-proxy-secret": ""}]
        sent = [named | proved, named, proved, *(named | each for each in wrong), {}]
        told = [client.get("/v1/documents", headers=headers).status_code for headers in sent]

    assert told == [200, 401, 401, 401, 401, 401]


def test_the_header_of_a_proxy_is_nothing_by_default(client: TestClient[Litestar]) -> None:
    named = {"x-forwarded-user": "ada", "x-ibid-proxy-secret": "", "": ""}
    named.pop("")

    assert client.get("/v1/documents", headers=named).status_code == 401


def test_each_key_has_a_limit_of_its_own(home: Path, keys: KeyFile) -> None:
    slow, usual = made(keys, per_minute=2), made(keys)
    with served(home, require_key=True, questions_per_minute=4) as client:

        def asked(token: str) -> list[int]:
            return [client.get("/v1/search?q=lamp", headers=bearer(token)).status_code for _ in range(5)]

        assert asked(slow) == [200, 200, 429, 429, 429]
        assert asked(usual) == [200, 200, 200, 200, 429]
        assert client.get("/v1/documents", headers=bearer(slow)).status_code == 200
        refused = client.get("/v1/search?q=lamp", headers=bearer(slow))
        assert "2 times a minute" in refused.json()["rule"]
        assert int(refused.headers["retry-after"]) > 0


def test_the_client_sends_its_key(home: Path, keys: KeyFile, monkeypatch: pytest.MonkeyPatch) -> None:
    from ibid import Ibid
    from service.errors import RequestFailed

    with running(home, require_key=True, refresh_seconds=0.0) as address:
        with Ibid.connect(address, key=made(keys)) as ibid:
            assert ibid.ask(QUESTION).hits
        with pytest.raises(RequestFailed, match="no key that is valid here") as refusal:
            Ibid.connect(address).ask(QUESTION)
        assert refusal.value.status == 401
        monkeypatch.setenv("IBID_KEY", made(keys))
        assert Ibid.connect(address).ask(QUESTION).hits


def test_no_key_reaches_the_log(home: Path, keys: KeyFile, caplog: pytest.LogCaptureFixture) -> None:
    token = made(keys)
    caplog.set_level("DEBUG", "ibid")
    with running(home, require_key=True, refresh_seconds=0.0) as address:
        httpx.get(f"{address}/v1/documents", headers=bearer(token))
        httpx.post(f"{address}/login", data={"key": token}, headers={"origin": address})

    assert token.split("_", 2)[2] not in caplog.text


def test_admin_includes_the_other_scopes_and_nobody_has_any() -> None:
    assert Caller(scopes=frozenset({"admin"})).may("index")
    assert not Caller(scopes=frozenset({"index"})).may("admin")
    assert not Caller().may("ask")
