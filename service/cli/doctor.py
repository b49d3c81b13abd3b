"""``ibid doctor``: what is installed, what is indexed, and what is wrong."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli import options

if TYPE_CHECKING:
    from index.doctor import Diagnosis
    from service.settings import Settings


@click.command()
@options.as_json
@click.option("--report", is_flag=True, help="Write what to paste into an issue: no paths, names, texts or keys.")
@options.home
@click.pass_context
def command(ctx: click.Context, as_json: bool, report: bool, home: Path | None) -> None:
    """Show versions, the embedding model and its weights, paths, counts and settings; say what is wrong and how to mend it.

    Repairs nothing. The exit code is 1 when something is wrong.
    """
    import msgspec

    from index.doctor import examine
    from service.building import built_with
    from service.cli.terminal import printable
    from service.settings import read_settings

    if as_json and report:
        raise click.UsageError("--json and --report are two forms of the same; use one of them")
    settings = read_settings(home=home)
    card = built_with(settings)
    name = settings.model or (card.name if card else None)
    server = settings.embedders.get(name or "")
    local = server.local if server else name
    told = examine(settings.home, local, precision=settings.precision, served=bool(server and not local))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(told)))
    elif report:
        from service.issue_report import issue_report

        click.echo(printable(issue_report(told, settings)))
    else:
        _show(told, settings)
    ctx.exit(1 if told.findings else 0)


def _show(told: "Diagnosis", settings: "Settings") -> None:
    import msgspec

    from service.cli.terminal import printable
    from service.settings import differing

    rows = [("ibid", f"{told.version} on Python {told.python}"), *told.libraries.items(), ("home", told.home)]
    if told.model:
        card = told.model.card
        rows += [
            ("model", f"{card.name} {card.revision}".strip()),
            ("  folder", told.model.folder),
            ("  served by", told.model.served_by),
            ("  dimension", f"{card.dimension}, at most {card.max_tokens} word pieces, {card.precision}"),
            ("  weights SHA-256", card.weights_sha256),
        ]
    if server := settings.embedders.get(settings.model or (told.index.embedder.name if told.index else "")):
        rows.append(("embedded by", f"{server.model}, at {server.url}"))
    if told.index:
        rows += [
            ("index", f"generation {told.index.generation}, {told.index.bytes / 1e6:,.1f} MB"),
            ("  built with", f"{told.index.embedder.name} ({told.index.embedder.precision})"),
            ("  holds", ", ".join(f"{count:,} {what}" for what, count in msgspec.structs.asdict(told.index.counts).items())),
        ]
    set_to = {name: str(value) if isinstance(value, Path) else value for name, value in differing(settings).items()}
    rows += [("settings", ", ".join(f"{name} = {value!r}" for name, value in set_to.items()) or "all as they come")]
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        click.echo(printable(f"{name:<{width}}  {value}"))
    for finding in told.findings:
        click.echo(printable(f"wrong: {finding.subject}: {finding.found}; {finding.remedy}"))
