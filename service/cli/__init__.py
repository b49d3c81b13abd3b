"""The command line: one module a command, imported only when that command runs.

Exit codes: 0 done; 1 an error that the message explains, or a check that failed; 2 a command typed wrongly; 3 a
layout in doubt (``ibid index --strict``); 130 interrupted.
"""

import gc
import sys
from importlib import import_module
from typing import Any

import click

from index.errors import IbidError
from index.threads import do_small_work_alone

INTERRUPTED = 130
"""What a shell says of a program that Ctrl-C stopped: 128 and the number of the signal."""

YOUNG_OBJECTS = 100_000
"""New objects between two looks for garbage. Importing makes as many and drops none: at Python's 2,000 or fewer, looking for
garbage and, at the end, looking once more takes a fifth of the time of `ibid ask`."""

COMMANDS = {
    "index": "Read files of cited excerpts and make them searchable.",
    "embed": "Embed a part of the texts, for an index on another machine.",
    "ask": "Ask the collection a question.",
    "serve": "Answer questions over HTTP.",
    "key": "Make, list and take back API keys.",
    "cite": "Format citations, or the whole bibliography.",
    "export": "Write every excerpt as one JSON line.",
    "verify-quote": "Check whether words stand in the collection, and where they were cited.",
    "mcp": "Serve an AI client on standard input and output.",
    "evaluate": "Score retrieval on a question set.",
    "describe": "Write a first collection.toml from what is read in a folder.",
    "verify": "Check every excerpt and every index against the stored files.",
    "backup": "Copy the index into one file, while it is in use.",
    "restore": "Put a backup in the place of the index.",
    "doctor": "Tell what is installed, what is indexed and what is wrong.",
}
"""Every command and its summary, known without importing it."""


class Commands(click.Group):
    """Finds a command's module by its name; turns our errors into a line on standard error and exit code 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 — click's signature
        """The commands in the order they are used."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 — click's signature
        """The command, or None when there is none by that name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"service.cli.{cmd_name.replace('-', '_')}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 — click's signature
        """Lists the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Runs a command."""
        try:
            return super().invoke(ctx)
        except IbidError as error:
            click.echo(f"error: {error}", err=True)
            ctx.exit(1)
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)


def _show_version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        from service.settings import version

        click.echo(f"ibid {version()}")
        ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version and exit."
)
def command() -> None:
    """Ask a collection of cited excerpts, and get the passages themselves: verbatim, ranked, fully cited.

    Settings come from ibid.toml and IBID_* variables; options win. Exit codes: 0 done, 1 an error or a failed
    check, 2 a command typed wrongly, 130 interrupted.
    """


def main() -> None:
    """The console script ``ibid``."""
    gc.set_threshold(YOUNG_OBJECTS)
    do_small_work_alone()
    try:
        command(prog_name="ibid", standalone_mode=True)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    finally:
        gc.freeze()
