"""The audit trail: a line for everything that changes a collection or who may use it, in ``audit.jsonl`` and in the log.

A line tells when, what, by whom (a key's id and name, never the key), on what, and what came of it.
"""

import logging
import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from index.home import Home, make_home
from service.access import Caller
from service.settings import Settings
from service.telemetry import Event

log = logging.getLogger("ibid.audit")


class AuditLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line; ``by`` is a key's id, or how else its owner is known."""

    time: str
    action: str
    by: str
    name: str = ""
    on: str = ""
    outcome: str = "done"
    request_id: str = ""


def audit_file(settings: Settings) -> Path:
    """Where the trail is kept."""
    return settings.home / "audit.jsonl"


def record(
    settings: Settings, action: str, caller: Caller | None, on: str = "", outcome: str = "done", request_id: str = ""
) -> None:
    """Appends one line; ``caller`` None is the command line.

    Raises:
        OSError: it cannot be written. What is to be recorded is not to be done then.
    """
    by = "command line" if caller is None else caller.key_id or caller.by
    name = "" if caller is None else caller.name
    line = AuditLine(datetime.now(UTC).isoformat(timespec="milliseconds"), action, by, name, on, outcome, request_id)
    written = msgspec.json.encode(line)
    make_home(Home(settings.home))
    handle = os.open(audit_file(settings), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, written + b"\n")  # one call: lines of two processes do not mix
    finally:
        os.close(handle)
    log.info(Event("audit", msgspec.to_builtins(line)))
