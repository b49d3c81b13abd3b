"""Texts embedded by another server: the vectors it gives, the faults it has, and that none of them costs more than it must."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.build import build_index
from index.collection import Collection
from index.embedders.served import Probe, ServedEmbedder, ServedModel, compare, read_vectors
from index.embedders.server import EmbeddingServer, ServerSettings
from index.errors import EmbedderFailed, EmbedderMismatch, EmbedderUnusable
from index.records import SourceFile
from index.secret import Secret
from service.building import build_collection
from service.embedding_servers import served_embedder
from service.problems import problem_of
from service.server_tables import EmbeddingServer as Table
from service.settings import Settings
from service.wiring import asking_embedder, indexing_embedder
from tests.fakes import HashEmbedder
from tests.vector_server import (
    Data,
    Fault,
    VectorHandler,
    VectorServer,
    cut_in_chunks,
    cut_short,
    drop,
    hang,
    reverse,
    status,
    trickle,
    vector_server,
)

KEY = "sk-VerySecretKey0123456789"
TEXTS = ["the bell rang", "the lamp burned all night", "fog"]


@pytest.fixture
def script() -> Iterator[VectorServer]:
    with vector_server() as script:
        yield script


def embedder_of(script: VectorServer, model: dict[str, Any] | None = None, **settings: Any) -> ServedEmbedder:
    quick = {"name": "scripted", "timeout_seconds": 60.0, "retries": 2, "longest_wait_seconds": 0.05}
    server = EmbeddingServer(ServerSettings(**{**quick, "url": script.url, **settings}))
    return ServedEmbedder(server, ServedModel(**{"model": "m", "dimension": 16, **(model or {})}), HashEmbedder().count_tokens)


def expected(texts: list[str]) -> Any:
    return HashEmbedder().embed(texts, "passage")


def test_each_text_has_the_servers_vector_as_a_unit_row(script: VectorServer) -> None:
    vectors = embedder_of(script).embed(TEXTS, "passage")

    np.testing.assert_allclose(vectors, expected(TEXTS), atol=1e-6)
    assert script.paths == ["/v1/embeddings"]


def test_rows_that_are_no_unit_vectors_are_made_so(script: VectorServer) -> None:
    def longer(_: VectorHandler, data: Data) -> bool:
        for row in data:
            row["embedding"] = [7 * number for number in row["embedding"]]
        return False

    script.always = longer

    np.testing.assert_allclose(embedder_of(script).embed(TEXTS, "passage"), expected(TEXTS), atol=1e-6)


def test_vectors_follow_index_and_not_the_order_of_the_answer(script: VectorServer) -> None:
    script.always = reverse

    np.testing.assert_allclose(embedder_of(script).embed(TEXTS, "passage"), expected(TEXTS), atol=1e-6)


def test_an_embedder_without_settings_learns_its_dimension_from_the_server(script: VectorServer) -> None:
    assert embedder_of(script, {"dimension": 0}).card.dimension == 16


def test_requests_hold_no_more_texts_tokens_and_bytes_than_they_may(script: VectorServer) -> None:
    texts = [f"word {number} " + "more " * (number % 7) for number in range(100)]

    vectors = embedder_of(script, {"batch_texts": 8, "batch_tokens": 40, "batch_bytes": 120}).embed(texts, "passage")

    np.testing.assert_allclose(vectors, expected(texts), atol=1e-6)
    asked = [body["input"] for body in script.bodies]
    assert sorted(text for some in asked for text in some) == sorted(texts)
    assert all(len(some) <= 8 and sum(map(len, some)) <= 120 for some in asked)
    assert all(sum(HashEmbedder().count_tokens(some)) <= 40 for some in asked)


def test_prompts_and_members_go_with_the_kind_of_text(script: VectorServer) -> None:
    model = {
        "query_prompt": "query: ",
        "passage_prompt": "passage: ",
        "body": {"truncate": True},
        "query_body": {"input_type": "query"},
    }
    embedder = embedder_of(script, model)

    embedder.embed(["x"], "query")
    embedder.embed(["x"], "passage")

    question, passage = script.bodies
    assert question == {"model": "m", "encoding_format": "float", "truncate": True, "input_type": "query", "input": ["query: x"]}
    assert passage["input"] == ["passage: x"]
    assert "input_type" not in passage
    assert embedder.count_tokens(["x"]) == [4]


def test_a_text_is_sent_no_longer_than_the_model_reads_and_never_empty(script: VectorServer) -> None:
    embedder = embedder_of(script, {"max_tokens": 16})

    embedder.embed(["word " * 500, "", " \n", "a\0b", "half \ud800"], "query")

    long, *others = script.embedded
    assert HashEmbedder().count_tokens([long]) == [16]
    assert others == [".", ".", "a b", "half \ufffd"]


def test_what_is_too_much_for_the_server_is_halved() -> None:
    with vector_server(VectorServer(most_texts=3)) as script:
        vectors = embedder_of(script).embed(TEXTS * 5, "passage")

    np.testing.assert_allclose(vectors, expected(TEXTS * 5), atol=1e-6)


def test_a_text_that_the_server_refuses_is_named(script: VectorServer) -> None:
    def too_long(handler: VectorHandler, _: Data) -> bool:
        if "the lamp burned all night" not in script.bodies[-1]["input"]:
            return False
        handler.say(400, {"message": "input is too large"})
        return True

    script.always = too_long

    with pytest.raises(EmbedderFailed, match=r"refuses 'the lamp burned all night' and says 400: input is too large.*max_tokens"):
        embedder_of(script).embed(TEXTS, "passage")


@pytest.mark.parametrize(
    "fault",
    [status(429), status(500), status(503), status(408), cut_short, cut_in_chunks, drop, hang, trickle],
    ids=["429", "500", "503", "408", "cut_short", "cut_in_chunks", "drop", "hang", "trickle"],
)
def test_what_may_pass_is_tried_again(script: VectorServer, fault: Fault) -> None:
    script.faults = [fault]
    seconds = 1.0 if fault in (hang, trickle) else 60.0

    vectors = embedder_of(script, timeout_seconds=seconds, retries=9).embed(TEXTS, "passage")

    np.testing.assert_allclose(vectors, expected(TEXTS), atol=1e-6)
    assert len(script.bodies) >= 2


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (status(500, "out of memory"), "says 500: out of memory"),
        (cut_short, "broke off"),
        (drop, "broke off"),
        (hang, "did not answer in time"),
        (trickle, "did not answer in time"),
    ],
    ids=["500", "cut_short", "drop", "hang", "trickle"],
)
def test_what_does_not_pass_is_told_after_so_many_retries(script: VectorServer, fault: Fault, told: str) -> None:
    script.always = fault

    with pytest.raises(EmbedderFailed, match=f"the embedding server 'scripted' at {script.url} .*{told}"):
        embedder_of(script, timeout_seconds=1.0 if fault in (hang, trickle) else 60.0).embed(TEXTS, "passage")

    assert len(script.bodies) == 3


def test_retry_after_is_obeyed(script: VectorServer) -> None:
    script.faults = [status(429, Retry_After="1")]
    begun = time.monotonic()

    embedder_of(script, longest_wait_seconds=5.0).embed(TEXTS, "passage")

    assert time.monotonic() - begun >= 1
    assert len(script.bodies) == 2


def test_a_server_that_asks_for_too_long_a_pause_is_not_asked_again(script: VectorServer) -> None:
    script.always = status(429, "come back tomorrow", Retry_After="Fri, 31 Dec 2100 23:59:59 GMT")

    with pytest.raises(EmbedderFailed, match="says 429: come back tomorrow"):
        embedder_of(script).embed(TEXTS, "passage")

    assert len(script.bodies) == 1


def test_a_question_does_not_wait_longer_than_a_question_may(script: VectorServer) -> None:
    script.always = status(503, Retry_After="2")

    with pytest.raises(EmbedderFailed, match="says 503"):
        embedder_of(script, {"question_seconds": 0.3}, longest_wait_seconds=60.0).embed(["x"], "query")

    assert len(script.bodies) == 1


@pytest.mark.parametrize(
    ("code", "told"), [(401, "set the right key"), (403, "may use this model"), (404, "mend url"), (418, "look into its log")]
)
def test_what_will_not_pass_is_told_at_once_without_the_key(script: VectorServer, code: int, told: str) -> None:
    script.always = status(code, f"no luck with {KEY} today")

    with pytest.raises(EmbedderFailed, match=rf"no luck with \*\*\* today.*{told}") as caught:
        embedder_of(script, key=Secret(KEY)).embed(TEXTS, "passage")

    assert KEY not in str(caught.value)
    assert len(script.bodies) == 1
    assert script.headers[0]["authorization"] == f"Bearer {KEY}"


def test_no_redirect_is_followed(script: VectorServer) -> None:
    with vector_server() as elsewhere:
        script.always = status(307, Location=f"{elsewhere.url}/embeddings")

        with pytest.raises(EmbedderFailed, match="where no text is sent"):
            embedder_of(script, key=Secret(KEY)).embed(TEXTS, "passage")

        assert not elsewhere.bodies


def test_a_server_that_is_not_there_is_named(script: VectorServer) -> None:
    with pytest.raises(EmbedderFailed, match="cannot be reached"):
        embedder_of(script, url="http://127.0.0.1:1/v1", retries=0).embed(TEXTS, "passage")


@pytest.mark.parametrize("url", ["ftp://host/v1", "host:80", "http://", "http://me:secret@host/v1", "http://host/v1?key=x", ""])
def test_an_address_that_is_none_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(EmbedderUnusable, match="url is a plain address") as caught:
        ServerSettings(name="n", url=url)

    assert "secret" not in str(caught.value)


def row(numbers: Any, index: int | None = 0) -> dict[str, Any]:
    return {"embedding": numbers} | ({} if index is None else {"index": index})


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"<html>It works!</html>", "no JSON with vectors"),
        (b'{"data": [', "no JSON with vectors"),
        (b"\xff\xfe", "no JSON with vectors"),
        (b"{}", "no JSON with vectors"),
        (b'{"data": 5}', "no JSON with vectors"),
        (b'{"data": [{"embedding": [NaN, 1.0], "index": 0}]}', "NaN or infinity"),
        (b'{"data": [{"embedding": [1e999, 1.0], "index": 0}]}', "no JSON|length inf"),
        (json.dumps({"data": [row([None, 1.0])]}).encode(), "no JSON with vectors"),
        (json.dumps({"data": []}).encode(), "0 vectors for 1 texts"),
        (json.dumps({"data": [row([1.0, 0.0]), row([1.0, 0.0], 1)]}).encode(), "2 vectors for 1 texts"),
        (json.dumps({"data": [row([1.0])]}).encode(), "a vector of 1 numbers, where there are 2"),
        (json.dumps({"data": [row([])]}).encode(), "a vector of 0 numbers"),
        (json.dumps({"data": [row([0.0, 0.0])]}).encode(), r"for 'one' a vector of length 0\.0"),
        (json.dumps({"data": [row([1e308, 1e308])]}).encode(), "for 'one' a vector of length inf"),
        (json.dumps({"data": [row("AAAA")]}).encode(), "no base64"),
        (json.dumps({"data": [row("not base64!")]}).encode(), "no base64"),
        (json.dumps({"data": [row([1.0, 0.0], 1)]}).encode(), "not those of the texts"),
    ],
)
def test_an_answer_that_is_no_vectors_is_told(answer: bytes, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_vectors(answer, ["one"], 2)


def test_an_index_given_twice_or_to_some_only_is_told() -> None:
    for numbers in ([0, 0], [0, None], [1, 2]):
        answer = json.dumps({"data": [row([1.0, 0.0], number) for number in numbers]}).encode()

        with pytest.raises(ValueError, match="not those of the texts"):
            read_vectors(answer, ["one", "two"], 2)


def test_vectors_may_come_without_index_and_in_base64() -> None:
    told = json.dumps({"data": [row("AACAPwAAAAA=", None), row([0, 2], None)]}).encode()

    np.testing.assert_array_equal(read_vectors(told, ["one", "two"], 2), [[1, 0], [0, 1]])


def test_other_vectors_than_those_known_are_refused_with_the_text_and_the_cosine() -> None:
    known = Probe(["the same", "another one"], np.eye(2, dtype=np.float32), "the index")

    compare("n", known, np.eye(2, dtype=np.float32))
    with pytest.raises(EmbedderMismatch, match=r"gives 'another one' a vector whose cosine with that of the index is 0\.8000"):
        compare("n", known, np.array([[1, 0], [0.6, 0.8]], np.float32))
    with pytest.raises(EmbedderMismatch, match="3 numbers where the index has 2"):
        compare("n", known, np.eye(2, 3, dtype=np.float32))


# Collections that a server embeds.


def paragraphs(count: int) -> str:
    return "\n\n".join(
        f"Paragraph {number} tells of lamp {number * 7} and of bell {number * 13} on the coast." for number in range(count)
    )


def settings_of(home: Path, script: VectorServer, **table: Any) -> Settings:
    quick = {"retries": 0, "longest_wait_seconds": 0.05, "batch_texts": 4, "requests": 2}
    return Settings(home=home, model="far", embedders={"far": Table(url=script.url, model="m", **{**quick, **table})})


def build(settings: Settings, text: str) -> int:
    embedder = indexing_embedder(settings, None)
    return build_index(settings.home, [SourceFile("a.txt", text.encode())], embedder, reader="plain").embedded


def test_a_collection_is_indexed_and_asked_by_the_server(tmp_path: Path, script: VectorServer) -> None:
    settings = settings_of(tmp_path, script)
    embedded = build(settings, paragraphs(30))

    collection = Collection.open(tmp_path)
    embedder = asking_embedder(settings, collection.embedder)
    vector = embedder.embed(["Which lamp does paragraph 3 tell of?"], "query")

    assert embedded
    assert collection.embedder.name == "far"
    assert collection.embedder.fingerprint == embedder.card.fingerprint
    assert vector.shape == (1, 16)
    collection.close()


def test_a_server_that_dies_in_the_middle_costs_nothing_that_it_had_given(tmp_path: Path, script: VectorServer) -> None:
    settings = settings_of(tmp_path, script, dimension=16)
    text = paragraphs(120)
    script.faults = [None] * 3
    script.always = drop

    with pytest.raises(EmbedderFailed):
        build(settings, text)
    given = [each for body in script.bodies[:3] for each in body["input"]]
    script.bodies.clear()
    script.always = None
    build(settings, text)

    assert given
    assert not set(given) & set(script.embedded)


def test_another_model_behind_the_same_name_is_refused_before_anything_is_embedded(tmp_path: Path, script: VectorServer) -> None:
    settings = settings_of(tmp_path, script)
    build(settings, paragraphs(30))
    script.embedder = HashEmbedder(seed="another")
    card = asking_embedder(settings, Collection.open(tmp_path).embedder).card

    embedder = indexing_embedder(settings, card)

    with pytest.raises(EmbedderMismatch, match=r"Paragraph.* cosine with that of the index is"):
        embedder.embed(["new"], "passage")


def test_the_same_model_at_another_address_and_under_another_name_is_taken(tmp_path: Path, script: VectorServer) -> None:
    build(settings_of(tmp_path, script), paragraphs(10))
    with vector_server() as other:
        settings = Settings(home=tmp_path, model="moved", embedders={"moved": Table(url=other.url, model="m")})
        collection = Collection.open(tmp_path)

        assert asking_embedder(settings, collection.embedder).embed(["x"], "query").shape == (1, 16)
        assert len(other.embedded) == collection.counts.windows + 1  # all to compare, and the question


def test_an_index_whose_server_the_settings_do_not_name_is_refused_with_the_remedy(tmp_path: Path, script: VectorServer) -> None:
    build(settings_of(tmp_path, script), paragraphs(3))
    card = Collection.open(tmp_path).embedder

    for ask in (asking_embedder, indexing_embedder):
        with pytest.raises(EmbedderUnusable, match=r"add a table \[embedders.far\]"):
            ask(Settings(home=tmp_path), card)


def test_another_revision_is_another_embedder(tmp_path: Path, script: VectorServer) -> None:
    settings = settings_of(tmp_path, script)
    build(settings, paragraphs(3))
    card = Collection.open(tmp_path).embedder

    with pytest.raises(EmbedderMismatch, match="set model back"):
        asking_embedder(settings_of(tmp_path, script, revision="2"), card)


def test_a_local_model_with_the_same_weights_lends_its_card(tmp_path: Path, script: VectorServer) -> None:
    local = HashEmbedder()
    settings = settings_of(tmp_path, script, local="here")

    embedder = served_embedder(settings, "far", tmp_path, None, lambda _: local)
    vectors = embedder.embed(TEXTS, "passage")

    np.testing.assert_allclose(vectors, expected(TEXTS), atol=1e-6)
    assert embedder.card == local.card
    assert len(script.embedded) == 20 + len(TEXTS)


def test_a_server_with_other_weights_than_the_local_model_is_refused(tmp_path: Path, script: VectorServer) -> None:
    settings = settings_of(tmp_path, script, local="here")
    embedder = served_embedder(settings, "far", tmp_path, None, lambda _: HashEmbedder(seed="others"))

    with pytest.raises(EmbedderMismatch, match="with that of the local model 'hash' is"):
        embedder.embed(TEXTS, "passage")


def test_names_of_our_own_models_and_tokenizers_that_are_none_are_refused(tmp_path: Path) -> None:
    from rag.errors import SettingInvalid

    for name in ("all-MiniLM-L6-v2", "multilingual"):
        settings = Settings(home=tmp_path, model=name, embedders={name: Table(url="http://h/v1", model="m")})
        with pytest.raises(SettingInvalid, match="comes with Ibid"):
            indexing_embedder(settings, None)
    settings = Settings(home=tmp_path, model="n", embedders={"n": Table(url="http://h/v1", model="m", tokenizer=str(tmp_path))})
    with pytest.raises(EmbedderUnusable, match=r"tokenizer\.json is no tokenizer"):
        indexing_embedder(settings, None)


def test_the_key_comes_from_the_environment_and_is_shown_nowhere(tmp_path: Path, script: VectorServer) -> None:
    table = Table(url=script.url, model="m", key_variable="FAR_KEY", headers={"X-More": "$FAR_MORE"}, dimension=16)
    settings = Settings(home=tmp_path, model="far", embedders={"far": table})
    environment = {"FAR_KEY": KEY, "FAR_MORE": "another-secret"}

    embedder = served_embedder(settings, "far", tmp_path, None, lambda _: HashEmbedder(), environment)
    embedder.embed(["x"], "query")

    assert script.headers[0]["authorization"] == f"Bearer {KEY}"
    assert script.headers[0]["x-more"] == "another-secret"
    assert KEY not in repr(settings) + repr(vars(embedder)) + repr(vars(embedder)["_server"].settings)


def test_asking_while_the_server_is_down_is_a_problem_of_the_server(script: VectorServer) -> None:
    script.always = status(500)

    with pytest.raises(EmbedderFailed) as caught:
        embedder_of(script, retries=0).embed(["x"], "query")

    problem, _ = problem_of(caught.value)
    assert (problem.status, problem.type) == (502, "urn:ibid:embedder-failed")


@pytest.mark.model
def test_ibids_own_server_embeds_as_ibid_does(tmp_path: Path) -> None:
    from index.embedders.registry import load_embedder
    from tests.running import running
    from tests.shelf import TEXT, index_text

    local = load_embedder(None, tmp_path / "models")
    near, far = tmp_path / "near", tmp_path / "far"
    index_text(near, embedder=local)
    with running(near, embedder=local) as address:
        table = Table(url=f"{address}/v1", model="ibid", query_body={"input_type": "query"})
        settings = Settings(home=far, model="ibid-there", embedders={"ibid-there": table})
        build_collection(settings, _scope(tmp_path, TEXT))

    ours, theirs = Collection.open(near), Collection.open(far)
    ids = list(range(1, ours.counts.windows + 1))
    np.testing.assert_allclose(theirs.vectors.vectors(np.array(ids)), ours.vectors.vectors(np.array(ids)), atol=1e-5)
    assert theirs.windows(ids) == ours.windows(ids)
    ours.close()
    theirs.close()


def _scope(folder: Path, text: str) -> Any:
    from index.files import find_files

    files = folder / "files"
    files.mkdir()
    (files / "lighthouses.txt").write_text(text, encoding="utf-8")
    return find_files([files], folder / "far")
