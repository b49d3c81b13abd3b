"""Learns, when a collection is indexed and without labels, how its scores are to be read."""

import numpy as np

from index.collection import Collection
from index.embedders import Embedder
from rag.calibration import EVERYDAY, NOTE, Calibration, cosine_scale, knowledge
from rag.everyday_questions import EVERYDAY_QUESTIONS
from rag.query import parse_question
from rag.scoring import Scorer


def learn(collection: Collection, embedder: Embedder) -> Calibration:
    """Calibrates a collection and keeps the result with it: a second of work for any size."""
    calibration = calibrate(collection, embedder)
    collection.put_note(NOTE, calibration)
    return calibration


def learned(collection: Collection, embedder: Embedder) -> dict[str, Calibration]:
    """The notes to be kept with a generation that is being built."""
    return {NOTE: calibrate(collection, embedder)}


def calibrate(collection: Collection, embedder: Embedder) -> Calibration:
    """How a collection's scores are to be read."""
    slope, offset = cosine_scale(embedder)
    known = _known(collection, embedder)
    searches = Scorer(collection, Calibration(slope, offset, known=known), embedder.count_tokens)
    main = collection.languages[0] if collection.languages else ""
    questions = EVERYDAY_QUESTIONS.get(main, [question for question, _ in EVERYDAY])
    vectors = embedder.embed(questions, "query")
    best = []
    for question, vector in zip(questions, vectors, strict=True):
        (gathered,) = searches.gather([parse_question(question)], vector[np.newaxis])
        best.append(float(gathered.looked_at().strength.max(initial=0)))
    return Calibration(slope, offset, float(np.median(best)), known)


_SAMPLED = 256
"""Windows by which it is judged how well an embedder knows a collection's language."""


def _known(collection: Collection, embedder: Embedder) -> float:
    """The median over windows from all of the collection; 1 where there are none."""
    ids = collection.window_map.ids(np.arange(collection.window_map.count))
    some = ids[:: max(1, len(ids) // _SAMPLED)]
    texts = [window.text for window in collection.windows(some.tolist())]
    return float(np.median(knowledge(texts, embedder.count_tokens))) if texts else 1.0
