"""What ``ibid ask`` does: opens the index for one question and answers it in this thread.

The service's ways (``service.library``) are for questions that come at once: batches, threads and an event loop, which take
as long to import as a lone question takes to answer.
"""

import time
from contextlib import closing

from index.collection import Collection
from index.records import Filters
from rag.retrieve import Retriever
from service.links import links_of
from service.presenters import Presenter
from service.schemas import AnswerView, Timing
from service.settings import Settings
from service.wiring import asking_embedder, reranker_of


def answer(settings: Settings, text: str, filters: Filters, limit: int, per_work: int | None) -> AnswerView:
    """What the collection holds on a question.

    At most ``per_work`` hits come from one work, where that is given.

    Raises:
        IndexMissing, IndexDamaged, EmbedderMismatch, EmbedderUnusable: there is nothing to answer from.
        QuestionInvalid, FilterInvalid: the question's own field terms cannot be read.
    """
    with closing(Collection.open(settings.home)) as collection:
        embedder = asking_embedder(settings, collection.embedder)
        retriever = Retriever(collection, reranker_of(settings), embedder.count_tokens)
        question = retriever.read(text, filters)
        started = time.perf_counter()
        (vector,) = embedder.embed([question.words], "query")
        encoded = time.perf_counter()
        findings = retriever.find(question, vector, limit, per_work)
        timing = Timing.between(started, encoded, time.perf_counter())
        return Presenter(collection, links_of(settings), settings.style).answer(findings, timing)
