"""What ``ibid ask`` does: opens the collection for one question and answers it in this thread.

The service's ways (``service.library``) are for concurrent questions: batches, threads and an event loop, which take as long
to import as a lone question takes to answer.
"""

from typing import Literal

from ibid import Ibid
from index.filters import Filters
from rag.records import Sort
from service.schemas import AnswerView
from service.settings import Settings


def answer(
    settings: Settings,
    text: str,
    filters: Filters | Literal["suggested"],
    limit: int,
    per_work: int | None,
    offset: int = 0,
    sort: Sort = "relevance",
) -> AnswerView:
    """What the collection holds on a question; arguments and errors as for ``ibid.Ibid.ask``."""
    with Ibid.open(settings=settings) as collection:
        return collection.ask(text, limit=limit, filters=filters, per_work=per_work, closely=True, offset=offset, sort=sort)
