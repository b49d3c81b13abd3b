"""The language models that the settings name: opened, each within its bounds, and found by the name a request gives.

Keys are never settings: a table names the environment variable or the file that holds one.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from rag.errors import SettingInvalid
from rag.models import LanguageModel
from rag.models.circuit_breaker import Guarded
from rag.models.openai_compatible import BackendSettings, OpenAICompatible
from rag.models.secret import Secret, read_secret
from service.backend_tables import Backend


class Backends:
    """Language models by the names they were configured under; the first is meant where none is named."""

    def __init__(self, models: Mapping[str, LanguageModel]) -> None:
        self._models = dict(models)

    @property
    def names(self) -> Sequence[str]:
        """All names, in the order of the settings."""
        return tuple(self._models)

    def find(self, name: str) -> LanguageModel | None:
        """The model of this name; for "" the first. None where there is no such model."""
        return self._models.get(name or next(iter(self._models), ""))

    async def close(self) -> None:
        """Gives all connections back."""
        for model in self._models.values():
            await model.close()


NO_BACKENDS = Backends({})


def open_backends(backends: Mapping[str, Backend], environment: Mapping[str, str] | None = None) -> Backends:
    """The models of these tables, each within its bounds. Reaches none of them yet.

    Raises:
        SettingInvalid: a key that is named cannot be read, or an address that is none.
        ExtraMissing: the package ``openai`` is not installed.
    """
    known = os.environ if environment is None else environment
    return Backends({name: _open(name, backend, known) for name, backend in backends.items()})


def _open(name: str, backend: Backend, environment: Mapping[str, str]) -> LanguageModel:
    told = {field.name for field in msgspec.structs.fields(BackendSettings)} & set(Backend.__struct_fields__)
    settings = BackendSettings(
        name=name,
        key=read_secret(backend.key_variable, Path(backend.key_file) if backend.key_file else None, environment),
        headers=tuple((header, _header(name, header, value, environment)) for header, value in backend.headers.items()),
        query=tuple(backend.query.items()),
        temperature=None if backend.temperature == "default" else backend.temperature,
        **{field: getattr(backend, field) for field in told - {"headers", "query", "temperature"}},
    )
    return Guarded(
        OpenAICompatible(settings),
        places=backend.places,
        wait_seconds=backend.wait_seconds,
        failures=backend.failures,
        rest_seconds=backend.rest_seconds,
    )


def _header(name: str, header: str, value: str, environment: Mapping[str, str]) -> Secret:
    if not value.startswith("$"):
        return Secret(value)
    try:
        return read_secret(value[1:], environment=environment)
    except SettingInvalid as error:
        raise SettingInvalid(
            f"header {header} of backend {name!r}: {error.found}", rule=error.rule, remedy=error.remedy
        ) from None
