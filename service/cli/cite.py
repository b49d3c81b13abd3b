"""``ibid cite``: citations of excerpts, or the bibliography of the collection."""

from contextlib import closing
from pathlib import Path

import click

from service.cli import options

FORMATS = ("text", "html", "csl-json", "bibtex", "ris", "zotero-rdf", "markdown", "docx", "cards")
"""A test compares them with what is written."""


@click.command()
@click.argument("excerpts", nargs=-1, metavar="[EXCERPT]...")
@click.option("--all", "everything", is_flag=True, help="The bibliography of the whole collection.")
@click.option("--style", help="A style's name, such as apa or apa@de-DE, or the path of a CSL file.")
@click.option("--format", "form", default="text", show_default=True, help=f"{', '.join(FORMATS)}.")
@click.option("--reference", is_flag=True, help="The full reference of the work below each citation; for text and html.")
@options.home
def command(
    excerpts: tuple[str, ...], everything: bool, style: str | None, form: str, reference: bool, home: Path | None
) -> None:
    """Write the citations of excerpts, named by their ids, or with --all the works of the collection.

    Every citation of an excerpt says in which document it is quoted.
    """
    from index.collection import Collection
    from service.bibliography import cited, write_bibliography, write_citations, write_with_reference
    from service.limits import style_of
    from service.links import links_of
    from service.note_files import NOTE_FORMATS, write_notes
    from service.settings import read_settings

    if bool(excerpts) == everything:
        raise click.UsageError("Name excerpts by their ids, or give --all.")
    settings = read_settings(home=home)
    style = style_of(settings, style, files_too=True)
    with closing(Collection.open(settings.home)) as collection:
        if everything:
            written: str | bytes = write_bibliography(collection.works(), form, style)
        elif form in NOTE_FORMATS:
            written = write_notes(cited(collection, excerpts), form, style, links_of(settings))
        else:
            write = write_with_reference if reference else write_citations
            written = write(cited(collection, excerpts), form, style)
    click.echo(written, nl=False)
