"""What ``ibid index`` does and shows: a progress bar, what changed, and what the readers found."""

import sys
import time
from collections.abc import Mapping, Sequence
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
from index.compilation import NAME as COMPILATION
from index.errors import FileUnreadable, LinkRefused, PathUnreadable
from index.files import Scope
from index.readers import read_file
from index.records import LayoutFinding, LayoutRemark
from index.report import DocumentReport, Remark, report
from index.vector_parts import Part
from service.building import build_collection, embed_part
from service.cli import INTERRUPTED
from service.cli.terminal import counted, printable, write
from service.settings import Settings

SAMPLE = Path(index.__file__).parent / "sample"
NAMES_SHOWN = 20

UNSURE = 3
"""The exit code of ``--strict`` where a layout is unsure."""

_MOST_WARNINGS = 20
PLAIN_SECONDS = 10.0
"""How often progress is told where there is no terminal to draw a bar on."""


def build(
    settings: Settings,
    scope: Scope,
    *,
    reader: str | None,
    rebuild: bool,
    yes: bool = False,
    strict: bool = False,
    changes_only: bool = False,
    vectors: Path | None = None,
) -> int:
    """Indexes the files, tells what changed, and returns the exit code; with ``changes_only`` says nothing where nothing did.

    Raises:
        EmbedderMismatch: another model than the index was built with, without ``rebuild``.
        DropRefused: most of the collection has gone, and without ``yes`` nobody confirmed that.
    """
    started = time.monotonic()
    shown = Shown()
    try:
        with shown:
            summary = build_collection(
                settings,
                scope,
                reader=reader,
                rebuild=rebuild,
                progress=shown.tell,
                calibrating=shown.calibrating,
                may_drop=lambda names, indexed: yes or shown.confirm_drop(names, indexed),
                vectors=vectors,
            )
    except KeyboardInterrupt:
        done = f" {shown.done:,} of {shown.total:,} windows are embedded and kept." if shown.total else ""
        click.echo(f"Stopped. The index is as it was.{done} The same command goes on from there.", err=True)
        return INTERRUPTED
    if not changes_only or summary.added or summary.replaced or summary.dropped or summary.failures:
        _show_summary(settings, summary, time.monotonic() - started)
        _show_layouts(summary.layouts)
    read = summary.added or summary.replaced or summary.unchanged or summary.duplicates
    unreadable = any(isinstance(failure.error, PathUnreadable) for failure in summary.failures)
    if unreadable or (summary.failures and not read):
        return 1
    return UNSURE if strict and not all(layout.sure for layout in summary.layouts.values()) else 0


def embed(settings: Settings, scope: Scope, part: Part, folder: Path, reader: str | None) -> int:
    """Embeds a part of the texts into a folder, tells how many, and returns the exit code.

    Raises:
        EmbedderMismatch: the folder holds vectors of another model.
    """
    started = time.monotonic()
    shown = Shown()
    try:
        with shown:
            embedded, failures = embed_part(settings, scope, part, folder, reader, shown.tell)
    except KeyboardInterrupt:
        click.echo(
            f"Stopped. {shown.done:,} of {shown.total:,} windows are embedded and kept; the same command goes on.", err=True
        )
        return INTERRUPTED
    for failure in failures:
        click.echo(f"error: {printable(str(failure.error))}", err=True)
    seconds = time.monotonic() - started
    told = f"Part {part.number} of {part.of} has {counted(shown.total, 'window')}"
    click.echo(f"{told}, {embedded:,} embedded in {seconds:.1f} s, in {folder}.")
    return 1 if failures and len(failures) >= len(scope.sources) else 0


def show_report(scope: Scope, reader: str | None) -> bool:
    """What the readers make of each file, with the line numbers of everything irregular; whether all layouts are sure."""
    sure = True
    for source in scope.sources:
        try:
            readings = read_file(source.load(), reader)
        except FileUnreadable as error:
            click.echo(f"error: {error}", err=True)
            continue
        for each in report(readings):
            _show_document(each)
        sure = sure and all(reading.layout is None or reading.layout.sure for reading in readings)
    return sure


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

    def confirm_drop(self, names: Sequence[str], indexed: int) -> bool:
        """Asks whether these of so many files may go; where there is no terminal to ask on, they may not."""
        if not (sys.stdin.isatty() and self._console.is_terminal):
            return False
        self._bar.stop()
        for name in names[:NAMES_SHOWN]:
            click.echo(f"  {printable(name)}", err=True)
        if len(names) > NAMES_SHOWN:
            click.echo(f"  and {len(names) - NAMES_SHOWN:,} more", err=True)
        agreed = click.confirm(f"These {len(names):,} of {indexed:,} files have gone. Drop them from the index?", err=True)
        self._bar.start()
        return agreed

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
        "left out": tuple(failure.name for failure in summary.failures if isinstance(failure.error, LinkRefused)),
        "unreadable": tuple(failure.name for failure in summary.failures if not isinstance(failure.error, LinkRefused)),
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
    if told.layout:
        write(Text(printable(layout_told(told.layout)), "bold" if not told.layout.sure else ""), 2)
        _show_remarks("places where the layout is in doubt", told.layout.remarks)
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
    _show_remarks("excerpts whose citation is inferred", told.inferred)
    _show_remarks("very long excerpts", told.long)


def layout_told(layout: LayoutFinding) -> str:
    """One line: the layout and the runner-up with their scores, how many texts are attributed, and what to do in doubt."""
    scores = ", then ".join(f"{name} {score:.2f}" for name, score in layout.scores[:2])
    how = "as you said" if layout.told else scores or "no other came into question"
    counts = f"; {layout.attributed:,} of {layout.texts:,} texts attributed" if layout.texts else ""
    doubt = "" if layout.sure else f'; some are not, in doubt: say --layout below or above, or layout = "…" in {COMPILATION}'
    return f"layout {layout.layout} ({how}){counts}{doubt}"


def _show_layouts(layouts: Mapping[str, LayoutFinding]) -> None:
    """A verdict for each file that was read."""
    for name, layout in layouts.items():
        click.echo(f"{printable(name)}: {printable(layout_told(layout))}")


def _show_remarks(what: str, remarks: Sequence[Remark | LayoutRemark]) -> None:
    write(Text(f"{what}: {len(remarks):,}"), 2)
    for remark in remarks:
        why = f" ({remark.why})" if remark.why else ""
        write(Text(printable(f"line {remark.line:,}: {remark.text}{why}"), "dim"), 4)
