"""What an exported model says about itself: ``export.json`` beside its network."""

import hashlib
from pathlib import Path

import msgspec

from index.checksums import digest
from index.embedders import EmbedderCard
from index.embedders.model_config import PoolingMode
from index.errors import EmbedderUnusable

# What an exported model says about itself: ``export.json`` beside its network.

MANIFEST_FILE = "export.json"
NETWORK_FILE = "network.onnx"
TOKENIZER_FILE = "tokenizer.json"
WEIGHTS_FILE = "weights.bin"
FORMAT = 2
"""Goes up when exports of an older Ibid can no longer be served; it is part of the folder's name."""


class Manifest(msgspec.Struct, frozen=True):
    """How texts are prepared and pooled for the network beside it (see ``index.embedders.onnx_embedder``).

    ``sizes`` are the files' lengths in bytes; ``sha256`` and ``digests`` (index/checksums.py) tell whether they are what was
    written, the second fast enough for every opening. An export that an older Ibid wrote has neither.
    """

    card: EmbedderCard
    pooling: PoolingMode
    padding_id: int | None
    query_prompt: str
    passage_prompt: str
    sizes: dict[str, int]
    sha256: dict[str, str] = {}
    digests: dict[str, str] = {}


def export_folder(exports: Path, weights_sha256: str, precision: str) -> Path:
    """Where among ``exports`` the network of these weights is kept."""
    return exports / f"{weights_sha256[:16]}-{precision}-{FORMAT}"


def older_exports(folder: Path) -> list[Path]:
    """Where an older Ibid kept what ``folder`` is the export of."""
    return [each for each in folder.parent.glob(f"{folder.name.removesuffix(str(FORMAT))}*") if each != folder]


def read_manifest(folder: Path) -> Manifest:
    """The manifest of an exported model, whose files it has compared with it.

    Raises:
        EmbedderUnusable: the folder holds no export, or one with a file missing or cut short.
    """
    path = folder / MANIFEST_FILE
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except (OSError, ValueError, msgspec.MsgspecError) as error:  # ValueError: no Unicode
        raise _damaged(folder, f"{MANIFEST_FILE} cannot be read ({error})") from error
    for name, size in manifest.sizes.items():
        file = folder / name
        if not file.is_file() or file.stat().st_size != size:
            raise _damaged(folder, f"{name} is not the {size} bytes that were written")
        if name in manifest.digests and digest(file).hex() != manifest.digests[name]:
            raise _damaged(folder, f"{name} is not what was written")
    return manifest


def check_export(folder: Path) -> None:
    """Compares the SHA-256 of all files of an export with its manifest.

    Raises:
        EmbedderUnusable: one is not what was written.
    """
    for name, noted in read_manifest(folder).sha256.items():
        if file_sha256(folder / name) != noted:
            raise _damaged(folder, f"{name} is not what was written")


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _damaged(folder: Path, found: str) -> EmbedderUnusable:
    return EmbedderUnusable(
        f"the exported model in {folder}: {found}",
        rule="an exported model is served as it was written",
        remedy="delete the folder and run `ibid index` again",
    )
