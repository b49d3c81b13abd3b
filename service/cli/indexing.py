"""What ``ibid index`` does and shows: a progress bar, what changed, and what the readers found."""

import time
from contextlib import closing
from pathlib import Path
from typing import Self

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

import index
from index.build import BuildSummary
from index.collection import Collection
from index.errors import FileUnreadable
from index.files import Scope
from index.readers import read_file
from index.report import DocumentReport, Remark, report
from service.building import build_collection
from service.cli import INTERRUPTED
from service.cli.terminal import counted, printable, write
from service.settings import Settings

SAMPLE = Path(index.__file__).parent / "sample"
_MOST_WARNINGS = 20
PLAIN_SECONDS = 10.0
"""How often progress is told where there is no terminal to draw a bar on."""


def build(settings: Settings, scope: Scope, *, reader: str | None, rebuild: bool) -> int:
    """Indexes the files, tells what changed, and returns the exit code.

    Raises:
        EmbedderMismatch: another model than the index was built with, without ``rebuild``.
    """
    started = time.monotonic()
    shown = Shown()
    try:
        with shown:
            summary = build_collection(
                settings, scope, reader=reader, rebuild=rebuild, progress=shown.tell, calibrating=shown.calibrating
            )
    except KeyboardInterrupt:
        done = f" {shown.done:,} of {shown.total:,} windows are embedded and kept." if shown.total else ""
        click.echo(f"Stopped. The index is as it was.{done} The same command goes on from there.", err=True)
        return INTERRUPTED
    _show_summary(settings, summary, time.monotonic() - started)
    read = summary.added or summary.replaced or summary.unchanged or summary.duplicates
    return 1 if summary.failures and not read else 0


def show_report(scope: Scope, reader: str | None) -> None:
    """What the readers make of each file, with the line numbers of everything irregular."""
    for source in scope.sources:
        try:
            readings = read_file(source.load(), reader)
        except FileUnreadable as error:
            click.echo(f"error: {error}", err=True)
            continue
        for each in report(readings):
            _show_document(each)


class Shown:
    """Progress on standard error: a bar with rate and time left on a terminal, else a line now and then."""

    def __init__(self) -> None:
        self.done = self.total = 0
        self._begun = 0
        self._console = Console(stderr=True)
        self._told = time.monotonic()
        self._bar = Progress(
            TextColumn("{task.fields[what]}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("left"),
            console=self._console,
            disable=not self._console.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task("", total=None, what="reading", rate="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bar.stop()

    def calibrating(self) -> None:
        """Shows that embedding is done and calibration has begun."""
        self._bar.update(self._task, completed=1, total=1, what="calibrating", rate="")

    def tell(self, done: int, total: int) -> None:
        """Shows how many windows of how many have a vector."""
        if not self.total:
            self._begun, self._started = done, time.monotonic()
        self.done, self.total = done, total
        rate = (done - self._begun) / max(time.monotonic() - self._started, 1e-9)
        self._bar.update(
            self._task, completed=done, total=total, what="embedding", rate=f"{rate:,.0f} windows/s" if done > self._begun else ""
        )
        if not self._console.is_terminal and time.monotonic() - self._told > PLAIN_SECONDS:
            self._told = time.monotonic()
            click.echo(f"embedded {done:,} of {total:,} windows, {rate:,.0f}/s", err=True)


def _show_summary(settings: Settings, summary: BuildSummary, seconds: float) -> None:
    for failure in summary.failures:
        click.echo(f"error: {printable(str(failure.error))}", err=True)
    for warning in summary.warnings[:_MOST_WARNINGS]:
        click.echo(f"warning: {printable(warning)}", err=True)
    if len(summary.warnings) > _MOST_WARNINGS:
        click.echo(f"warning: {len(summary.warnings) - _MOST_WARNINGS:,} more; --report shows all of them", err=True)
    told = {
        "added": summary.added,
        "replaced": summary.replaced,
        "dropped": summary.dropped,
        "unchanged": summary.unchanged,
        "the same as another": summary.duplicates,
        "unreadable": tuple(failure.name for failure in summary.failures),
    }
    changes = ", ".join(f"{len(names):,} {what}" for what, names in told.items() if names) or "nothing found"
    click.echo(f"Files: {changes}. {counted(summary.embedded, 'window')} embedded in {seconds:.1f} s.")
    if not summary.generation:
        return
    with closing(Collection.open(settings.home)) as collection:
        counts = collection.counts
        click.echo(
            f"{settings.home} holds {counted(counts.excerpts, 'excerpt')} of {counted(counts.works, 'work')} "
            f"in {counted(counts.documents, 'document')} (generation {collection.generation}, {collection.embedder.name})."
        )


def _show_document(told: DocumentReport) -> None:
    write(Text(printable(f"{told.name}: {told.title}"), "bold"))
    write(Text(f"read as {told.reader} in {told.encoding}: {counted(told.excerpts, 'excerpt')}"), 2)
    for kind, count in told.blocks.items():
        write(Text(f"{kind}: {counted(count, 'block')}, {told.characters[kind]:,} characters that are not white"), 2)
    write(Text(printable(f"cited as: {told.cited_as}")), 2)
    for warning in told.warnings:
        write(Text(printable(f"warning: {warning}"), "dim"), 2)
    _show_remarks("page furniture", told.furniture)
    _show_remarks("excerpts without a citation", told.uncited)
    _show_remarks("citations that could not be parsed whole", told.unparsed)
    _show_remarks("citations that follow no text", told.unattached)
    _show_remarks("lines like citations, kept in their excerpts", told.kept)


def _show_remarks(what: str, remarks: tuple[Remark, ...]) -> None:
    write(Text(f"{what}: {len(remarks):,}"), 2)
    for remark in remarks:
        why = f" ({remark.why})" if remark.why else ""
        write(Text(printable(f"line {remark.line:,}: {remark.text}{why}"), "dim"), 4)
