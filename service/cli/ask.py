"""``ibid ask``: a question on the command line."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from service.cli import options

if TYPE_CHECKING:
    from rag.records import Sort

SORTS = ("relevance", "oldest", "newest", "place")
"""The values of ``rag.records.Sort``, which is not imported for a help text."""


@click.command()
@click.argument("question")
@click.option("--limit", type=click.IntRange(min=1), help="How many passages at most.")
@click.option("--offset", type=click.IntRange(min=0), default=0, help="How many of the first passages to leave out.")
@click.option("--sort", type=click.Choice(SORTS), default="relevance", show_default=True, help="In which order.")
@click.option("--per-work", type=click.IntRange(min=1), help="How many passages of one work at most.")
@click.option("--full", is_flag=True, help="Show long passages whole, not around their highlight.")
@click.option("--style", help="Style of the citations, see `ibid cite --help`.")
@click.option("--at", metavar="URL", help="Ask the service there, with the key in IBID_KEY, in place of the index here.")
@click.option(
    "--filters",
    "suggested",
    type=click.Choice(["suggested"]),
    help="Search only in the authors and titles that the question names as its sources.",
)
@options.filters
@options.as_json
@options.home
def command(
    question: str,
    limit: int | None,
    offset: int,
    sort: "Sort",
    per_work: int | None,
    full: bool,
    style: str | None,
    at: str | None,
    suggested: Literal["suggested"] | None,
    as_json: bool,
    home: Path | None,
    **filters: tuple[str, ...],
) -> None:
    """Ask the collection a question.

    Shows the passages that answer best: verbatim, the best sentences highlighted, each with its citation, the
    document it is quoted in, and a link. "Words in quotation marks" must occur just so; author:Doe, title:, heading:,
    work:, document: and year:1951-1953 within the question limit it as the options do.
    """
    from service.limits import filters_of, validate_limit, validate_question
    from service.settings import read_settings

    settings, given = read_settings(home=home, style=style), filters_of(filters)
    if suggested and given:
        raise click.UsageError(
            "--filters suggested stands alone; write author:Doe or title: into the question to limit it further."
        )
    wanted = suggested or given
    if at:
        from ibid import Ibid

        there = Ibid.connect(at)
        answer = there.ask(
            question, limit=limit, filters=wanted, per_work=per_work, style=style, closely=True, offset=offset, sort=sort
        )
    else:
        from service.cli import asking

        count = validate_limit(settings, limit)
        answer = asking.answer(settings, validate_question(settings, question), wanted, count, per_work, offset, sort)
    if as_json:
        _write_json(answer)
        return
    from service.cli.answer import show

    show(answer, full=full)


def _write_json(answer: Any) -> None:
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(answer)))
