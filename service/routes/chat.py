"""What OpenAI's clients call: ``/v1/models``, ``/v1/chat/completions``, ``/v1/responses`` and ``/v1/embeddings``."""

import asyncio
from functools import partial
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from rag.prompting import CountTokens
from service.access import ASK, caller_of
from service.api import Session, Sessions
from service.chat.embeddings import EmbeddingBody, embeddings
from service.chat.messages import chosen_by, conversation_of, model, models
from service.chat.openai import ChatBody, Completion, Responding, ResponseBody, error_frame
from service.chat.replies import begin
from service.llm import LanguageModels
from service.requests import JsonRequest
from service.responses import event_stream, while_awaited

ANY_QUERY = {"any_query": True, **ASK}


@get("/v1/models", tags=["chat"], summary="The models to choose from", opt=ANY_QUERY)
async def list_models(
    request: JsonRequest, writing: NamedDependency[LanguageModels], sessions: NamedDependency[Sessions]
) -> dict[str, Any]:
    """``ibid`` answers with passages, ``ibid/NAME`` with a checked answer by the backend NAME.

    Where there are several collections, ``ibid/COLLECTION`` and ``ibid/COLLECTION/NAME`` ask one of them.
    """
    return {"object": "list", "data": models(writing.backends, _collections(request, sessions))}


@get("/v1/models/{model_id:path}", tags=["chat"], summary="One model", opt=ANY_QUERY)
async def show_model(
    request: JsonRequest,
    writing: NamedDependency[LanguageModels],
    sessions: NamedDependency[Sessions],
    model_id: Annotated[str, PathParameter()],
) -> dict[str, Any]:
    """One model, by its name."""
    name = model_id.lstrip("/")
    chosen_by(name, writing.backends, _collections(request, sessions))
    return model(name)


@post("/v1/chat/completions", status_code=200, tags=["chat"], summary="Chat with the collection", opt=ANY_QUERY)
async def complete_chat(request: JsonRequest, data: JSONBody[ChatBody], sessions: NamedDependency[Sessions]) -> Response[Any]:
    """The last question of a conversation, answered as Markdown with its sources; whole or as chunks."""
    conversation = conversation_of(data.messages)
    request.scope["state"]["question"] = conversation.question
    session, backend = await _meant(request, sessions, data.model)
    reply = await while_awaited(request, begin(session, conversation, backend))
    completion = Completion(data, session.settings.dialects, await _counter(session))
    if data.stream:
        return event_stream(completion.frames(reply), error_frame, session.settings.keep_alive_seconds)
    return Response(await while_awaited(request, completion.whole(reply)))


@post("/v1/responses", status_code=200, tags=["chat"], summary="Ask for a response", opt=ANY_QUERY)
async def respond(request: JsonRequest, data: JSONBody[ResponseBody], sessions: NamedDependency[Sessions]) -> Response[Any]:
    """The same in the shape of OpenAI's Responses; nothing is stored."""
    messages = data.messages()
    conversation = conversation_of(messages)
    request.scope["state"]["question"] = conversation.question
    session, backend = await _meant(request, sessions, data.model)
    reply = await while_awaited(request, begin(session, conversation, backend))
    responding = Responding(data, messages, session.settings.dialects, await _counter(session))
    if data.stream:
        return event_stream(responding.frames(reply), responding.error_frame, session.settings.keep_alive_seconds)
    return Response(await while_awaited(request, responding.whole(reply)))


@post("/v1/embeddings", status_code=200, tags=["chat"], summary="Embed texts", opt=ANY_QUERY)
async def embed_texts(request: JsonRequest, data: JSONBody[EmbeddingBody], session: NamedDependency[Session]) -> dict[str, Any]:
    """The vectors of texts, by the embedder of the collection; as numbers, or in base64."""
    return await while_awaited(request, session.embed(partial(embeddings, data)))


def _collections(request: JsonRequest, sessions: Sessions) -> tuple[str, ...]:
    return sessions.libraries.allowed(caller_of(request.scope))


async def _meant(request: JsonRequest, sessions: Sessions, model: str) -> tuple[Session, str | None]:
    """The session over the collections that a model means, else over those that the address names; and the backend."""
    chosen = chosen_by(model, sessions.writing.backends, _collections(request, sessions))
    return await sessions.of(request, chosen.collections or request.query_params.getall("collection", [])), chosen.backend


async def _counter(session: Session) -> CountTokens:
    """Loading an encoding takes a moment the first time."""
    return await asyncio.to_thread(lambda: session.writing.count_tokens)
