"""OpenAI's embeddings: the vectors of the collection's own embedder, for clients that know nothing else."""

import base64
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.shelf import index_text, served

Client = TestClient[Litestar]
TEXTS = ["Who rang the bell?", "The bell was rung by the sexton."]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    home = tmp_path_factory.mktemp("home")
    index_text(home)
    with served(home) as client:
        yield client


def embedded(client: Client, **body: Any) -> dict[str, Any]:
    response = client.post("/v1/embeddings", json={"model": "ibid", **body})
    assert response.status_code == 200, response.text
    told: dict[str, Any] = response.json()
    return told


def test_each_text_has_a_unit_vector_in_its_place(client: Client) -> None:
    told = embedded(client, input=TEXTS)

    vectors = np.array([each["embedding"] for each in told["data"]])
    assert told["object"] == "list"
    assert [each["index"] for each in told["data"]] == [0, 1]
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert told["usage"]["prompt_tokens"] == told["usage"]["total_tokens"] > 0
    assert np.allclose(embedded(client, input=TEXTS[1])["data"][0]["embedding"], vectors[1], atol=1e-5)


def test_base64_holds_the_same_numbers(client: Client) -> None:
    (plain,) = embedded(client, input=TEXTS[:1])["data"]
    (encoded,) = embedded(client, input=TEXTS[:1], encoding_format="base64")["data"]

    assert np.allclose(np.frombuffer(base64.b64decode(encoded["embedding"]), "<f4"), plain["embedding"], atol=1e-6)


def test_the_embedder_answers_to_its_own_name(client: Client) -> None:
    name = embedded(client, input="x")["model"]

    assert embedded(client, input="x", model=name)["model"] == name


def test_openais_own_client_reads_them(client: Client) -> None:
    openai = pytest.importorskip("openai")
    asking = openai.OpenAI(base_url="http://testserver.local/v1", api_key="none", http_client=client)

    told = asking.embeddings.create(model="ibid", input=TEXTS)

    assert [len(each.embedding) for each in told.data] == [len(embedded(client, input="x")["data"][0]["embedding"])] * 2


@pytest.mark.parametrize(
    ("body", "status", "code", "told"),
    [
        ({}, 400, "request_invalid", "missing required field input"),
        ({"input": []}, 400, "request_invalid", "0 texts"),
        ({"input": ""}, 400, "request_invalid", "1 of them empty"),
        ({"input": ["a", ""]}, 400, "request_invalid", "1 of them empty"),
        ({"input": ["a"] * 2049}, 400, "request_invalid", "2049 texts"),
        ({"input": [[1, 2, 3]]}, 400, "request_invalid", "check_embedding_ctx_length"),
        ({"input": [1, 2, 3]}, 400, "request_invalid", "numbers of tokens"),
        ({"input": {"a": 1}}, 400, "request_invalid", "input"),
        ({"input": "a", "dimensions": 5}, 400, "request_invalid", "leave dimensions out"),
        ({"input": "a", "encoding_format": "int8"}, 400, "request_invalid", "encoding_format"),
        ({"input": "a", "input_type": "poem"}, 400, "request_invalid", "input_type"),
        ({"input": "a", "model": "text-embedding-3-small"}, 404, "model_not_found", "name the model ibid"),
    ],
)
def test_what_cannot_be_embedded_is_refused_in_openais_shape(
    client: Client, body: dict[str, Any], status: int, code: str, told: str
) -> None:
    response = client.post("/v1/embeddings", json={"model": "ibid", **body})

    assert response.status_code == status, response.text
    assert response.json()["error"]["code"] == code
    assert told in response.json()["error"]["message"]


def test_too_many_characters_are_refused() -> None:
    from service.chat.embeddings import MOST_CHARACTERS, EmbeddingBody
    from service.errors import RequestInvalid

    with pytest.raises(RequestInvalid, match="characters"):
        EmbeddingBody("ibid", "x" * (MOST_CHARACTERS + 1)).texts()


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_another_method_is_refused_in_openais_shape(client: Client, method: str) -> None:
    response = client.request(method, "/v1/embeddings")

    assert response.status_code == 405
    assert set(response.json()) == {"error"}
