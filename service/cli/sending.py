"""What ``ibid index --to`` does: sends files to a service, shows what it read, has them indexed and waits for that."""

import time
from collections.abc import Sequence
from pathlib import Path

import click

from ibid import Ibid
from index.files import find_files
from service.cli import INTERRUPTED
from service.cli.terminal import counted, printable
from service.client import IbidClient
from service.collection_schemas import FileView, JobView

_LOOK_SECONDS = 0.5
_ENDED = ("done", "failed", "cancelled")


def send(url: str, paths: Sequence[Path], *, dry_run: bool) -> int:
    """Sends the files named, and those below folders named; gives the exit code.

    Raises:
        RequestFailed: the service cannot be reached, or refuses.
        FileUnreadable: a file cannot be read here.
    """
    found = [source.load() for source in find_files(paths).sources]
    if not found:
        raise click.UsageError(f"There are no files at {printable(', '.join(map(str, paths)))}.")
    with Ibid.connect(url) as service:
        upload = service.upload([(file.name, file.data) for file in found])
        for each in upload.files:
            _show(each)
        if dry_run or all(each.problem for each in upload.files):
            service.discard(upload.id)
            return int(not dry_run)
        job = _follow(service, service.accept(upload.id))
    click.echo(f"{job.state}: {printable(job.message)}")
    return {"done": 0, "cancelled": INTERRUPTED}.get(job.state, 1)


def _show(file: FileView) -> None:
    if file.problem:
        click.echo(f"error: {printable(file.problem)}", err=True)
    for told in file.documents:
        layout = f"; layout {told.layout}{'' if told.sure else ', in doubt'}" if told.layout else ""
        without = f", {told.uncited:,} without a citation" if told.uncited else ""
        click.echo(printable(f"{file.name}: {counted(told.excerpts, 'excerpt')}{without}, read as {told.reader}{layout}"))
        for doubt in told.doubts:
            click.echo(printable(f"  {doubt}"))


def _follow(service: IbidClient, job: JobView) -> JobView:
    """Waits for a job; Ctrl-C stops it there."""
    told = -1
    try:
        while job.state not in _ENDED:
            time.sleep(_LOOK_SECONDS)
            job = service.job(job.id)
            if job.total and job.done != told:
                told = job.done
                click.echo(f"embedded {job.done:,} of {job.total:,} windows", err=True)
    except KeyboardInterrupt:
        service.cancel(job.id)
        while job.state not in _ENDED:
            time.sleep(_LOOK_SECONDS)
            job = service.job(job.id)
    return job
