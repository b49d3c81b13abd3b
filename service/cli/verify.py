"""``ibid verify``: checks all that is stored."""

from pathlib import Path

import click

from service.cli import options


@click.command()
@options.as_json
@options.home
@click.pass_context
def command(ctx: click.Context, as_json: bool, home: Path | None) -> None:
    """Check every excerpt against the stored files, and every derived index against the catalog.

    Changes nothing. The exit code is 1 when something is wrong, and each finding says what to do.
    """
    import msgspec

    from index.verify import verify
    from service.cli.terminal import counted, printable
    from service.settings import read_settings

    settings = read_settings(home=home)
    checked = verify(settings.home)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(checked)))
    else:
        for finding in checked.findings:
            click.echo(printable(f"{finding.subject}: {finding.found}; {finding.remedy}"))
        verdict = f"{len(checked.findings):,} wrong" if checked.findings else "all of it holds"
        click.echo(
            f"Generation {checked.generation}: {counted(checked.documents, 'document')}, {counted(checked.excerpts, 'excerpt')}, "
            f"{counted(checked.windows, 'window')} checked; {verdict}."
        )
    ctx.exit(1 if checked.findings else 0)
