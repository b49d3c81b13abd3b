"""``ibid export``: every excerpt as one JSON line."""

from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from service.cli import options

if TYPE_CHECKING:
    from index.collection import Collection

EXCERPTS_AT_ONCE = 256


@click.command()
@click.argument("file", type=click.File("w", encoding="utf-8", atomic=True), default="-")
@options.home
def command(file: IO[str], home: Path | None) -> None:
    """Write every excerpt as one JSON line to FILE, or to standard output.

    Each line has the excerpt's id, text, place, headings, citation and document; `ibid index` reads it back.
    """
    from index.collection import Collection
    from service.settings import read_settings

    with closing(Collection.open(read_settings(home=home).home)) as collection:
        for line in _lines(collection):
            file.write(f"{line}\n")


def _lines(collection: "Collection") -> Iterator[str]:
    from index.readers.jsonl import export_line
    from index.records import Filters

    for document in collection.documents():
        ids = iter(collection.excerpt_ids(Filters(document=(document.id,))))
        while some := list(islice(ids, EXCERPTS_AT_ONCE)):
            yield from (export_line(excerpt, document) for excerpt in collection.excerpts(some))
