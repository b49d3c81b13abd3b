"""Runs the service under uvicorn, in one process or several, on a socket that is ours before anything starts."""

import os
import resource
import secrets
import socket
import tempfile
import time
from importlib.util import find_spec

import uvicorn
from uvicorn.supervisors import Multiprocess

from index.errors import IbidError
from rag.errors import SettingInvalid
from service.access import SECRET_VARIABLE, is_guarded, status_of
from service.keys import key_file
from service.observability import read_exporters
from service.settings import Settings, variables
from service.telemetry import SHARED, log_to_stderr

BACKLOG = 256
"""Connections that wait to be accepted, as in service.connections."""

MOST_FILES = 8192
START_SECONDS = 60
"""How long a worker may be too busy loading to say that it lives."""


class AddressInUse(IbidError):
    """The address cannot be listened on."""


def serve(settings: Settings) -> None:
    """Serves until SIGTERM or Ctrl-C, then lets requests finish for ``shutdown_seconds``.

    Raises:
        SettingInvalid: others can reach it, nobody has a key and it is not said to be public; or OTEL_* variables are wrong.
        AddressInUse: another program has the address, or it is not ours.
        ExtraMissing: the OTEL_* variables ask for what is not installed.
    """
    log_to_stderr(settings.log_level, settings.log_format)
    status = _checked_access(settings)
    read_exporters(os.environ)
    os.environ.setdefault(SECRET_VARIABLE, secrets.token_hex(32))  # workers share it
    os.umask(0o077)  # what a service writes is its user's own
    _allow_files()
    os.environ |= variables(settings)  # a worker process reads its settings anew
    listening = _listen(settings.host, settings.port)
    host, port = listening.getsockname()[:2]
    print(f"Ibid answers on http://{_shown(host)}:{port} (Ctrl-C stops it); {status}", flush=True)
    config = uvicorn.Config(
        "service.app:app_from_environment",
        factory=True,
        workers=settings.workers,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        ws="none",
        http=_protocol(),
        backlog=BACKLOG,
        timeout_keep_alive=settings.idle_seconds,
        timeout_graceful_shutdown=settings.shutdown_seconds,
        timeout_worker_healthcheck=START_SECONDS,
    )
    if settings.workers == 1:
        uvicorn.Server(config).run(sockets=[listening])
        return
    with tempfile.TemporaryDirectory(prefix="ibid-metrics-") as shared:
        os.environ[SHARED] = shared
        Multiprocess(config, [listening]).run()


def _checked_access(settings: Settings) -> str:
    """What the start says of who may use the service. Raises SettingInvalid where nobody could, and KeysUnreadable."""
    now = time.time()
    valid = sum(key.is_valid(now) for key in key_file(settings).all())
    if is_guarded(settings) and not (valid or settings.public or settings.trusted_header):
        raise SettingInvalid(
            f"the service can be reached as {settings.base_url or settings.host}, and there is no valid key",
            rule="beyond loopback a key is required, unless everybody may ask",
            remedy="make one with `ibid key create NAME`, or let everybody ask with public = true",
        )
    return status_of(settings, valid)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError as error:
        raise AddressInUse(
            f"cannot listen on {host}:{port} ({error.strerror})",
            rule="an address is this machine's own and free",
            remedy="stop the other program, or choose another with --port or --host",
        ) from error
    listening.set_inheritable(True)
    return listening


def _protocol() -> str:
    """Where uvicorn finds what speaks HTTP; httptools is there on CPython only."""
    return "service.connections:BoundedProtocol" if find_spec("httptools") else "auto"


def _allow_files() -> None:
    """Lets this process and its workers have as many files open as the system allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
