"""One question from text to findings, with the time each stage took; shared by HTTP and the command line."""

import asyncio
import time

from index.filters import Filters
from rag.records import Findings
from service.library import Opened
from service.views import Timing


async def ask(opened: Opened, text: str, filters: Filters, limit: int, per_work: int | None = None) -> tuple[Findings, Timing]:
    """What one generation of the collection holds on ``text``; encoding and search run in threads.

    At most ``per_work`` hits come from one work, where that is given.

    Raises:
        QuestionInvalid, FilterInvalid: the question's own field terms cannot be read.
    """
    question = opened.retriever.read(text, filters)
    started = time.perf_counter()
    vector = await opened.encoder.encode(question.words)
    encoded = time.perf_counter()
    findings = await asyncio.to_thread(opened.retriever.find, question, vector, limit, per_work)
    return findings, Timing.between(started, encoded, time.perf_counter())
