"""The language models that the settings name: opened, each within its bounds, and found by the name a request gives.

Keys are never settings: a table names the environment variable or the file that holds one.
"""

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import msgspec

from index.secret import Secret
from index.windows import split_sentences
from prompts import load_prompt
from rag.answer_tree import Unproved
from rag.answering import Answerer
from rag.errors import SettingInvalid
from rag.models import LanguageModel
from rag.models.circuit_breaker import CircuitBreaker
from rag.models.openai_compatible import BackendSettings, OpenAICompatible, read_secret
from rag.opinions import SupportJudge
from rag.prompting import OFFLINE, CountTokens, token_counter
from service.errors import RequestInvalid
from service.server_tables import Backend
from service.settings import nearest


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
        headers=tuple((header, header_secret(name, header, value, environment)) for header, value in backend.headers.items()),
        query=tuple(backend.query.items()),
        temperature=None if backend.temperature == "default" else backend.temperature,
        **{field: getattr(backend, field) for field in told - {"headers", "query", "temperature"}},
    )
    return CircuitBreaker(
        OpenAICompatible(settings),
        places=backend.places,
        wait_seconds=backend.wait_seconds,
        failures=backend.failures,
        rest_seconds=backend.rest_seconds,
    )


def header_secret(name: str, header: str, value: str, environment: Mapping[str, str]) -> Secret:
    """A header's value; one such as $NAME is that of the variable NAME. Raises SettingInvalid."""
    if not value.startswith("$"):
        return Secret(value)
    try:
        return read_secret(value[1:], environment=environment)
    except SettingInvalid as error:
        raise SettingInvalid(f"header {header} of {name!r}: {error.found}", rule=error.rule, remedy=error.remedy) from None


# Who may write answers, and how they are asked and checked; what that needs is loaded when it is first needed.


class LanguageModels:
    """Language models by name, the one way in which all of them are asked, and the measure of their texts."""

    def __init__(
        self, backends: Backends, *, encoding: str = OFFLINE, unproved: Unproved = "unquote", support_model: str = ""
    ) -> None:
        self.backends = backends
        self._support_model = support_model
        self._encoding = encoding
        self._unproved: Unproved = unproved

    @cached_property
    def count_tokens(self) -> CountTokens:
        """How long a text is for a language model. Raises SettingInvalid for an encoding that is not at hand."""
        return token_counter(self._encoding)

    @cached_property
    def answerer(self) -> Answerer:
        """Asks and checks. Raises SettingInvalid as ``count_tokens``."""
        return Answerer(load_prompt("answer"), self.count_tokens, split_sentences, unproved=self._unproved)

    @cached_property
    def judge(self) -> SupportJudge | None:
        """Who judges whether passages say what an answer says; None where the settings name nobody."""
        return SupportJudge(load_prompt("support"), self.model(self._support_model)) if self._support_model else None

    def model(self, name: str) -> LanguageModel:
        """The language model of this name; for "" the first. Raises RequestInvalid."""
        if (model := self.backends.find(name)) is not None:
            return model
        if not self.backends.names:
            raise RequestInvalid(
                "an answer is asked for and there is no language model",
                rule="answers are written by a backend of the settings",
                remedy="ask for mode passages, or add a table [backends.NAME] to ibid.toml",
            )
        raise RequestInvalid(
            f"the model is {name!r}", rule="a model is a backend of the settings", remedy=nearest(name, list(self.backends.names))
        )
