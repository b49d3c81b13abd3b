"""Options that several commands share, and how they become settings."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

home = click.option(
    "--home", type=click.Path(file_okay=False, path_type=Path), help="Folder of the index (default: IBID_HOME, else .ibid)."
)
as_json = click.option("--json", "as_json", is_flag=True, help="Write JSON for programs.")

_FILTERS = {
    "author": "Words of an author's name.",
    "title": "Words of a work's title.",
    "heading": "Words of a heading.",
    "work": "Id of a work.",
    "document": "Id or name of a document.",
    "year": "Year of issue, or a range such as 1936-1938.",
}


def filters(function: F) -> F:
    """Adds one repeatable option for each filter."""
    for name, meaning in reversed(_FILTERS.items()):
        function = click.option(f"--{name}", multiple=True, help=f"{meaning} May be repeated: any of them.")(function)
    return function
