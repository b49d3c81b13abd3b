"""Answers one question as the service does, with a language model or in its conversation, without a server."""

import asyncio

from service.api import AskRequest, Session
from service.links import links_of
from service.llm import LanguageModels, open_backends
from service.responses import answer_view
from service.schemas import AnswerView
from service.settings import Settings
from service.telemetry import Metrics
from service.wiring import assemble


def answer_in_process(settings: Settings, asked: AskRequest, style: str | None) -> AnswerView:
    """What ``POST /v1/ask`` would answer; blocks until it is whole. Errors as for ``ibid.Ibid.ask``.

    Raises:
        RuntimeError: called from a running event loop.
    """
    return asyncio.run(_answer(settings, asked, style))


async def _answer(settings: Settings, asked: AskRequest, style: str | None) -> AnswerView:
    library, backends = assemble(settings), open_backends(settings.backends)
    try:
        models = LanguageModels(
            backends, encoding=settings.encoding, unproved=settings.unproved, support_model=settings.support_model
        )
        session = Session(await library.fetch(), links_of(settings), settings, Metrics(), models)
        found = await session.look(asked, style)
        return found.passages if asked.backend is None else await answer_view(session, found)
    finally:
        await backends.close()
        library.close()
