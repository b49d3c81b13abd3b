"""One question from text to what is made of its findings, with the time each stage took."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

from index.filters import Filters
from rag.evidence import Gathered
from rag.records import Findings
from rag.refining import NONE, Refinements
from service.kept_answers import Asked
from service.library import Opened
from service.views import Timing

Result = TypeVar("Result")


async def ask(
    opened: Opened,
    text: str,
    filters: Filters,
    limit: int,
    per_work: int | None,
    show: Callable[[Findings, Timing], Result],
    refinements: Refinements = NONE,
) -> Result:
    """What ``show`` makes of what one generation of the collection holds on ``text``; what takes time does so in a thread.

    A question that was asked lately is not searched for again; its timing is zero. At most ``per_work`` hits come from one
    work, where that is given; the leading ones are given the closer looks that ``refinements`` names.

    Raises:
        QuestionInvalid, FilterInvalid: the question's own field terms cannot be read.
    """
    asked = Asked(text, filters, limit, per_work, refinements)
    if (known := opened.answers.get(asked)) is not None:
        return await asyncio.to_thread(show, known, Timing(0.0, 0.0))
    question = opened.retriever.read(text, filters)
    started = time.perf_counter()

    def conclude_and_show(gathered: Gathered, embedded: float) -> Result:
        findings = opened.retriever.conclude(question, gathered, limit, per_work, refinements)
        opened.answers.keep(asked, findings)
        return show(findings, Timing.between(started, embedded, time.perf_counter()))

    return await opened.encoder.encode(question.words, question, opened.retriever.gather, conclude_and_show)
