"""Any server that speaks OpenAI's chat completions, through the ``openai`` client."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from index.errors import ExtraMissing
from index.secret import Secret, scrub
from prompts import Message
from rag.errors import BackendFailed, SettingInvalid
from rag.models import ModelCard, Piece
from rag.models.deltas import DeltaReader
from rag.tracing import Headers, step

if TYPE_CHECKING:
    import openai
    from openai.types.chat import ChatCompletionChunk


# Where a key is read from: settings name a variable or a file.


def read_secret(variable: str = "", file: Path | None = None, environment: Mapping[str, str] | None = None) -> Secret:
    """A key from the environment variable or the file named; empty where neither is named.

    Raises:
        SettingInvalid: what is named is not there, cannot be read, or is empty. Never shows its content.
    """
    if variable:
        text = (os.environ if environment is None else environment).get(variable, "")
        where = f"environment variable {variable}"
    elif file is not None:
        where = f"key file {file}"
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise _missing(where, type(error).__name__) from None
    else:
        return Secret("")
    if not text.strip():
        raise _missing(where, "nothing there")
    return Secret(text.strip())


def _missing(where: str, why: str) -> SettingInvalid:
    return SettingInvalid(
        f"{where} gives no key ({why})",
        rule="a key that is named can be read",
        remedy="set it, or take the name out of the backend's settings",
    )


Result = TypeVar("Result")

_LONGEST_REPORT = 300
_REASONS = {
    400: ("refuses the request", "see docs/backends.md for the settings this server wants"),
    401: ("refuses the key", "set the right key; docs/backends.md says where"),
    403: ("refuses access", "set a key that may use this model"),
    404: ("does not know this address or model", "mend base_url or model"),
    413: ("finds the prompt too long", "lower context_tokens"),
    429: ("is rate-limited or out of quota", "ask again later, or raise the limit with the provider"),
}


class BackendSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach one backend.

    ``timeout_seconds`` bounds the wait for the first piece and between two, ``total_seconds`` the whole call. ``headers`` may
    hold keys and are treated so; ``query`` may not, because addresses are logged. ``extra_body`` goes into the request as it is.
    """

    name: str
    model: str
    base_url: str = "https://api.openai.com/v1"
    key: Secret = Secret("")
    headers: tuple[tuple[str, Secret], ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    extra_body: dict[str, Any] = {}
    temperature: float | None = 0.0
    answer_tokens: int = 800
    answer_tokens_field: str = "max_tokens"
    context_tokens: int = 8192
    usage_in_stream: bool = True
    connect_seconds: float = 5.0
    timeout_seconds: float = 60.0
    total_seconds: float = 300.0
    retries: int = 2

    def __post_init__(self) -> None:
        if not self.base_url.startswith(("http://", "https://")) or "@" in self.base_url.split("?")[0]:
            raise SettingInvalid(
                f"backend {self.name!r} has a base_url that does not begin with http:// or https://, or holds a password",
                rule="base_url is a plain address such as http://localhost:11434/v1; keys go into key or headers",
                remedy="mend base_url",
            )
        if not 0 < self.answer_tokens < self.context_tokens:
            raise SettingInvalid(
                f"backend {self.name!r} may write {self.answer_tokens} tokens and takes {self.context_tokens} altogether",
                rule="answer_tokens is above 0 and below context_tokens",
                remedy="set context_tokens to what the model reads",
            )


class OpenAICompatible:
    """One backend; opens no connection before it is asked."""

    def __init__(self, settings: BackendSettings) -> None:
        """Raises ExtraMissing where the package ``openai`` is not installed."""
        openai = _openai(settings.name)
        self._settings = settings
        self._secrets = [settings.key, *(secret for _, secret in settings.headers)]
        self._client = openai.AsyncOpenAI(
            base_url=settings.base_url,
            api_key=settings.key.reveal() or "none",
            default_headers={name: value.reveal() for name, value in settings.headers},
            default_query=dict(settings.query),
            max_retries=settings.retries,
            timeout=openai.Timeout(settings.timeout_seconds, connect=settings.connect_seconds),
        )

    @property
    def card(self) -> ModelCard:
        """What identifies this backend."""
        settings = self._settings
        return ModelCard(settings.name, settings.model, settings.context_tokens, settings.answer_tokens)

    async def stream(self, messages: Sequence[Message]) -> AsyncGenerator[Piece, None]:
        """What the model writes, as it writes it. Raises BackendFailed."""
        told = {"gen_ai.operation.name": "chat", "gen_ai.request.model": self._settings.model}
        with step("language_model", told) as headers:
            async with aclosing(self._pieces(messages, headers)) as pieces:
                async for piece in pieces:
                    yield piece

    async def close(self) -> None:
        """Gives connections back."""
        await self._client.close()

    async def _pieces(self, messages: Sequence[Message], headers: Headers) -> AsyncGenerator[Piece, None]:
        deadline = time.monotonic() + self._settings.total_seconds
        chunks = await self._until(deadline, self._request(messages, headers))
        finished, reader = False, DeltaReader()
        try:
            while (piece := await self._until(deadline, _next(chunks, reader))) is not None:
                finished = finished or bool(piece.finish)
                yield piece
        finally:
            await chunks.close()
        if not finished:
            raise self._failed("broke off in the middle or sent no stream", "ask again; check that it streams chat completions")

    async def _request(self, messages: Sequence[Message], headers: Headers) -> "openai.AsyncStream[ChatCompletionChunk]":
        settings = self._settings
        options: dict[str, Any] = {settings.answer_tokens_field: settings.answer_tokens, **settings.extra_body}
        if settings.temperature is not None:
            options.setdefault("temperature", settings.temperature)
        if settings.usage_in_stream:
            options.setdefault("stream_options", {"include_usage": True})
        chunks: openai.AsyncStream[ChatCompletionChunk] = await self._client.chat.completions.create(
            model=settings.model,
            messages=[{"role": message.role, "content": message.content} for message in messages],
            stream=True,
            extra_body=options,
            extra_headers=dict(headers),
        )
        return chunks

    async def _until(self, deadline: float, step: Awaitable[Result]) -> Result:
        """One step of the call; whatever goes wrong in it is a BackendFailed that shows no key."""
        import openai

        try:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                return await step
        except openai.APIStatusError as error:
            reason, remedy = _REASONS.get(error.status_code, ("failed", "look into its log; ask again later"))
            failed = self._failed(f"{reason} (status {error.status_code}: {error.message})", remedy)
        except (openai.APITimeoutError, TimeoutError):
            failed = self._failed("did not answer in time", "raise its time-outs, or choose a faster model")
        except openai.APIConnectionError as error:
            failed = self._failed(f"cannot be reached ({type(error.__cause__ or error).__name__})", "start it, or mend base_url")
        except openai.APIError as error:
            failed = self._failed(f"broke off with an error ({error.message})", "ask again; look into its log")
        except (ValueError, AttributeError, TypeError) as error:  # the client parses what a broken server sends
            failed = self._failed(
                f"answered rubbish ({type(error).__name__})", "check that base_url leads to an OpenAI-compatible server"
            )
        raise failed from None  # the cause holds the request, and with it the key

    def _failed(self, what: str, remedy: str) -> BackendFailed:
        return BackendFailed(
            f"language model {self._settings.name!r} " + scrub(what, self._secrets)[:_LONGEST_REPORT],
            rule="a backend answers as OpenAI's chat completions do, and in time",
            remedy=remedy,
        )


async def _next(chunks: "openai.AsyncStream[ChatCompletionChunk]", reader: DeltaReader) -> Piece | None:
    chunk = await anext(chunks, None)
    return None if chunk is None else reader.read(chunk)


def _openai(name: str) -> ModuleType:
    try:
        import openai
    except ImportError as error:
        raise ExtraMissing(
            f"backend {name!r} needs the package openai",
            rule="language models are an extra",
            remedy="install it with: pip install 'ibid-rag[openai]'",
        ) from error
    return openai
