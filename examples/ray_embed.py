"""Embeds a collection by Ray Data on many machines, into files that `ibid index --vectors` takes in.

    pip install ibid-rag 'ray[data]'
    python ray_embed.py papers/ /shared/vectors --workers 16
    ibid index papers/ --vectors /shared/vectors

All workers have to see the folder of vectors. With `--gpus 1` each worker embeds by sentence-transformers on a GPU of its own;
without, by the exported network on its processors. Run again, it embeds what is missing. Ray is no dependency of Ibid.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from index.embedders import Embedder
from index.embedders.model_config import find_model
from index.embedders.registry import load_embedder
from index.embedders.sentence_transformer import SentenceTransformerEmbedder
from index.files import find_files
from index.vector_parts import Part, read_vectors, texts_of, write_vectors

BATCH = 1024
"""Texts in a file of vectors."""


class Embed:
    """What each worker holds: a model, and where its vectors go."""

    def __init__(self, model: str, vectors: Path, gpu: bool) -> None:
        self._embedder = open_model(model, vectors, gpu)
        self._vectors = vectors

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Embeds a batch into a file of its own, and says how many texts that were."""
        rows = self._embedder.embed(list(batch["text"]), "passage")
        write_vectors(self._vectors, self._embedder.card, [bytes(key) for key in batch["sha256"]], rows)
        return {"embedded": np.array([len(rows)])}


def open_model(model: str, vectors: Path, gpu: bool) -> Embedder:
    """The model on a GPU, or exported once, beside the vectors, for processors."""
    if gpu:
        return SentenceTransformerEmbedder(find_model(model or None), device="cuda")
    return load_embedder(model or None, vectors / "models")


def missing(paths: list[Path], model: str, vectors: Path) -> list[dict[str, Any]]:
    """The texts, as rows for Ray, of which the folder has no vector yet."""
    embedder = open_model(model, vectors, gpu=False)
    texts = texts_of(find_files(paths, vectors), embedder, Part(1, 1)).texts
    known = {key.tobytes() for keys, _ in read_vectors(vectors, embedder.card) for key in keys}
    return [{"sha256": key, "text": text} for key, text in texts.items() if key not in known]


def main() -> None:
    """Reads the files here, and has the texts embedded wherever Ray finds room."""
    import ray

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("vectors", type=Path)
    parser.add_argument("--model", default="")
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--gpus", type=int, default=0, help="GPUs of each worker")
    options = parser.parse_args()
    vectors = options.vectors.absolute()
    embedded = ray.data.from_items(missing(options.paths, options.model, vectors)).map_batches(
        Embed,
        fn_constructor_args=(options.model, vectors, bool(options.gpus)),
        batch_size=BATCH,
        concurrency=options.workers,
        num_gpus=options.gpus,
    )
    print(f"{embedded.sum('embedded') or 0:,} windows embedded in {vectors}")


if __name__ == "__main__":
    main()
