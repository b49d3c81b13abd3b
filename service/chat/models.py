"""The models that chat windows can choose: ``ibid`` answers with passages, ``ibid/NAME`` with checked answers by a backend."""

import time
from typing import Any

from service.errors import ModelUnknown
from service.llm import Backends
from service.settings import nearest

PASSAGES = "ibid"
WRITTEN = f"{PASSAGES}/"


def models(backends: Backends) -> list[dict[str, Any]]:
    """All models, the passages first."""
    return [model(name) for name in _names(backends)]


def model(name: str) -> dict[str, Any]:
    """One model as OpenAI lists it; there is no telling since when it is there."""
    return {"id": name, "object": "model", "created": int(time.time()), "owned_by": "ibid"}


def backend_of(name: str, backends: Backends) -> str | None:
    """The backend that a model means; None for the passages. Raises ModelUnknown."""
    names = _names(backends)
    if name not in names:
        raise ModelUnknown(f"the model is {name!r}", rule="a model is one of /v1/models", remedy=nearest(name, names))
    return None if name == PASSAGES else name.removeprefix(WRITTEN)


def _names(backends: Backends) -> list[str]:
    return [PASSAGES, *(f"{WRITTEN}{name}" for name in backends.names)]
