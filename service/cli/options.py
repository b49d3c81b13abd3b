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


def filters(function: F) -> F:
    """Adds one repeatable option for each filter."""
    from index.filters import FILTERS

    for name, each in reversed(FILTERS.items()):
        function = click.option(f"--{name}", multiple=True, help=f"{each.about} May be repeated: any of them.")(function)
    return function
