"""Spans: where the steps of a question are timed, for whoever traces the service; this module records nothing itself.

A span holds the name of a step and figures, never the words that are asked, found or written.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, Protocol, TypeVar

Attributes = Mapping[str, str | int]
Headers = Mapping[str, str]


class Trace(Protocol):
    """The trace of one request; safe to use from any thread."""

    @property
    def id(self) -> str:
        """32 hexadecimal digits (W3C Trace Context)."""
        ...

    def step(self, name: str, attributes: Attributes) -> AbstractContextManager[Headers]:
        """Times a step of the request; gives the headers that carry the trace on to another service."""
        ...


TRACE: ContextVar[Trace | None] = ContextVar("trace", default=None)
"""The trace of the request that is being answered here; None outside of requests and where nothing is traced."""

_UNTRACED: AbstractContextManager[Headers] = nullcontext({})
_NONE: Attributes = {}


def step(name: str, attributes: Attributes = _NONE) -> AbstractContextManager[Headers]:
    """A step of the current request, see ``Trace.step``; nothing where there is no trace."""
    trace = TRACE.get()
    return _UNTRACED if trace is None else trace.step(name, attributes)


def shared_step(name: str, traces: Iterable[Trace | None]) -> AbstractContextManager[object]:
    """A step that several requests take together: a span in the trace of each, with their number as ``ibid.batch.size``."""
    each = list(traces)
    return _all(name, {"ibid.batch.size": len(each)}, [trace for trace in each if trace]) if any(each) else _UNTRACED


@contextmanager
def _all(name: str, attributes: Attributes, traces: Iterable[Trace]) -> Iterator[None]:
    with ExitStack() as steps:
        for trace in traces:
            steps.enter_context(trace.step(name, attributes))
        yield


P = ParamSpec("P")
Result = TypeVar("Result")


def in_trace(work: Callable[P, Result]) -> Callable[P, Result]:
    """``work`` with the caller's trace wherever it runs, for threads that serve many requests."""
    trace = TRACE.get()
    if trace is None:
        return work

    @wraps(work)
    def run(*args: P.args, **named: P.kwargs) -> Result:
        before = TRACE.set(trace)
        try:
            return work(*args, **named)
        finally:
            TRACE.reset(before)

    return run
