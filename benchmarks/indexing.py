"""How long indexing takes beside a bare ``SentenceTransformer.encode`` of the same windows; models are loaded before.

Indexing includes everything that `ibid index` does after its model is loaded: reading, parsing citations, splitting windows,
embedding, the catalog, and both search indexes. The bare library gets its windows sorted by length, in batches of 32.
"""

import tempfile
from pathlib import Path

from benchmarks.bare import bare_model
from benchmarks.corpora import CORPORA, Corpus, corpus
from benchmarks.measure import Report, arguments, cpus, in_turn, median, show, walls
from index.build import build_index, find_files
from index.collection import Collection
from index.embedders import Embedder
from index.embedders.registry import load_embedder
from index.windows import search_text


def main() -> None:
    """Measures and prints one report."""
    parser = arguments(__doc__, rounds=3)
    parser.add_argument("--on", choices=CORPORA, default="sample", help="what to index (default: %(default)s)")
    parser.add_argument("--precision", default="fp32", help="what the encoder computes in (default: %(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        embedder = load_embedder(None, scratch / "models", precision=options.precision)
        report = measure(corpus(options.on, scratch), embedder, scratch, options.rounds)
    show(report, as_json=options.json)


def measure(read: Corpus, embedder: Embedder, scratch: Path, rounds: int) -> Report:
    """Indexes into a new home and encodes bare, in turn."""
    windows = sorted(_windows(read, embedder, scratch / "first"), key=len)
    model = bare_model()
    homes = (scratch / f"home-{number}" for number in range(rounds + 1))
    costs = in_turn(
        {
            "ibid": lambda: build_index(next(homes), find_files(read.files), embedder),
            "bare": lambda: model.encode(windows, batch_size=32, normalize_embeddings=True, show_progress_bar=False),
        },
        rounds,
    )
    ibid, bare = costs["ibid"], costs["bare"]
    return Report(
        benchmark="indexing",
        on=read.name,
        value=median(walls(ibid)) / median(walls(bare)),
        aim="≤ 0.7",
        figures={
            "windows": len(windows),
            "seconds, ibid index": median(walls(ibid)),
            "seconds, bare encode": median(walls(bare)),
            "windows a second, ibid index": len(windows) / median(walls(ibid)),
            "processor ratio": median(cpus(ibid)) / median(cpus(bare)),
        },
    )


def _windows(read: Corpus, embedder: Embedder, home: Path) -> list[str]:
    """The texts that indexing embeds."""
    build_index(home, find_files(read.files), embedder)
    collection = Collection.open(home)
    ids = [window for windows in collection.window_ids_of(collection.excerpt_ids()) for window in windows]
    texts = [search_text(window) for window in collection.windows(ids)]
    collection.close()
    return texts


if __name__ == "__main__":
    main()
