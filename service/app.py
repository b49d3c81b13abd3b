"""The Litestar application: routes, collaborators and what surrounds them; assembled once for each process."""

import asyncio
import contextlib
import ctypes
import logging
import multiprocessing
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from litestar import Litestar, Router
from litestar.config.app import AppConfig
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.middleware import DefineMiddleware
from litestar.openapi.config import OpenAPIConfig
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin
from litestar.types import ASGIApp

from index.errors import IbidError
from index.records import Filters
from index.threads import share_heaps
from service.access import READ, Access, Authentication, access_of, guard, is_guarded
from service.api import Sessions, ask, session_provider
from service.chat.openai import answer_error
from service.jobs import Jobs
from service.libraries import Libraries
from service.library import Library
from service.limits import style_of
from service.links import Links
from service.llm import NO_BACKENDS, Backends, LanguageModels, open_backends
from service.mcp_endpoint import McpEndpoint, is_installed
from service.middleware import RequestContextMiddleware
from service.observability import OFF, Observability, open_observability, read_exporters
from service.openapi import described
from service.origins import OriginGuard
from service.pages import JsonSchema, ReferencePage
from service.pools import TimedPool
from service.presenters import Presenter
from service.rates import Buckets, RateLimit
from service.requests import JsonRequest, refuse_unknown_parameters
from service.routes import ROUTES
from service.routes.manage import manage_router
from service.routes.pages import WORKS_LISTED
from service.settings import DEFAULT_COLLECTION, Settings, read_settings, version
from service.telemetry import SHARED, Metrics, log_to_stderr
from service.wiring import assemble, assemble_others

log = logging.getLogger("ibid")

BLOCKING_CALLS = 8
"""Threads that may read the index at once; each holds the GIL only briefly. Questions have threads of their own."""


_PR_SET_PDEATHSIG = 1
"""As in sys/prctl.h."""

SHORTEST_REFRESH = 0.5
"""Seconds between two looks for a newer index while there are no requests, where every request looks for one itself."""


class Application(Litestar):
    """Litestar with what we use: it would import its plugins wherever pydantic, attrs or OpenTelemetry happen to be installed.

    They cost .07 s and 9 MiB; all our shapes are msgspec's.
    """

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]

    @staticmethod
    def _patch_opentelemetry_middleware(config: AppConfig) -> AppConfig:
        return config  # it looks for a middleware that we do not use, and imports OpenTelemetry for that


def create_app(
    settings: Settings,
    library: Library,
    backends: Backends = NO_BACKENDS,
    others: Mapping[str, Library] | None = None,
    observability: Observability = OFF,
) -> Litestar:
    """The service over one library and ``others`` by name, the language models that may write answers, and what traces it.

    Opens nothing before it is started.
    """
    metrics = observability.metrics()
    libraries = Libraries(library, others or {})
    for name in libraries.names:
        libraries.one(name).count_failure = metrics.reload_failure
    writing = LanguageModels(
        backends, encoding=settings.encoding, unproved=settings.unproved, support_model=settings.support_model
    )
    sessions = Sessions(libraries, settings, metrics, writing)
    endpoint = McpEndpoint(settings, library, metrics, writing) if settings.mcp and is_installed() else None
    access = access_of(settings) if is_guarded(settings) else None
    buckets = _buckets(settings)
    run = partial(_running, libraries, writing, settings, observability)
    app = Application(
        route_handlers=[*ROUTES, manage_router(settings), *([endpoint.handler] if endpoint else [])],
        dependencies=_dependencies(settings, sessions, metrics, access),
        middleware=[DefineMiddleware(Authentication, access=access)] if access else [],
        guards=[guard] if access else [],
        state=_state(settings, buckets),
        exception_handlers={Exception: answer_error},
        before_request=refuse_unknown_parameters,
        request_class=JsonRequest,
        request_max_body_size=settings.max_body,
        cors_config=_cors(settings),
        openapi_config=_schema(settings),
        lifespan=[run, *([lambda _: endpoint.running()] if endpoint else [])],
        logging_config=None,
    )
    # Where people have keys, each key has its limit, and the guard keeps it.
    limited = settings.questions_per_minute and not access
    within = RateLimit(app.asgi_handler, buckets, answer_error) if limited else app.asgi_handler
    app.asgi_handler = observability.traced(_surrounded(within, settings, metrics))
    return app


def _state(settings: Settings, buckets: Buckets) -> State:
    """What hooks and guards read."""
    told = {"https": settings.base_url.startswith("https:"), "uploads": settings.uploads, "page_language": settings.page_language}
    return State({"buckets": buckets, **told})


def _surrounded(app: ASGIApp, settings: Settings, metrics: Metrics) -> ASGIApp:
    guarded = OriginGuard(app, settings, answer_error)
    return RequestContextMiddleware(guarded, metrics, log_questions=settings.log_questions)


def _dependencies(settings: Settings, sessions: Sessions, metrics: Metrics, access: Access | None) -> dict[str, Provide]:
    """What handlers may ask for by name."""
    given = {"settings": settings, "metrics": metrics, "writing": sessions.writing, "access": access, "sessions": sessions}
    library = sessions.libraries.one(DEFAULT_COLLECTION)
    return {
        **{name: _given(each) for name, each in given.items()},
        "library": _given(library),
        "session": session_provider(sessions),
    }


def _schema(settings: Settings) -> OpenAPIConfig:
    """The service's description of itself at ``/schema``."""
    describe = partial(described, settings=settings)
    return OpenAPIConfig(
        title="Ibid",
        version=version(),
        description="Answers questions about a collection of cited excerpts with the passages themselves.",
        openapi_router=Router("/schema", route_handlers=[], include_in_schema=False, dto=None, return_dto=None, opt=READ),
        use_handler_docstrings=True,
        operation_id_creator=lambda handler, _method, _path: handler.handler_name,
        render_plugins=[ReferencePage("/", describe), JsonSchema("/openapi.json", describe)],
    )


def app_from_environment() -> Litestar:
    """The service as ``ibid.toml`` and the environment describe it: what each worker process runs."""
    die_with_parent()
    settings = read_settings()
    log_to_stderr(settings.log_level, settings.log_format)
    share_heaps()
    observability = open_observability(read_exporters(os.environ))
    return create_app(settings, assemble(settings), open_backends(settings.backends), assemble_others(settings), observability)


def die_with_parent() -> None:
    """Ends this worker when its supervisor is gone, also where that was killed (Linux; elsewhere nothing is done)."""
    if multiprocessing.parent_process() is not None and sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _buckets(settings: Settings) -> Buckets:
    """How often each client has asked, the same for all workers."""
    shared = os.environ.get(SHARED)
    return Buckets(Path(shared) / "rates.bin" if shared else None, settings.questions_per_minute)


def _given(value: Any) -> Provide:
    async def give() -> Any:
        return value

    return Provide(give)


def _cors(settings: Settings) -> CORSConfig | None:
    if not settings.cors_origins:
        return None
    return CORSConfig(allow_origins=list(settings.cors_origins), expose_headers=["x-request-id", "retry-after"])


@asynccontextmanager
async def _running(
    libraries: Libraries, writing: LanguageModels, settings: Settings, observability: Observability, _app: Litestar
) -> AsyncIterator[None]:
    """One bounded pool of threads for what blocks besides questions; the index is opened while the first requests come in."""
    pool = TimedPool(BLOCKING_CALLS, "ibid", settings.processor_seconds)
    asyncio.get_running_loop().set_default_executor(pool)
    work = [
        step
        for each in map(libraries.one, libraries.names)
        for step in (_open_ahead(each, writing, settings), _keep_up(each, settings))
    ]
    for home in (settings.home, *map(Path, settings.collections.values())):
        Jobs(home).start(settings)  # what was not finished when the service ended
    tasks = [asyncio.create_task(step) for step in work]
    yield
    for task in tasks:
        task.cancel()
    libraries.close()
    await writing.backends.close()
    await asyncio.to_thread(observability.close)
    pool.shutdown(wait=False, cancel_futures=True)


async def _keep_up(library: Library, settings: Settings) -> None:
    """Opens newer generations while there are no requests."""
    while True:
        await asyncio.sleep(max(settings.refresh_seconds, SHORTEST_REFRESH))
        with contextlib.suppress(IbidError):
            await library.fetch(wait=False)


async def _open_ahead(library: Library, writing: LanguageModels, settings: Settings) -> None:
    try:
        opened = await library.fetch()
        presenter = Presenter(opened.collection, Links(settings.base_url), style_of(settings))
        await ask(opened, "What does this collection hold?", Filters(), 1, None, presenter.answer)
        if writing.backends.names:
            opened.quotations.build()
    except IbidError as error:
        log.warning("cannot answer yet: %s", error)
    else:
        log.info("ready: generation %s, %s excerpts", opened.collection.generation, opened.collection.counts.excerpts)
        await asyncio.to_thread(presenter.sources, Filters(), 0, WORKS_LISTED)  # each reference takes milliseconds, once
