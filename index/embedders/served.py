"""Embeds by a server that speaks OpenAI's embeddings: text-embeddings-inference, vLLM, infinity, llama.cpp, Ollama, Ibid, OpenAI.

A server's weights cannot be hashed. Before it embeds anything its vectors are compared with ones that are known: of the index,
or of a local model with the same weights.
"""

import base64
import binascii
import hashlib
import itertools
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import cached_property, partial
from typing import Any, NamedTuple

import msgspec
import numpy as np

from index.arrays import cut
from index.embedders import SERVED, EmbedderCard, TextKind, Vectors
from index.embedders.server import EmbeddingServer, Refusal
from index.errors import EmbedderMismatch
from index.text import encodable

LEAST_COSINE = 0.999
PROBES = 20
_SHOWN = 60
_SHORTEST = 1e-6


class ServedModel(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of a server, and in what portions.

    ``model`` is the server's name for it. Prompts stand before each text; members of ``body`` are added to every request, those
    of ``query_body`` and ``passage_body`` to one kind. ``dimension`` 0: as the server gives it. ``revision`` is any text that is
    changed when the server's weights were. A request holds up to so many texts, tokens and bytes as
    ``batch_…`` says, and ``requests`` of them run at a time. A question is embedded within ``question_seconds``, or not at all.
    """

    model: str
    revision: str = ""
    query_prompt: str = ""
    passage_prompt: str = ""
    body: dict[str, Any] = {}
    query_body: dict[str, Any] = {}
    passage_body: dict[str, Any] = {}
    dimension: int = 0
    max_tokens: int = 256
    batch_texts: int = 32
    batch_tokens: int = 8192
    batch_bytes: int = 500_000
    requests: int = 4
    question_seconds: float = 10.0

    @property
    def sha256(self) -> str:
        """64 hexadecimal digits over everything that changes the vectors: it stands on the card in place of the weights'."""
        prompts = (self.query_prompt, self.passage_prompt)
        bodies = (self.body, self.query_body, self.passage_body)
        told = msgspec.json.encode((SERVED, self.model, self.revision, *prompts, *bodies), order="sorted")
        return hashlib.sha256(told).hexdigest()


class Probe(NamedTuple):
    """Texts and the vectors that an embedder must give them, and whose vectors these are."""

    texts: Sequence[str]
    vectors: Vectors
    whose: str


CountTokens = Callable[[Sequence[str]], list[int]]


class ServedEmbedder:
    """An Embedder over a server.

    Args:
        server: where it is.
        model: what is asked of it.
        count_tokens: word pieces of each text, special tokens included; the model's own, or near it.
        card: of a local model with the same weights; None: the server is taken at its word.
        probe: gives what the server's vectors are compared with before the first is used; None where nothing is known yet.
    """

    def __init__(
        self,
        server: EmbeddingServer,
        model: ServedModel,
        count_tokens: CountTokens,
        card: EmbedderCard | None = None,
        probe: Callable[[], Probe | None] | None = None,
    ) -> None:
        self._server = server
        self._model = model
        self._count = count_tokens
        self._known_card = card
        self._probe = probe
        self._proving = threading.Lock()

    @cached_property
    def card(self) -> EmbedderCard:
        """What identifies this embedder. Asks the server where neither the settings nor a local model tell its dimension.

        Raises:
            EmbedderFailed: it does not answer.
        """
        if self._known_card:
            return self._known_card
        model = self._model
        dimension = model.dimension or self._ask(["What does this collection hold?"], "passage", None).shape[1]
        name = self._server.settings.name
        return EmbedderCard(name, model.revision or model.model, dimension, model.max_tokens, model.sha256, SERVED)

    def embed(self, texts: Sequence[str], kind: TextKind) -> Vectors:
        """One unit row a text, in the order given.

        Raises:
            EmbedderFailed: the server does not answer in time, or answers what are no vectors.
            EmbedderMismatch: it gives other vectors than the ones known.
        """
        vectors = np.empty((len(texts), self.card.dimension), np.float32)
        for places, rows in self.embed_each(texts, kind):
            vectors[places] = rows
        return vectors

    def embed_each(self, texts: Sequence[str], kind: TextKind) -> Iterator[tuple[list[int], Vectors]]:
        """The same portion by portion, as the server gives them: which texts these are, and their rows.

        Where one fails, those under way are still given; then its error is raised.
        """
        self._prove()
        prepared, portions = self._portions(texts, kind)
        ask = partial(self._portion, prepared, kind)
        if kind == "query" or len(portions) < 2:
            yield from map(ask, portions)
            return
        pool = ThreadPoolExecutor(self._model.requests, thread_name_prefix="embedding-server")
        try:
            yield from _as_they_come(pool, ask, portions, 2 * self._model.requests)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Word pieces of each text as a passage: its prompt and special tokens included, without truncation."""
        return self._count([self._model.passage_prompt + encodable(text) for text in texts])

    def _portion(self, texts: Sequence[str], kind: TextKind, places: list[int]) -> tuple[list[int], Vectors]:
        return places, self._ask([texts[place] for place in places], kind, self.card.dimension)

    def _ask(self, texts: list[str], kind: TextKind, dimension: int | None) -> Vectors:
        """The vectors of a portion; one that is refused is halved, down to the text that cannot be embedded."""
        model = self._model
        more = model.query_body if kind == "query" else model.passage_body
        body = msgspec.json.encode({"model": model.model, "input": texts, "encoding_format": "float"} | model.body | more)
        answer = self._server.post(body, model.question_seconds if kind == "query" else None)
        if not isinstance(answer, Refusal):
            return self._read(answer, texts, dimension)
        if len(texts) == 1:
            remedy = "lower max_tokens, or name the model's own tokenizer; see docs/embedding-servers.md"
            raise self._server.failed(f"refuses {_shown(texts[0])} and {answer.told}", remedy)
        half = len(texts) // 2
        return np.concatenate([self._ask(part, kind, dimension) for part in (texts[:half], texts[half:])])

    def _read(self, answer: bytes, texts: list[str], dimension: int | None) -> Vectors:
        try:
            return read_vectors(answer, texts, dimension)
        except ValueError as error:
            raise self._server.failed(f"answers what cannot be used: {error}", "look into its log; try another model") from None

    def _portions(self, texts: Sequence[str], kind: TextKind) -> tuple[list[str], list[list[int]]]:
        """Texts as they are sent: prompted, no longer than the model reads, none empty; and the places of each request."""
        prompt = self._model.query_prompt if kind == "query" else self._model.passage_prompt
        sent = [prompt + (_readable(text) or ".") for text in texts]
        limit = self.card.max_tokens
        counts = self._count(sent)
        for place in (place for place, count in enumerate(counts) if count > limit):
            sent[place], counts[place] = self._shortened(sent[place], limit), limit
        sizes, most, portions = [len(text.encode()) for text in sent], self._model.batch_texts, list[list[int]]()
        for few in cut(counts, self._model.batch_tokens):
            for fewer in cut(sizes[few], self._model.batch_bytes):
                places = range(len(sent))[few][fewer]
                portions += [list(places[first : first + most]) for first in range(0, len(places), most)]
        return sent, portions

    def _shortened(self, text: str, limit: int) -> str:
        stop = bisect_right(range(1, len(text) + 1), limit, key=lambda end: self._count([text[:end]])[0])
        return text[: max(1, stop)]

    def _prove(self) -> None:
        """Compares the server's vectors with the ones known, once; where it cannot be asked, the next call tries again."""
        with self._proving:
            probe = self._probe
            if probe is None:
                return
            if (known := probe()) is not None:
                texts, portions = self._portions(known.texts, "passage")
                rows = [self._ask([texts[place] for place in places], "passage", None) for places in portions]
                compare(self._server.settings.name, known, np.concatenate(rows))
            self._probe = None


def _as_they_come(
    pool: ThreadPoolExecutor,
    ask: Callable[[list[int]], tuple[list[int], Vectors]],
    portions: list[list[int]],
    most: int,
) -> Iterator[tuple[list[int], Vectors]]:
    """The results of all portions, ``most`` of them under way; after a failure no more are begun, and it is raised last."""
    waiting = iter(portions)
    under_way: set[Future[tuple[list[int], Vectors]]] = {pool.submit(ask, each) for each in itertools.islice(waiting, most)}
    failure: BaseException | None = None
    while under_way:
        done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
        for each in done:
            if (wrong := each.exception()) is not None:
                failure = failure or wrong
            else:
                yield each.result()
        if failure is None:
            under_way |= {pool.submit(ask, each) for each in itertools.islice(waiting, len(done))}
    if failure is not None:
        raise failure


class _Row(msgspec.Struct):
    embedding: list[float] | str
    index: int | None = None


class _Answer(msgspec.Struct):
    data: list[_Row]


def read_vectors(answer: bytes, texts: Sequence[str], dimension: int | None) -> Vectors:
    """The unit rows of an answer, in the order of the texts, whatever the order in which it has them.

    Raises:
        ValueError: it is not JSON, or has not one row of finite numbers, so many, for each text; says what it has instead.
    """
    rows = _rows(answer)
    numbers = [row.index for row in rows]
    if len(rows) != len(texts):
        raise ValueError(f"{len(rows)} vectors for {len(texts)} texts")
    if any(number is not None for number in numbers):
        if sorted(-1 if number is None else number for number in numbers) != list(range(len(texts))):
            raise ValueError("its numbers in `index` are not those of the texts")
        rows = sorted(rows, key=lambda row: row.index or 0)
    return np.stack([_unit(row, text, dimension or None) for row, text in zip(rows, texts, strict=True)])


def _rows(answer: bytes) -> list[_Row]:
    try:
        return msgspec.json.decode(answer, type=_Answer).data
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        if b"NaN" in answer or b"Infinity" in answer:
            raise ValueError("a vector with NaN or infinity") from None
        raise ValueError(f"no JSON with vectors ({error})") from None


def _unit(row: _Row, text: str, dimension: int | None) -> Vectors:
    if isinstance(row.embedding, str):
        try:
            numbers = np.frombuffer(base64.b64decode(row.embedding, validate=True), "<f4").astype(np.float64)
        except (binascii.Error, ValueError):
            raise ValueError(f"for {_shown(text)} a text that is no base64 of float32") from None
    else:
        numbers = np.array(row.embedding, np.float64)
    if not len(numbers) or (dimension is not None and len(numbers) != dimension):
        raise ValueError(f"for {_shown(text)} a vector of {len(numbers)} numbers, where there are {dimension or 'some'}")
    with np.errstate(over="ignore", invalid="ignore"):
        length = float(np.linalg.norm(numbers))
    if not np.isfinite(length) or length < _SHORTEST:
        raise ValueError(f"for {_shown(text)} a vector of length {length}")
    unit: Vectors = (numbers / length).astype(np.float32)
    return unit


def compare(name: str, known: Probe, vectors: Vectors) -> None:
    """Raises EmbedderMismatch, with the text and the cosine, where these are not the vectors that are known."""
    if vectors.shape != known.vectors.shape:
        worst, found = 0, f"{vectors.shape[1]} numbers where {known.whose} has {known.vectors.shape[1]}"
    else:
        cosines = np.einsum("ij,ij->i", vectors, known.vectors)
        worst = int(cosines.argmin())
        if cosines[worst] >= LEAST_COSINE:
            return
        found = f"a vector whose cosine with that of {known.whose} is {cosines[worst]:.4f}"
    raise EmbedderMismatch(
        f"the embedding server {name!r} gives {_shown(known.texts[worst])} {found}",
        rule=f"of {len(known.texts)} texts each vector has a cosine of {LEAST_COSINE} or more with the one known",
        remedy="have it serve the model, the pooling and the prompts of before; or, for another model, change revision and "
        "embed everything anew with `ibid index --rebuild`",
    )


def _readable(text: str) -> str:
    """What programs in C take for a whole text."""
    bare = encodable(text).replace("\0", " ")
    return bare if bare.strip() else ""


def _shown(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…")
