"""``ibid export``: every excerpt as one JSON line."""

from contextlib import closing
from pathlib import Path
from typing import IO

import click

from service.cli import options


@click.command()
@click.argument("file", type=click.File("w", encoding="utf-8", atomic=True), default="-")
@options.home
def command(file: IO[str], home: Path | None) -> None:
    """Write every excerpt as one JSON line to FILE, or to standard output.

    Each line has the excerpt's id, text, place, headings, citation and document; `ibid index` reads it back.
    """
    from index.collection import Collection
    from index.readers.jsonl import export_lines
    from service.settings import read_settings

    with closing(Collection.open(read_settings(home=home).home)) as collection:
        for line in export_lines(collection):
            file.write(f"{line}\n")
