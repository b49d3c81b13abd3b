"""OpenAI's embeddings: texts in, vectors of the collection's own embedder out.

https://platform.openai.com/docs/api-reference/embeddings
"""

import base64
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from index.embedders import Embedder, TextKind, Vectors
from service.chat.messages import PASSAGES
from service.errors import ModelUnknown, RequestInvalid

MOST_TEXTS = 2048
"""As many as OpenAI takes in one request."""

MOST_CHARACTERS = 1_000_000


class EmbeddingBody(msgspec.Struct, frozen=True):
    """A request for embeddings. All members of OpenAI's that are not here are ignored, whatever they say.

    ``input_type`` is none of OpenAI's: some embedders read a question otherwise than a passage.
    """

    model: str
    input: str | tuple[str | int | tuple[int, ...], ...]
    encoding_format: Literal["float", "base64"] | None = "float"
    dimensions: int | None = None
    input_type: TextKind | None = "passage"

    def texts(self) -> tuple[str, ...]:
        """The texts to embed. Raises RequestInvalid for tokens, for none, and for too much."""
        given = (self.input,) if isinstance(self.input, str) else self.input
        texts = tuple(text for text in given if isinstance(text, str))
        if len(texts) < len(given):
            raise RequestInvalid(
                "the input has numbers of tokens",
                rule="the input is texts: tokens are those of another model",
                remedy="send texts; in LangChain set check_embedding_ctx_length=False",
            )
        if not 1 <= len(texts) <= MOST_TEXTS or not all(texts):
            raise RequestInvalid(
                f"the input has {len(texts)} texts, {texts.count('')} of them empty",
                rule=f"it has 1 to {MOST_TEXTS}, none of them empty",
                remedy="send fewer at once, and leave out the empty ones",
            )
        if (length := sum(map(len, texts))) > MOST_CHARACTERS:
            raise RequestInvalid(
                f"the input has {length:,} characters", rule=f"it has at most {MOST_CHARACTERS:,}", remedy="send it in parts"
            )
        return texts


def embeddings(body: EmbeddingBody, embedder: Embedder) -> dict[str, Any]:
    """The vectors of a request's texts, in their order; slow, so beside the event loop.

    Raises:
        ModelUnknown: the model is neither ``ibid`` nor the embedder by its name.
        RequestInvalid: the input cannot be embedded, or not with so many dimensions.
    """
    texts, card = body.texts(), embedder.card
    if body.model not in (PASSAGES, card.name, card.name.rpartition("/")[2]):
        raise ModelUnknown(
            f"the model is {body.model!r}",
            rule="texts are embedded as the collection is",
            remedy=f"name the model {PASSAGES} or {card.name}",
        )
    if body.dimensions not in (None, card.dimension):
        raise RequestInvalid(
            f"dimensions is {body.dimensions}", rule=f"vectors of this model have {card.dimension}", remedy="leave dimensions out"
        )
    vectors = embedder.embed(texts, body.input_type or "passage")
    tokens = sum(embedder.count_tokens(texts))
    return {
        "object": "list",
        "data": _data(vectors, encoded=body.encoding_format == "base64"),
        "model": card.name,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }


def _data(vectors: Vectors, *, encoded: bool) -> Sequence[dict[str, Any]]:
    """``encoded``: four bytes a number, little-endian, as OpenAI's own clients ask for them."""
    return [
        {
            "object": "embedding",
            "index": at,
            "embedding": base64.b64encode(vector.astype("<f4").tobytes()).decode() if encoded else vector.tolist(),
        }
        for at, vector in enumerate(vectors)
    ]
