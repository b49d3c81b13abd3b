"""``ibid index``: reads files and makes them searchable."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli import options

if TYPE_CHECKING:
    from index.files import Scope


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option("--sample", is_flag=True, help="The sample collection of Ibid; for a new index also what no PATH means.")
@click.option("--if-new", is_flag=True, help="Do nothing where there is an index already.")
@click.option("--only", is_flag=True, help="Drop what was indexed from elsewhere: these paths are the whole collection.")
@click.option("--yes", is_flag=True, help="Drop more than half of the collection without asking, where that has gone.")
@click.option("--follow-links", is_flag=True, help="Follow links that lead out of the paths, too.")
@click.option("--report", is_flag=True, help="Show what was read: counts, furniture, what has no citation, line numbers.")
@click.option("--dry-run", is_flag=True, help="Read and report only; index nothing.")
@click.option("--rebuild", is_flag=True, help="Read unchanged files again and allow another model; alone: all that is indexed.")
@click.option("--model", help="Embedding model: a folder or a hub name (default: that of the index, else the bundled one).")
@click.option("--reader", help="Reader for all files, for example excerpts, markdown, csv or pdf (default: each file decides).")
@click.option("--layout", help="How citations go with texts: below, above, heading, none … (default: by the evidence).")
@click.option("--columns", help="What the columns of tables hold, for example 'text=Highlight,title=\"Book Title\"'.")
@click.option("--zotero", type=click.Path(path_type=Path), help="A Zotero data folder, or an export of Better BibTeX with files.")
@click.option("--collection", help="With --zotero: only this collection, and those in it.")
@click.option(
    "--vectors", type=click.Path(path_type=Path), help="Folder of vectors that `ibid embed` wrote; the rest is embedded."
)
@click.option("--to", metavar="URL", help="Send the files to the service there, with the key in IBID_KEY, and have them indexed.")
@click.option("--watch", is_flag=True, help="Go on: index what changes below the paths as it changes, until Ctrl-C.")
@click.option("--strict", is_flag=True, help="Exit with 3 when any text was left without an attribution in doubt.")
@options.home
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    sample: bool,
    if_new: bool,
    only: bool,
    yes: bool,
    follow_links: bool,
    report: bool,
    dry_run: bool,
    rebuild: bool,
    model: str | None,
    reader: str | None,
    layout: str | None,
    columns: str | None,
    zotero: Path | None,
    collection: str | None,
    vectors: Path | None,
    to: str | None,
    watch: bool,
    strict: bool,
    home: Path | None,
) -> None:
    """Read files, or all files below folders, and make them searchable.

    Run again, it embeds only what is new and drops what has gone from these paths; more than half of the collection only when
    that is confirmed. Files that cannot be read are named and the others indexed; the exit code is 1 when none could be, or
    when the system would not let a path be looked at, and what was indexed from there stays. In a file in which it is unsure
    whose words a text is, the text is indexed without an attribution: name the layout, here or in collection.toml. Ctrl-C
    leaves the index as it was and keeps what was embedded, so that the same command goes on from there.
    """
    from service.building import built_with
    from service.cli import indexing
    from service.settings import read_settings

    if to:
        others = (sample, only, rebuild, model, reader, layout, columns, zotero, follow_links, watch, vectors)
        ctx.exit(_send(to, paths, any(others), dry_run))
    settings = read_settings(home=home, model=model)
    new = built_with(settings) is None
    if if_new and not new:
        return
    if bool(paths) + sample + bool(zotero) > 1 or not (paths or sample or zotero or rebuild or new):
        raise click.UsageError("Name the files to index, or give --sample or --zotero, one of them.")
    if collection and not zotero:
        raise click.UsageError("--collection is one of a Zotero library: name that with --zotero.")
    if only and not (paths or sample or zotero):
        raise click.UsageError("With --only, name the files that are the whole collection.")
    if watch and (not paths or dry_run or vectors):
        raise click.UsageError("With --watch, name files or folders; --dry-run and --vectors are not for it.")
    found = [indexing.SAMPLE] if sample or (new and not paths) else paths
    find = partial(scope_of, found, settings.home, zotero, collection, follow_links, columns, only, layout)
    scope = find()
    sure = indexing.show_report(scope, reader) if report or dry_run else True
    if dry_run:
        ctx.exit(indexing.UNSURE if strict and not sure else 0)
    if watch:
        from service.cli.watching import watch_paths

        build_now = partial(indexing.build, settings, reader=reader, yes=yes)
        ctx.exit(watch_paths(paths, settings.home, find, build_now, rebuild=rebuild))
    ctx.exit(indexing.build(settings, scope, reader=reader, rebuild=rebuild, yes=yes, strict=strict, vectors=vectors))


def scope_of(
    paths: Sequence[Path],
    home: Path,
    zotero: Path | None,
    collection: str | None,
    follow_links: bool,
    columns: str | None,
    only: bool,
    layout: str | None,
) -> "Scope":
    """The files that there are now."""
    from index.files import find_files
    from index.readers.tabular import parse_columns
    from index.zotero import find_zotero

    mapped = parse_columns(columns) if columns else None
    scope = find_zotero(zotero, collection) if zotero else find_files(paths, home, follow_links=follow_links, columns=mapped)
    scope = scope.alone() if only else scope
    return scope.laid_out(layout) if layout else scope


def _send(url: str, paths: tuple[Path, ...], otherwise: bool, dry_run: bool) -> int:
    from service.cli.sending import send

    if not paths or otherwise:
        raise click.UsageError("With --to, name files or folders; of the other options only --dry-run is for it.")
    return send(url, paths, dry_run=dry_run)
