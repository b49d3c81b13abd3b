"""``ibid key``: makes, lists and takes back the keys of a service that others may reach."""

from pathlib import Path

import click

from service.cli import options


@click.group()
def command() -> None:
    """Make, list and take back API keys.

    A running service takes up a change within a second. Only digests of keys are kept.
    """


@command.command()
@click.argument("name")
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice(["ask", "read", "index", "admin"]), help="Default: ask and read."
)
@click.option("--collection", "collections", multiple=True, help="Only this collection; may be repeated (default: all).")
@click.option("--days", type=click.IntRange(1, 36_500), help="How long it is valid (default: until it is revoked).")
@click.option("--per-minute", type=click.IntRange(min=0), default=0, help="Questions a minute (default: as the settings say).")
@options.home
def create(
    name: str, scopes: tuple[str, ...], collections: tuple[str, ...], days: int | None, per_minute: int, home: Path | None
) -> None:
    """Make a key; NAME says who or what it is for. The key is shown this once.

    ask: questions and checks; read: excerpts, works, documents; index: add and delete documents; admin: all of it.
    """
    from service.audit import record
    from service.keys import SCOPES, USUAL, key_file
    from service.settings import read_settings

    settings = read_settings(home=home)
    wanted = tuple(scope for scope in SCOPES if scope in scopes) or USUAL
    key, token = key_file(settings).create(name, wanted, days, collections, per_minute)
    record(settings, "key created", None, f"{key.id} {key.name} ({', '.join(key.scopes)})")
    click.echo(token)
    click.echo(f"Key {key.id} for {key.name}: {_described(key.scopes, key.expires)}. It is not shown again.", err=True)


@command.command("list")
@options.as_json
@options.home
def list_keys(as_json: bool, home: Path | None) -> None:
    """List all keys, with what they are for and whether they are valid; never the keys themselves."""
    import json
    import time

    import msgspec

    from service.cli.terminal import printable
    from service.keys import key_file
    from service.settings import read_settings

    now = time.time()
    keys = key_file(read_settings(home=home)).all()
    if as_json:
        told = [{**msgspec.to_builtins(key), "valid": key.is_valid(now)} for key in keys]
        click.echo(json.dumps([{name: value for name, value in each.items() if name != "digest"} for each in told], indent=2))
        return
    for key in keys:
        state = "revoked" if key.revoked else "valid" if key.is_valid(now) else "expired"
        within = f", only {', '.join(key.collections)}" if key.collections else ""
        click.echo(printable(f"{key.id}  {state:<7}  {key.name}: {_described(key.scopes, key.expires)}{within}"))
    if not keys:
        click.echo("There are no keys; make one with `ibid key create NAME`.", err=True)


@command.command()
@click.argument("key_id", metavar="ID")
@options.home
def revoke(key_id: str, home: Path | None) -> None:
    """Take a key back, by its id (see `ibid key list`); browsers that signed in with it are signed out."""
    from service.audit import record
    from service.keys import key_file
    from service.settings import read_settings

    settings = read_settings(home=home)
    key = key_file(settings).revoke(key_id)
    record(settings, "key revoked", None, f"{key.id} {key.name}")
    click.echo(f"Key {key.id} for {key.name} is revoked.")


def _described(scopes: tuple[str, ...], expires: str) -> str:
    return f"{', '.join(scopes)}; {f'until {expires}' if expires else 'without end'}"
