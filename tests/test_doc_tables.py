"""What the documentation says of settings, language models and problems is what the program has."""

import re
from collections.abc import Callable

import msgspec
import pytest

from scripts.doc_tables import TABLES, backend, embedding_server, put, settings
from service.server_tables import Backend, EmbeddingServer
from service.settings import Settings


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_every_page_is_up_to_date(table: Callable[[], str]) -> None:
    page = TABLES[table].read_text(encoding="utf-8")

    assert put(page, table.__name__, table()) == page, "run: .venv/bin/python scripts/doc_tables.py"


@pytest.mark.parametrize(("table", "shape"), [(settings, Settings), (backend, Backend), (embedding_server, EmbeddingServer)])
def test_every_key_has_a_row_with_a_meaning(table: Callable[[], str], shape: type[msgspec.Struct]) -> None:
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in table().splitlines()[2:]]

    assert [row[0].strip("`") for row in rows] == [field.name for field in msgspec.structs.fields(shape)]
    assert all(row[-1] for row in rows)


def test_a_setting_is_told_with_its_variable_and_its_default() -> None:
    assert "\n| `port` | `IBID_PORT` | `8000` | Port that" in settings()


def test_a_page_without_markers_is_named() -> None:
    with pytest.raises(SystemExit, match="<!-- settings --> … <!-- /settings -->"):
        put("A page.", "settings", "| a table |")
