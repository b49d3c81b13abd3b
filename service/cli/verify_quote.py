"""``ibid verify-quote``: whether words stand in the collection, and where they were cited."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli import options

if TYPE_CHECKING:
    from service.proof_schemas import FindingView, VerificationView

VERDICTS = {
    "exact": "These very words stand in the collection.",
    "normalised": "These words stand in the collection; only their typography differs.",
    "elided": "All its pieces stand in the collection, in this order.",
    "altered": "Not verbatim: the nearest passage says it otherwise.",
    "stitched": "Not verbatim: its pieces stand in different places.",
    "misattributed": "These words stand in the collection, but elsewhere.",
    "not_found": "Nothing like it stands in this collection.",
}
CITED = {
    "agrees": "They stand where the citation says.",
    "differs": "They do not stand where the citation says.",
    "unknown": "Whether they stand where the citation says cannot be told.",
}


@click.command()
@click.argument("quote")
@click.option("--citation", default="", help="How the words were cited, in any style.")
@options.as_json
@options.home
@click.pass_context
def command(ctx: click.Context, quote: str, citation: str, as_json: bool, home: Path | None) -> None:
    """Check a quotation: whether it occurs verbatim, and, apart from that, whether it stands where it was cited.

    Typography may differ (quotation marks, dashes, white space, case); words may not. The exit code is 1 when the words
    do not occur, or when they stand elsewhere than the citation says.
    """
    import msgspec

    from index.collection import Collection
    from service.library import Quotations
    from service.limits import validate_quote
    from service.links import links_of
    from service.presenters import ProofPresenter
    from service.settings import read_settings

    settings = read_settings(home=home)
    quote = validate_quote(settings, quote)
    with closing(Collection.open(settings.home)) as collection:
        found = Quotations(collection).verify(quote, citation)
        verified = ProofPresenter(collection, links_of(settings)).verification(quote, found)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(verified)))
    else:
        _show(verified)
    ctx.exit(0 if verified.verbatim and verified.cited != "differs" else 1)


def _show(verified: "VerificationView") -> None:
    from service.cli.terminal import printable

    click.echo(printable(verdict_of(verified.finding)))
    for line in _details(verified.finding):
        click.echo(printable(f"  {line}"))
    if verified.cited:
        click.echo(CITED[verified.cited])
    for place in verified.places:
        for field in place.fields:
            click.echo(printable(f"  {field.field}: given {field.given!r}, the source has {field.source!r}: {field.agreement}"))


def verdict_of(finding: "FindingView") -> str:
    """The verdict in words, and what of the sentence around the quotation a reader has to know."""
    warnings = finding.scope.warnings if finding.scope else ()
    if not warnings:
        return VERDICTS[finding.verdict]
    joined = f"{'; '.join(warnings)}."
    return (
        f"{VERDICTS[finding.verdict].rstrip('.')}, but {joined}" if finding.accepted else f"{VERDICTS[finding.verdict]} {joined}"
    )


def _details(finding: "FindingView") -> list[str]:
    changed = [change for change in finding.changes if change.kind != "same"]
    diff = [f"quoted {change.quoted!r}, the source has {change.source!r}" for change in changed]
    places = [f"“{place.text}” {place.url}" for place in finding.places]
    scope = finding.scope
    around = [f"the whole sentence: “{' '.join(scope.text.split())}”"] if scope else []
    omitted = [f"left out, {each.words} words: “{' '.join(each.text.split())}”" for each in (scope.omissions if scope else ())]
    return [*([finding.note] if finding.note else []), *diff, *places, *around, *omitted]
