"""A question in its conversation: what was asked, and what was found for it."""

import msgspec

from index.filters import Filters
from prompts import Message
from rag.conversation import Rewritten
from rag.records import Findings
from service.views import AnswerView


class Inquiry(msgspec.Struct, frozen=True):
    """A question as it was asked, with the turns before it.

    ``backend`` names the language model that is to answer ("" is the first of the settings); None asks for passages, and
    no language model hears of it. ``closely`` says that somebody waits for the answer, who would rather have it later and
    better: the settings that are "auto" depend on it.
    """

    question: str
    filters: Filters = Filters()
    limit: int | None = None
    per_work: int | None = None
    history: tuple[Message, ...] = ()
    backend: str | None = None
    closely: bool = True


class Found(msgspec.Struct, frozen=True):
    """What a collection holds on an inquiry, as it is and as it is shown; ``rewritten`` is the question that was searched for."""

    inquiry: Inquiry
    findings: Findings
    rewritten: Rewritten
    passages: AnswerView
