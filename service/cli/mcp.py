"""``ibid mcp``: the tools for an AI client that starts this program itself."""

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from service.cli import options


@click.command()
@options.home
def command(home: Path | None) -> None:
    """Serve the tools search, fetch, find_passages, verify_quote and get_citation over MCP on standard input and output.

    For AI clients that start their servers themselves; others find the same tools at /mcp of `ibid serve`. Links
    lead to base_url of the settings, or to where `ibid serve` listens. Logs go to standard error.
    """
    from service.api import Session
    from service.links import links_of
    from service.llm import NO_BACKENDS, LanguageModels
    from service.mcp_endpoint import load_server
    from service.settings import read_settings
    from service.telemetry import Metrics, log_to_stderr
    from service.wiring import assemble

    settings = read_settings(home=home)
    log_to_stderr(settings.log_level, settings.log_format)
    server = load_server()
    with closing(assemble(settings)) as library:
        metrics, writing, links = Metrics(), LanguageModels(NO_BACKENDS), links_of(settings)

        async def open_desk(_context: Any) -> Session:
            return Session(await library.fetch(), links, settings, metrics, writing)

        asyncio.run(server.serve_stdio(server.make_server(open_desk)))
