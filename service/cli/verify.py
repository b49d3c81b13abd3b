"""``ibid verify``: checks all that is stored."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli import options

if TYPE_CHECKING:
    from index.verify import Verification
    from service.settings import Settings


@click.command()
@click.option("--repair", is_flag=True, help="Make again what is damaged: from the catalog, or from the files stored in it.")
@options.as_json
@options.home
@click.pass_context
def command(ctx: click.Context, repair: bool, as_json: bool, home: Path | None) -> None:
    """Check every excerpt against the stored files, and every derived index against the catalog.

    Changes nothing without --repair. The exit code is 1 when something is wrong, and each finding says what to do.
    """
    import msgspec

    from index.verify import verify
    from service.settings import read_settings

    settings = read_settings(home=home)
    checked, lost = _repaired(settings) if repair else (verify(settings.home), False)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(checked)))
    else:
        _show(checked)
    ctx.exit(1 if checked.findings or lost else 0)


def _repaired(settings: "Settings") -> "tuple[Verification, bool]":
    """Repairs what is wrong, the least first, tells what was done, and checks again; and whether a stored file was lost."""
    from index.errors import IndexDamaged
    from index.repair import remake_derived
    from index.verify import verify
    from service.building import repair_collection
    from service.cli.terminal import counted, printable

    with suppress(IndexDamaged):
        if not (checked := verify(settings.home)).findings:
            return checked, False
        remake_derived(settings.home)
        if not (checked := verify(settings.home)).findings:
            click.echo("Made again from the catalog: all derived files.", err=True)
            return checked, False
    told = repair_collection(settings)
    click.echo(f"Made again from {counted(len(told.saved), 'stored file')}; {told.embedded:,} windows embedded.", err=True)
    for name in told.lost:
        click.echo(printable(f"error: {name} is damaged in the catalog; index it again from where it came"), err=True)
    if told.kept:
        click.echo(f"The damaged catalog is kept as {told.kept}.", err=True)
    return verify(settings.home), bool(told.lost)


def _show(checked: "Verification") -> None:
    from service.cli.terminal import counted, printable

    for finding in checked.findings:
        click.echo(printable(f"{finding.subject}: {finding.found}; {finding.remedy}"))
    verdict = f"{len(checked.findings):,} wrong" if checked.findings else "all of it holds"
    click.echo(
        f"Generation {checked.generation}: {counted(checked.documents, 'document')}, {counted(checked.excerpts, 'excerpt')}, "
        f"{counted(checked.windows, 'window')} checked; {verdict}."
    )
