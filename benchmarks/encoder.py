"""The encoder alone, at every precision, beside bare sentence-transformers: processor time, nearness, and what is still found.

Questions and paragraphs are XQuAD's; a paragraph is found when its vector is the nearest to its question's.
"""

import importlib.util
import json
import tempfile
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.bare import bare_model
from benchmarks.corpora import DATA
from benchmarks.measure import Report, arguments, cost_of, cpus, in_turn, median, show
from index.embedders import Embedder, Vectors
from index.embedders.registry import load_embedder

LONE = 100
"""Questions that are embedded one by one."""


def main() -> None:
    """Measures and prints one report a precision."""
    parser = arguments(__doc__, rounds=2)
    options = parser.parse_args()
    paragraphs, questions, gold = _read(DATA / "xquad-en.json")
    model = bare_model()
    theirs = model.encode(paragraphs, normalize_embeddings=True)
    with tempfile.TemporaryDirectory() as folder:
        for precision in ("fp32", "int8", *(("bf16",) if importlib.util.find_spec("openvino") else ())):
            embedder = load_embedder(None, Path(folder), precision=precision)
            costs = in_turn(
                {
                    "bare paragraphs": lambda: model.encode(sorted(paragraphs, key=len), batch_size=32),
                    "bare lone": lambda: [model.encode(question) for question in questions[:LONE]],
                    "paragraphs": partial(embedder.embed, paragraphs, "passage"),
                    "lone": partial(_one_by_one, embedder, questions[:LONE]),
                },
                options.rounds,
            )
            taken = {name: median(cpus(each)) for name, each in costs.items()}
            show(_report(precision, taken, embedder, (paragraphs, questions, gold), theirs), as_json=options.json)


def _one_by_one(embedder: Embedder, questions: list[str]) -> None:
    for question in questions:
        embedder.embed([question], "query")


def _report(
    precision: str, taken: dict[str, float], embedder: Embedder, read: tuple[list[str], list[str], Vectors], theirs: Vectors
) -> Report:
    paragraphs, questions, gold = read
    ours, asked = embedder.embed(paragraphs, "passage"), embedder.embed(questions, "query")
    together = cost_of(lambda: embedder.embed(questions, "query")).cpu
    return Report(
        benchmark=f"encoder {precision}, processor time of paragraphs",
        on="xquad",
        value=taken["paragraphs"] / taken["bare paragraphs"],
        aim="≤ 0.7",
        figures={
            "lone question ÷ bare": taken["lone"] / taken["bare lone"],
            "processor ms, lone question": taken["lone"] / LONE * 1000,
            "processor ms, lone question, bare": taken["bare lone"] / LONE * 1000,
            "processor ms, question among many": together / len(questions) * 1000,
            "processor ms, paragraph": taken["paragraphs"] / len(paragraphs) * 1000,
            "processor ms, paragraph, bare": taken["bare paragraphs"] / len(paragraphs) * 1000,
            "lowest cosine with bare": float(np.einsum("ij,ij->i", ours, theirs).min()),
            "hit@1": float(np.mean((asked @ ours.T).argmax(axis=1) == gold)),
        },
    )


def _read(file: Path) -> tuple[list[str], list[str], Vectors]:
    """Paragraphs, questions, and the number of each question's paragraph."""
    if not file.exists():
        raise SystemExit(f"no {file}; set IBID_TEST_DATA to the folder that holds it")
    articles = json.loads(file.read_text(encoding="utf-8"))["data"]
    found = [paragraph for article in articles for paragraph in article["paragraphs"]]
    asked = [(question["question"], number) for number, paragraph in enumerate(found) for question in paragraph["qas"]]
    return [paragraph["context"] for paragraph in found], [text for text, _ in asked], np.array([number for _, number in asked])


if __name__ == "__main__":
    main()
