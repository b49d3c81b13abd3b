"""``ibid restore``: puts a backup in the place of the index."""

from pathlib import Path

import click

from service.cli import options


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@options.home
def command(file: Path, home: Path | None) -> None:
    """Put the backup in FILE in the place of the index; a running service takes it up by itself.

    The file is checked first: a damaged one changes nothing.
    """
    from index.backup import restore
    from service.settings import read_settings

    settings = read_settings(home=home)
    told = restore(settings.home, file)
    click.echo(f"{settings.home} is again what {file} holds: {told.documents:,} documents, {told.excerpts:,} excerpts.")
