"""``ibid describe``: writes a first ``collection.toml`` from what was read in a folder, for a person to correct."""

from pathlib import Path

import click


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--print", "printed", is_flag=True, help="Show it instead of writing it.")
def command(path: Path, printed: bool) -> None:
    """Read the files of a folder and write collection.toml there: how each was read, and what is in doubt.

    Its title, compiler, publisher, place, date, address and rights describe the compilation; [files."PATH"] says layout,
    language and reader of single paths ("*.md" stands for all of them); [corrections] gives citations by excerpt id or
    "PATH:LINE". An existing one is never overwritten.
    """
    from index.compilation import NAME, describe_files
    from index.errors import FileUnreadable
    from index.files import find_files
    from index.readers import read_file

    folder = path if path.is_dir() else path.parent
    place = folder / NAME
    if place.exists() and not printed:
        raise click.ClickException(f"{place} is there already; correct it by hand, or see a new one with --print")
    found = []
    for source in find_files([path]).sources:
        try:
            readings = read_file(source.load())
        except FileUnreadable as error:
            click.echo(f"error: {error}", err=True)
            continue
        name = source.name.split("/", 1)[-1] if path.is_dir() else source.name
        found += [(name, reading) for reading in readings]
    written = describe_files(folder.resolve().name, found)
    if printed:
        click.echo(written, nl=False)
        return
    place.write_text(written, "utf-8")
    click.echo(f"Wrote {place}: correct it, then run ibid index {path}")
