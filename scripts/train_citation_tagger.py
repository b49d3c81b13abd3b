"""Trains the second reader of citation lines and the weights by which the two readers are combined.

    python scripts/train_citation_tagger.py ../shared/data

Three times the tagger is trained on two thirds of the labelled references and of the items, and reads the other third; from
those readings the confidence is fitted. Then it is trained on everything. The same data and seed give the same files.
Needs wordfreq and scikit-learn (``pip install --group train``); docs/citation-lines.md holds the figures of the run.
"""

import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import msgspec

from index.citations.combine import CONFIDENCE, Candidate, Confidence, Pages, candidates
from index.citations.parse import read_by_grammar
from index.citations.tagger import MODEL, Tagger, fields_of
from index.citations.words import Reference, features_of, lay_bare, squeeze
from scripts.labelled_references import (
    Material,
    Sample,
    folded,
    formatted_samples,
    is_same,
    labelled_sample,
    read_material,
    rows_of,
)
from scripts.set_references import Setter

SEED = 1
FOLDS = 3
SET_REFERENCES = 4000
SET_FOR_JUDGING = 900
CERTAIN, LIKELY = 0.975, 0.4
_SETTINGS = {"c1": 0.4, "c2": 0.03, "max_iterations": 90, "feature.minfreq": 2}
_WEIGHT_OF_SET, _WEIGHT_OF_SEED = 0.35, 3.0
"""References that we set are many and easy; lines of the seed file are what our users have."""


class Read(msgspec.Struct, frozen=True):
    """A held-out sample and what the two readers make of it."""

    fold: int
    sample: Sample
    reference: Reference
    pages: Pages
    candidates: tuple[Candidate, ...]


def train(samples: Iterable[Sample], path: Path) -> Tagger:
    """Trains a model on labelled samples and opens it."""
    import pycrfsuite

    trainer = pycrfsuite.Trainer(verbose=False)
    for sample in samples:
        trainer.append(features_of(list(sample.words)), list(sample.labels))
    trainer.set_params(_SETTINGS)
    path.parent.mkdir(parents=True, exist_ok=True)
    trainer.train(str(path))
    return Tagger(path)


def training_set(material: Material, fold: int) -> list[Sample]:
    """The labelled references twice, and references set from the words of the same material."""
    labelled = [labelled_sample("labelled", parts) for parts in material.labelled]
    setter = Setter(material.words(SEED + fold), SEED + 1 + fold)
    return labelled * 2 + [labelled_sample("set", setter.reference()) for _ in range(SET_REFERENCES)]


def parts_of(material: Material, fold: int) -> tuple[Material, Material]:
    """The material without every third reference and item, and those."""

    def split(rows: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        return [row for number, row in enumerate(rows) if number % FOLDS != fold], list(rows[fold::FOLDS])

    (labelled, held), (items, held_items) = split(material.labelled), split(material.items)
    rest = (material.paragraphs, material.vocabulary)
    return Material(labelled, items, *rest), Material(held, held_items, *rest)


def train_and_hold_out(material: Material, folder: Path, scratch: Path) -> list[Read]:
    """Trains on everything, and reads every reference with a tagger that has not seen it; all beside each other."""
    with ProcessPoolExecutor(FOLDS + 1) as pool:
        whole = pool.submit(_train_whole, material, scratch / MODEL.name)
        folds = [pool.submit(_held_out_fold, material, rows_of(folder), fold, scratch) for fold in range(FOLDS)]
        whole.result()
        return [read for fold in folds for read in fold.result()]


def _train_whole(material: Material, path: Path) -> None:
    train(training_set(material, FOLDS), path)


def _held_out_fold(material: Material, seed_lines: list[str], fold: int, scratch: Path) -> list[Read]:
    began = time.monotonic()
    kept, held = parts_of(material, fold)
    tagger = train(training_set(kept, fold), scratch / f"fold{fold}.crfsuite")
    samples = [labelled_sample("labelled", parts) for parts in held.labelled]
    samples += formatted_samples(held.items, fold)
    setter = Setter(held.words(77 + fold), 30 + fold)
    samples += [labelled_sample(f"set: {kind}", parts) for kind, parts in setter.references(SET_FOR_JUDGING)]
    samples += [Sample("seed file", line, (), (), {}) for line in seed_lines[fold::FOLDS]]
    reads = [_read(fold, sample, tagger) for sample in samples]
    print(f"fold {fold}: {len(samples)} held-out references, {time.monotonic() - began:.0f} s", file=sys.stderr)
    return reads


def _read(fold: int, sample: Sample, tagger: Tagger) -> Read:
    line = lay_bare(squeeze(sample.line))
    reference, pages = read_by_grammar(line)
    tagged = fields_of(line, tagger.segments(line))
    if sample.group == "seed file":
        sample = msgspec.structs.replace(sample, fields=folded(reference.csl, pages.value))
    return Read(fold, sample, reference, pages, tuple(candidates(reference, pages, tagged)))


def is_right(read: Read, candidate: Candidate) -> bool:
    """Whether a reader's value is that of the sample."""
    told = folded({candidate.field: candidate.value}, candidate.value if candidate.field == "page" else "")
    name = candidate.field
    return name in read.sample.fields and name in told and is_same(name, read.sample.fields[name], told[name])


def fit(reads: Iterable[Read]) -> Confidence:
    """Weights for the evidence, by logistic regression over all values that either reader gave."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    rows = [
        (dict.fromkeys(candidate.evidence, 1), is_right(read, candidate), _weight(read.sample))
        for read in reads
        for candidate in read.candidates
    ]
    vectorizer = DictVectorizer()
    features = vectorizer.fit_transform([evidence for evidence, _, _ in rows])
    model = LogisticRegression(C=0.3, max_iter=400)
    model.fit(features, [right for _, right, _ in rows], sample_weight=[weight for _, _, weight in rows])
    weights = {
        name: round(float(weight), 2)
        for name, weight in zip(vectorizer.feature_names_, model.coef_[0], strict=True)
        if abs(weight) > 0.02
    }
    return Confidence(weights | {"": round(float(model.intercept_[0]), 2)}, CERTAIN, LIKELY)


def _weight(sample: Sample) -> float:
    if sample.group == "seed file":
        return _WEIGHT_OF_SEED
    return _WEIGHT_OF_SET if sample.group.startswith("set: ") and sample.words else 1.0


def main(folder: Path, scratch: Path = Path(".ibid-training")) -> None:
    """Trains, fits and writes the model and the weights into the package."""
    material = read_material(folder)
    reads = train_and_hold_out(material, folder, scratch)
    (scratch / "reads.json").write_bytes(msgspec.json.encode(reads))  # what benchmarks/citation_lines.py judges
    confidence = fit(reads)
    CONFIDENCE.write_bytes(msgspec.json.encode(confidence, order="sorted") + b"\n")
    MODEL.write_bytes((scratch / MODEL.name).read_bytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
