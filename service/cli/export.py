"""``ibid export``: every excerpt as one JSON line."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from service.cli import options

if TYPE_CHECKING:
    from index.collection import Collection


@click.command()
@click.argument("file", type=click.File("w", encoding="utf-8", atomic=True), default="-")
@click.option("--authors", is_flag=True, help="The authority list instead: each author with all spellings, one JSON line each.")
@options.home
def command(file: IO[str], authors: bool, home: Path | None) -> None:
    """Write every excerpt as one JSON line to FILE, or to standard output.

    Each line has the excerpt's id, text, place, headings, citation and document; `ibid index` reads it back.
    """
    from index.collection import Collection
    from index.readers.jsonl import export_lines
    from service.settings import read_settings

    with closing(Collection.open(read_settings(home=home).home)) as collection:
        lines = _author_lines(collection) if authors else export_lines(collection)
        for line in lines:
            file.write(f"{line}\n")


def _author_lines(collection: "Collection") -> Iterator[str]:
    import msgspec

    return (msgspec.json.encode(author).decode() for author in collection.authors())
