"""``ibid serve``: the HTTP service."""

from pathlib import Path

import click

from service.cli import options


@click.command()
@click.option("--host", help="Address to listen on (default 127.0.0.1; 0.0.0.0 for every interface).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (default 8000; 0 lets the system choose).")
@click.option("--workers", type=click.IntRange(min=1), help="Processes to run (default 1).")
@options.home
def command(host: str | None, port: int | None, workers: int | None, home: Path | None) -> None:
    """Answer questions over HTTP, until SIGTERM or Ctrl-C.

    Starts without an index too, and answers as soon as there is one; a newer index is taken up without a restart.
    """
    from service.server import serve
    from service.settings import read_settings

    serve(read_settings(host=host, port=port, workers=workers, home=home))
