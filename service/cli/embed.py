"""``ibid embed``: embeds a part of the texts into files, for ``ibid index --vectors`` on another machine."""

from pathlib import Path

import click

from service.cli import options


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option("--part", default="1/1", metavar="I/N", help="Which part of how many (default: 1/1, all).")
@click.option("--vectors", type=click.Path(path_type=Path), required=True, help="Folder for the vectors; made if missing.")
@click.option("--follow-links", is_flag=True, help="Follow links that lead out of the paths, too.")
@click.option("--model", help="Embedding model, as for `ibid index`.")
@click.option("--reader", help="Reader for all files, as for `ibid index`.")
@click.option("--layout", help="How citations go with texts, as for `ibid index`.")
@click.option("--columns", help="What the columns of tables hold, as for `ibid index`.")
@click.option("--zotero", type=click.Path(path_type=Path), help="A Zotero data folder, as for `ibid index`.")
@click.option("--collection", help="With --zotero: only this collection, and those in it.")
@options.home
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    part: str,
    vectors: Path,
    follow_links: bool,
    model: str | None,
    reader: str | None,
    layout: str | None,
    columns: str | None,
    zotero: Path | None,
    collection: str | None,
    home: Path | None,
) -> None:
    """Embed a part of the texts of files, into a folder that `ibid index --vectors` takes in.

    Each of N machines reads all files, and embeds the texts that fall to its part by their SHA-256; nothing is coordinated.
    Give the options that `ibid index` is going to be given. Stopped or killed, the same command goes on from there.
    """
    from index.vector_parts import part_of
    from service.cli import indexing
    from service.cli.index import scope_of
    from service.settings import read_settings

    if bool(paths) + bool(zotero) != 1:
        raise click.UsageError("Name the files, or give --zotero, one of them.")
    try:
        chosen = part_of(part)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--part") from None
    settings = read_settings(home=home, model=model)
    scope = scope_of(paths, settings.home, zotero, collection, follow_links, columns, False, layout)
    ctx.exit(indexing.embed(settings, scope, chosen, vectors, reader))
