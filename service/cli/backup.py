"""``ibid backup``: copies the index into one file."""

from pathlib import Path

import click

from service.cli import options


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@options.home
def command(file: Path, home: Path | None) -> None:
    """Copy the newest generation into FILE, while questions are answered and files are indexed.

    The file holds everything: texts, citations, vectors. It is checked before it takes its name.
    """
    from index.backup import back_up
    from service.settings import read_settings

    settings = read_settings(home=home)
    told = back_up(settings.home, file)
    held = f"{told.documents:,} documents, {told.excerpts:,} excerpts, {told.bytes / 1e6:,.1f} MB"
    click.echo(f"{file} holds generation {told.generation}: {held}.")
