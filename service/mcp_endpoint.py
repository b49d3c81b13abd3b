"""Where MCP clients find the tools over HTTP: ``/mcp``, mounted in the service. The library loads for the first of them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import Context
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any, cast

from litestar.handlers import ASGIRouteHandler, asgi
from litestar.types import ASGIApp, Receive, Scope, Send

from index.errors import ExtraMissing
from service.access import ASK_AND_READ, caller_of
from service.api import Session
from service.errors import ScopeMissing
from service.library import Library
from service.links import Links
from service.llm import LanguageModels
from service.settings import DEFAULT_COLLECTION, Settings
from service.telemetry import Metrics

PATH = "/mcp"


class McpEndpoint:
    """Hands requests to the MCP server, which the first request starts; those that come before it runs wait for it."""

    def __init__(self, settings: Settings, library: Library, metrics: Metrics, writing: LanguageModels) -> None:
        self._settings = settings
        self._library = library
        self._metrics = metrics
        self._writing = writing
        self._started: asyncio.Future[ASGIApp]
        self._serving: asyncio.Task[None] | None = None

    @property
    def handler(self) -> ASGIRouteHandler:
        """The route under which it answers."""

        @asgi(PATH, is_mount=True, copy_scope=True, opt={"any_query": True, **ASK_AND_READ})
        async def mcp(scope: Scope, receive: Receive, send: Send) -> None:
            if not caller_of(scope).may_use(DEFAULT_COLLECTION):
                raise ScopeMissing(
                    "the key is limited to other collections",
                    rule=f"tools look into the collection {DEFAULT_COLLECTION}",
                    remedy="ask for another key, or use /v1 with collection=",
                )
            within = cast("Scope", {**scope, "path": "/", "root_path": PATH})
            await (await self._app())(within, receive, send)

        return mcp

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Ends the server with the service, where one was started."""
        self._started = asyncio.get_running_loop().create_future()
        try:
            yield
        finally:
            if self._serving is not None:
                self._serving.cancel()
                await asyncio.wait({self._serving})

    async def _app(self) -> ASGIApp:
        """The server, once it runs; raises what kept it from running."""
        if self._serving is None:
            # Not in the context of the request that happens to come first: it outlives that one's id and trace.
            self._serving = asyncio.create_task(self._serve(), context=Context())
        starting: set[asyncio.Future[Any]] = {self._started, self._serving}
        await asyncio.wait(starting, return_when=asyncio.FIRST_COMPLETED)
        if self._serving.done():
            await self._serving
        return self._started.result()

    async def _serve(self) -> None:
        server = await asyncio.to_thread(load_server)
        app = server.http_app(server.make_server(partial(self._desk, server.address_of)), self._settings)
        async with app.router.lifespan_context(app):
            self._started.set_result(app)
            await asyncio.Event().wait()

    async def _desk(self, address_of: Callable[[Any], str], context: Any) -> Session:
        base = self._settings.base_url or address_of(context)
        opened = await self._library.fetch()
        return Session(opened, Links(base.rstrip("/")), self._settings, self._metrics, self._writing)


def is_installed() -> bool:
    """Whether the extra ``mcp`` is there; looks for it without loading it."""
    return find_spec("mcp") is not None


def load_server() -> ModuleType:
    """``service.mcp_server``, which takes a second to import.

    Raises:
        ExtraMissing: the extra ``mcp`` is not installed.
    """
    if not is_installed():
        raise ExtraMissing(
            "MCP needs the package mcp", rule="it is an extra", remedy="install it with: pip install 'ibid-rag[mcp]'"
        )
    return import_module("service.mcp_server")
