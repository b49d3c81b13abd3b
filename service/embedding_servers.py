"""The embedding servers that the settings name: opened with their keys, and proved by vectors that are known."""

import os
from bisect import bisect_right
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from itertools import cycle, islice
from pathlib import Path

import msgspec
import numpy as np

from index.catalog import decode_vectors
from index.catalog.reader import Snapshot
from index.embedders import Embedder, EmbedderCard
from index.embedders.model_config import DEFAULT_MODEL, find_model
from index.embedders.served import PROBES, CountTokens, Probe, ServedEmbedder, ServedModel
from index.embedders.server import EmbeddingServer as Server
from index.embedders.server import ServerSettings
from index.errors import EmbedderUnusable, IndexMissing
from index.home import Home
from index.windows import search_text
from rag.errors import SettingInvalid
from rag.models.openai_compatible import read_secret
from service.llm import header_secret
from service.server_tables import EmbeddingServer
from service.settings import Settings

TAKEN = frozenset({DEFAULT_MODEL, "multilingual"})
"""Names of models that come with Ibid."""

_LOCAL_PROBES = (
    "What does the author say of the harvest of 1921?",
    "Lighthouse keepers kept the lamp burning through the night.",
    "In the autumn the committee moved its archive to a house near the river, where it remained until the flood.",
    "“Nothing”, she wrote, “is as patient as paper.”",
    "The price of bread rose from 4 to 11 copecks between March and July.",
    "Les ouvriers ont quitté l'usine à midi.",
    "Die Brücke wurde im Winter 1947 wieder aufgebaut.",
    "x = (a + b) / 2, where a and b are given.",
    "NO ENTRY",
    "a",
)


def served_embedder(
    settings: Settings,
    name: str,
    home: Path,
    built_with: EmbedderCard | None,
    load: Callable[[str], Embedder],
    environment: Mapping[str, str] | None = None,
) -> ServedEmbedder:
    """The embedder of a table ``[embedders.NAME]``. Reaches no server yet.

    Args:
        settings: where the table is.
        name: which one.
        home: the index whose vectors the server's are compared with.
        built_with: the embedder of that index; None where there is no index yet.
        load: opens a local model.
        environment: where keys are.

    Raises:
        EmbedderUnusable: the local model, or the tokenizer, cannot be loaded.
        SettingInvalid: the name is that of another model, or a key cannot be read.
    """
    if name in TAKEN:
        raise SettingInvalid(
            f"an embedding server is called {name}", rule="that is a model that comes with Ibid", remedy="give it another name"
        )
    table = settings.embedders[name]
    server = Server(_reached(name, table, os.environ if environment is None else environment))
    model = _asked(table)
    if table.local:
        local = load(table.local)
        return ServedEmbedder(server, model, local.count_tokens, local.card, partial(_probe_of, local))
    if built_with and built_with.weights_sha256 == model.sha256:
        model = msgspec.structs.replace(model, dimension=model.dimension or built_with.dimension)
    return ServedEmbedder(server, model, _counter(table.tokenizer), probe=partial(_stored_probe, home, model.sha256))


def _reached(name: str, table: EmbeddingServer, environment: Mapping[str, str]) -> ServerSettings:
    return ServerSettings(
        name=name,
        url=table.url,
        key=read_secret(table.key_variable, Path(table.key_file) if table.key_file else None, environment),
        headers=tuple((header, header_secret(name, header, value, environment)) for header, value in table.headers.items()),
        query=tuple(table.query.items()),
        connect_seconds=table.connect_seconds,
        timeout_seconds=table.timeout_seconds,
        retries=table.retries,
        longest_wait_seconds=table.longest_wait_seconds,
    )


def _asked(table: EmbeddingServer) -> ServedModel:
    return ServedModel(**{field: getattr(table, field) for field in ServedModel.__struct_fields__})


def _probe_of(local: Embedder) -> Probe:
    """Texts of several kinds and lengths, up to what the model reads, with the vectors of a local model."""
    words = " ".join(_LOCAL_PROBES).split()
    longer = [" ".join(islice(cycle(words[start:]), local.card.max_tokens * start // 20)) for start in range(1, 11)]
    texts = [_fitting(text, local) for text in (*_LOCAL_PROBES, *longer)]
    return Probe(texts, local.embed(texts, "passage"), f"the local model {local.card.name!r}")


def _fitting(text: str, local: Embedder) -> str:
    """As many of its first words as the model reads whole: where a word is cut, two programs may cut it differently."""
    words = text.split()
    limit = local.card.max_tokens
    count = bisect_right(range(1, len(words) + 1), limit, key=lambda end: local.count_tokens([" ".join(words[:end])])[0])
    return " ".join(words[: max(1, count)])


def _stored_probe(home: Path, weights_sha256: str) -> Probe | None:
    """Windows of an index that was built with this server, from first to last, with their vectors; None where there is none."""
    try:
        snapshot = Snapshot(Home(home))
    except IndexMissing:
        return None
    with closing(snapshot):
        card = snapshot.state.embedder
        ids = snapshot.entry_ids("windows")
        if card.weights_sha256 != weights_sha256 or not len(ids):
            return None
        chosen = np.unique(ids[np.linspace(0, len(ids) - 1, PROBES).astype(int)]).tolist()
        texts = [search_text(window) for window in snapshot.windows(chosen)]
        query = "SELECT v.vector FROM windows w JOIN vectors v ON v.key = w.vector WHERE w.id = ?"
        stored = [snapshot.rows(query, [each])[0][0] for each in chosen]
        return Probe(texts, decode_vectors(stored, card.dimension), "the index")


def _counter(tokenizer: str) -> CountTokens:
    """Counts word pieces by a ``tokenizer.json``."""
    from tokenizers import Tokenizer

    path = Path(tokenizer) if tokenizer else find_model().folder
    file = path / "tokenizer.json" if path.is_dir() else path
    try:
        loaded = Tokenizer.from_file(str(file))
    except Exception as error:  # what tokenizers raises has no class of its own
        raise EmbedderUnusable(
            f"{file} is no tokenizer ({error})",
            rule="tokenizer is a tokenizer.json, or a folder that holds one",
            remedy="mend it, or leave it out",
        ) from error
    loaded.no_truncation()
    loaded.no_padding()
    return lambda texts: [len(each.ids) for each in loaded.encode_batch_fast(list(texts))]
