"""Writes what the program says of itself into the documentation: its settings, the tables of language models, its problems.

Run it from anywhere: ``python scripts/doc_tables.py``. The tests fail where a page is behind.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Meta

from service.problems import BODY_TOO_LARGE, INTERNAL, KINDS, METHOD_NOT_ALLOWED, UNKNOWN_PATH
from service.server_tables import Backend, EmbeddingServer
from service.settings import PREFIX, Settings

ROOT = Path(__file__).parents[1]


def settings() -> str:
    """Every setting with its variable, default and meaning."""
    rows = ["| `ibid.toml` | variable | default | meaning |", "|---|---|---|---|"]
    for field in msgspec.structs.fields(Settings):
        variable = f"`{PREFIX}{field.name.upper()}`"
        rows.append(f"| `{field.name}` | {variable} | {_default(field)} | {_meaning(field)} |")
    return "\n".join(rows)


def backend() -> str:
    """Every member of a language model's table with its default and meaning."""
    return _members(Backend)


def embedding_server() -> str:
    """Every member of an embedding server's table with its default and meaning."""
    return _members(EmbeddingServer)


def problems() -> str:
    """Every kind of problem, by its status."""
    kinds = {*KINDS.values(), UNKNOWN_PATH, METHOD_NOT_ALLOWED, BODY_TOO_LARGE, INTERNAL}
    rows = ["| status | type | title |", "|---|---|---|"]
    ordered = sorted(kinds, key=lambda kind: (kind.status, kind.name))
    rows += [f"| {kind.status} | `urn:ibid:{kind.name}` | {kind.title} |" for kind in ordered]
    return "\n".join(rows)


TABLES: dict[Callable[[], str], Path] = {
    settings: ROOT / "README.md",
    backend: ROOT / "docs" / "backends.md",
    embedding_server: ROOT / "docs" / "embedding-servers.md",
    problems: ROOT / "docs" / "http.md",
}
"""Each table and the page that shows it, between markers that are called like its function."""


def put(text: str, name: str, told: str) -> str:
    """The page with ``told`` between the markers of that name. Raises SystemExit where the page does not have them."""
    begins, ends = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, found, rest = text.partition(begins)
    _, closed, after = rest.partition(ends)
    if not (found and closed):
        raise SystemExit(f"the page has no {begins} … {ends}")
    return f"{before}{begins}\n{told}\n{ends}{after}"


def main() -> None:
    """Brings every page up to date."""
    for table, page in TABLES.items():
        page.write_text(put(page.read_text(encoding="utf-8"), table.__name__, table()), encoding="utf-8")


def _members(table: type[msgspec.Struct]) -> str:
    rows = ["| key | default | meaning |", "|---|---|---|"]
    rows += [f"| `{field.name}` | {_default(field)} | {_meaning(field)} |" for field in msgspec.structs.fields(table)]
    return "\n".join(rows)


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "must be given"
    match field.default:
        case bool():
            return f"`{str(field.default).lower()}`"
        case "" | () | msgspec.NODEFAULT:  # the latter of a dict, which is made anew for each
            return "empty"
        case tuple():
            return f"`{','.join(field.default)}`"
        case _:
            return f"`{field.default}`"


def _meaning(field: msgspec.structs.FieldInfo) -> Any:
    return next(meta.description for meta in field.type.__metadata__ if isinstance(meta, Meta))


if __name__ == "__main__":
    main()
