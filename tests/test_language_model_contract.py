"""What every language model keeps, whichever it is."""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing

import pytest

from prompts import Message
from rag.errors import BackendFailed
from rag.models import LanguageModel, Piece, complete
from rag.models.circuit_breaker import CircuitBreaker
from rag.models.openai_compatible import BackendSettings, OpenAICompatible
from tests.fakes import ScriptedModel
from tests.scripted_server import Turn, scripted_server

REPLY = "It rained for nine days — “the ferry stood idle” [1]. Ōsaka, Łódź, 🚢."
ASKED = (Message("user", "Why?"),)


def compatible(base_url: str) -> OpenAICompatible:
    return OpenAICompatible(BackendSettings(name="any", model="m", base_url=base_url, retries=0))


@pytest.fixture(params=["scripted", "compatible", "guarded"])
def model(request: pytest.FixtureRequest) -> Iterator[LanguageModel]:
    if request.param == "scripted":
        yield ScriptedModel(REPLY)
        return
    with scripted_server(Turn(REPLY, pause=0.002)) as server:
        yield (
            compatible(server.base_url)
            if request.param == "compatible"
            else CircuitBreaker(compatible(server.base_url), places=2)
        )


@pytest.fixture(params=["scripted", "compatible", "guarded"])
def broken(request: pytest.FixtureRequest) -> Iterator[LanguageModel]:
    if request.param == "scripted":
        yield ScriptedModel(REPLY, fails_after=2)
        return
    with scripted_server(Turn(REPLY, behaviour="error_midway")) as server:
        yield (
            compatible(server.base_url)
            if request.param == "compatible"
            else CircuitBreaker(compatible(server.base_url), places=2)
        )


async def pieces_of(model: LanguageModel) -> list[Piece]:
    async with aclosing(model.stream(ASKED)) as pieces:
        return [piece async for piece in pieces]


def test_the_pieces_joined_are_the_reply_and_one_says_why_it_ended(model: LanguageModel) -> None:
    async def ask() -> list[Piece]:
        try:
            return await pieces_of(model)
        finally:
            await model.close()

    pieces = asyncio.run(ask())

    assert "".join(piece.text for piece in pieces) == REPLY
    assert [piece.finish for piece in pieces if piece.finish] == ["stop"]


def test_many_may_ask_at_once(model: LanguageModel) -> None:
    async def ask() -> list[str]:
        try:
            return await asyncio.gather(*(complete(model, ASKED) for _ in range(6)))
        finally:
            await model.close()

    assert asyncio.run(ask()) == [REPLY] * 6


def test_a_stream_closed_early_leaves_the_model_usable(model: LanguageModel) -> None:
    async def ask() -> str:
        try:
            async with aclosing(model.stream(ASKED)) as pieces:
                await anext(pieces)
            return await complete(model, ASKED)
        finally:
            await model.close()

    assert asyncio.run(ask()) == REPLY


def test_a_failure_midway_is_a_backend_failure_after_the_pieces_that_came(broken: LanguageModel) -> None:
    async def ask() -> str:
        text = ""
        try:
            async with aclosing(broken.stream(ASKED)) as pieces:
                async for piece in pieces:
                    text += piece.text
        except BackendFailed:
            return text
        finally:
            await broken.close()
        return "no failure"

    text = asyncio.run(ask())

    assert text
    assert REPLY.startswith(text)


def test_a_card_says_what_may_be_written_and_read(model: LanguageModel) -> None:
    card = model.card
    asyncio.run(model.close())

    assert card.name
    assert card.model
    assert 0 < card.answer_tokens < card.context_tokens
