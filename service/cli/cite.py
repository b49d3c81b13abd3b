"""``ibid cite``: citations of excerpts, or the bibliography of the collection."""

from contextlib import closing
from pathlib import Path

import click

from service.cli import options


@click.command()
@click.argument("excerpts", nargs=-1, metavar="[EXCERPT]...")
@click.option("--all", "everything", is_flag=True, help="The bibliography of the whole collection.")
@click.option("--style", help="chicago-notes (default), chicago-author-date, apa or mla; for text and html.")
@click.option("--format", "form", default="text", show_default=True, help="text, html, csl-json, bibtex or ris.")
@options.home
def command(excerpts: tuple[str, ...], everything: bool, style: str | None, form: str, home: Path | None) -> None:
    """Write the citations of excerpts, named by their ids, or with --all the works of the collection.

    Every citation of an excerpt says in which document it is quoted.
    """
    from index.collection import Collection
    from service.bibliography import cited, write_bibliography, write_citations
    from service.settings import read_settings

    if bool(excerpts) == everything:
        raise click.UsageError("Name excerpts by their ids, or give --all.")
    settings = read_settings(home=home, style=style)
    with closing(Collection.open(settings.home)) as collection:
        if everything:
            written = write_bibliography(collection.works(), form, settings.style)
        else:
            written = write_citations(cited(collection, excerpts), form, settings.style)
    click.echo(written, nl=False)
