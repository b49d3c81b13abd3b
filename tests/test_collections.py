"""Several collections in one service: each by its name, several as one, and keys for some of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from index.build import build_index
from index.records import SourceFile
from rag.errors import SettingInvalid
from service.app import create_app
from service.chat.messages import Chosen, chosen_by
from service.errors import ModelUnknown
from service.keys import KeyFile
from service.llm import NO_BACKENDS, Backends
from service.server_tables import Backend
from service.settings import Settings
from tests.fakes import HashEmbedder
from tests.shelf import TEXT, library_of, settings_of

ALMANAC = """The Harbour Almanac

TIDES

High water at the northern tower came an hour before that of the town, and the keeper wrote both down.

Pell, Agnes. Tide Tables of the Coast. Leith: Harbour Press, 1940, p. 3
"""
LAMP, TIDE = "What did the lamp of the northern tower burn?", "When did high water come at the northern tower?"


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("collections")
    for name, text in {"default": TEXT, "tides": ALMANAC}.items():
        build_index(folder / name, [SourceFile(f"{name}.txt", text.encode())], HashEmbedder())
    return {name: folder / name for name in ("default", "tides", "nowhere")}


def app_of(homes: dict[str, Path], **settings: object) -> Litestar:
    others = {name: homes[name] for name in ("tides", "nowhere")}
    told = settings_of(
        homes["default"], refresh_seconds=0.0, collections={name: str(at) for name, at in others.items()}, **settings
    )
    return create_app(told, library_of(homes["default"]), NO_BACKENDS, {name: library_of(at) for name, at in others.items()})


@pytest.fixture(scope="module")
def client(homes: dict[str, Path]) -> Iterator[TestClient[Litestar]]:
    with TestClient(app_of(homes)) as client:
        yield client


def first(client: TestClient[Litestar], question: str, *collections: str, **headers: str) -> str:
    answer = client.post("/v1/ask", params={"collection": list(collections)}, json={"question": question}, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(([*answer.json()["hits"], *answer.json()["nearest"]])[0]["text"])


def paths_of(hit: dict[str, Any]) -> list[str]:
    """Every path that leads to a hit, its document and its work."""
    excerpt, document, work = hit["id"], hit["document"]["id"], hit["work"]
    api = [f"/v1/excerpts/{excerpt}", f"/v1/excerpts/{excerpt}/citation", f"/v1/documents/{document}", f"/v1/works/{work}"]
    return [*api, f"/v1/documents/{document}/text", f"/x/{excerpt}", f"/d/{document}", f"/sources/{work}", f"/tray?id={excerpt}"]


def test_each_collection_answers_by_its_name_and_the_first_without(client: TestClient[Litestar]) -> None:
    assert first(client, LAMP).startswith("The lamp")
    assert first(client, LAMP, "default").startswith("The lamp")
    assert first(client, TIDE, "tides").startswith("High water")
    assert client.get("/v1/documents").json()["documents"][0]["name"] == "default.txt"
    assert client.get("/v1/documents?collection=tides").json()["documents"][0]["name"] == "tides.txt"
    searched = client.get("/v1/search", params={"q": TIDE, "collection": "tides"}).json()
    assert searched["hits"][0]["text"].startswith("High water")


def test_several_are_asked_as_one(client: TestClient[Litestar]) -> None:
    assert first(client, LAMP, "default", "tides").startswith("The lamp")
    assert first(client, TIDE, "default", "tides").startswith("High water")
    assert len(client.get("/v1/documents?collection=default&collection=tides").json()["documents"]) == 2
    verified = client.post("/v1/verify?collection=default&collection=tides", json={"quote": "the keeper wrote both down"}).json()
    assert verified["finding"]["verdict"] == "exact"


def test_what_has_an_id_is_found_in_whichever_collection_has_it(client: TestClient[Litestar]) -> None:
    hit = client.post("/v1/ask?collection=tides", json={"question": TIDE}).json()["hits"][0]

    for path in paths_of(hit):
        assert client.get(path).status_code == 200, path
    assert client.get(f"/v1/excerpts/{hit['id']}?collection=default").status_code == 404
    assert client.get("/v1/excerpts/none").status_code == 404


@pytest.mark.parametrize(
    "path", ["/v1/documents?collection=none", "/v1/search?q=x&collection=none", "/?collection=none", "/v1/works?collection="]
)
def test_a_collection_that_there_is_not_is_unknown(client: TestClient[Litestar], path: str) -> None:
    assert client.get(path).status_code == 404
    told = client.get(f"{path}none")
    assert told.status_code == 404
    assert "default, tides, nowhere" in told.json()["rule"]


def test_a_collection_without_an_index_says_so_and_the_others_answer(client: TestClient[Litestar]) -> None:
    assert client.get("/v1/documents?collection=nowhere").status_code == 503
    assert client.get("/v1/search?q=x&collection=default&collection=nowhere").status_code == 503
    told = client.get("/v1/collections").json()["collections"]
    assert [(each["name"], each.get("excerpts", 0)) for each in told] == [("default", 4), ("tides", 1), ("nowhere", 0)]
    assert "no index" in told[2]["problem"]


def test_models_name_collections(client: TestClient[Litestar]) -> None:
    names = [model["id"] for model in client.get("/v1/models").json()["data"]]
    assert names == ["ibid", "ibid/default", "ibid/tides", "ibid/nowhere"]
    assert client.get("/v1/models/ibid/tides").status_code == 200
    assert client.get("/v1/models/ibid/none").status_code == 404

    def chat(model: str) -> str:
        body = {"model": model, "messages": [{"role": "user", "content": TIDE}]}
        return str(client.post("/v1/chat/completions", json=body).json()["choices"][0]["message"]["content"])

    assert "Tide Tables" in chat("ibid/tides")
    assert "Tide Tables" in chat("ibid/default+tides")
    assert "Tide Tables" not in chat("ibid")
    assert client.post("/v1/responses", json={"model": "ibid/tides", "input": TIDE}).json()["output"][0]["content"][0]["text"]


def test_a_model_may_name_collections_and_a_backend() -> None:
    backends = Backends({"gpt": None})  # type: ignore[dict-item]  # only its name is looked at

    assert chosen_by("ibid", backends, ("default", "tides")) == Chosen((), None)
    assert chosen_by("ibid/gpt", backends, ("default", "tides")) == Chosen((), "gpt")
    assert chosen_by("ibid/tides/gpt", backends, ("default", "tides")) == Chosen(("tides",), "gpt")
    for wrong in (
        "ibid/",
        "ibid/x",
        "ibid/tides/x",
        "ibid/tides+x",
        "ibid/gpt/tides",
        "ibid/tides/gpt/",
        "other",
        "",
        "ibid/tides/",
    ):
        with pytest.raises(ModelUnknown):
            chosen_by(wrong, backends, ("default", "tides"))


def test_the_page_lets_a_reader_choose_and_stays_there(client: TestClient[Litestar]) -> None:
    page = client.get("/?collection=tides").text

    assert 'href="/?collection=default"' in page
    assert 'href="/?collection=tides" aria-current="true"' in page
    assert 'href="/sources?collection=tides"' in page
    assert '<input type="hidden" name="collection" value="tides">' in page
    assert "tides.txt" in client.get("/sources?collection=tides").text


def test_keys_are_limited_to_their_collections(homes: dict[str, Path]) -> None:
    keys = KeyFile(homes["default"] / "keys.json")
    tides = {"authorization": f"Bearer {keys.create('tides', collections=('tides',))[1]}"}
    everything = {"authorization": f"Bearer {keys.create('all')[1]}"}
    foreign = {"authorization": f"Bearer {keys.create('foreign', collections=('other',))[1]}"}
    with TestClient(app_of(homes, require_key=True)) as client:
        hit = client.post("/v1/ask", json={"question": LAMP}, headers=everything).json()["hits"][0]
        assert hit["text"].startswith("The lamp")
        # Without a name the one that it may use is meant, and nothing of the other is seen in any way.
        assert first(client, TIDE, **tides).startswith("High water")
        assert client.post("/v1/ask?collection=default", json={"question": LAMP}, headers=tides).status_code == 404
        assert client.get("/v1/search?q=lamp&collection=tides&collection=default", headers=tides).status_code == 404
        for path in [*paths_of(hit), "/v1/models/ibid/default"]:
            assert client.get(path, headers=everything).status_code == 200, path
            assert client.get(path, headers=tides).status_code == 404, path
        assert [each["name"] for each in client.get("/v1/collections", headers=tides).json()["collections"]] == ["tides"]
        assert [each["id"] for each in client.get("/v1/models", headers=tides).json()["data"]] == ["ibid"]
        chat = {"model": "ibid/default", "messages": [{"role": "user", "content": LAMP}]}
        assert client.post("/v1/chat/completions", json=chat, headers=tides).status_code == 404
        assert client.post("/mcp", json={}, headers=tides).status_code == 403
        assert client.get("/v1/documents", headers=foreign).status_code == 404
        assert client.get("/v1/collections", headers=foreign).json() == {"collections": []}


@pytest.mark.parametrize("names", [{"default": "x"}, {"gpt": "x"}, {"": "x"}, {"a b": "x"}, {"../x": "x"}])
def test_names_that_would_be_mistaken_are_refused(names: dict[str, str]) -> None:
    from service.settings import read_settings

    with pytest.raises(SettingInvalid):
        read_settings({}, None, collections=names, backends={"gpt": {"model": "m"}})


def test_collections_come_from_the_settings_file(tmp_path: Path) -> None:
    from service.settings import read_settings

    (tmp_path / "ibid.toml").write_text('[collections]\ntides = "homes/tides"\n')

    assert read_settings({}, tmp_path / "ibid.toml").collections == {"tides": "homes/tides"}
    assert read_settings({"IBID_COLLECTIONS": '{"a": "b"}'}).collections == {"a": "b"}
    assert Settings(backends={"gpt": Backend(model="m")}).collections == {}
