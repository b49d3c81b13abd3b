"""Runs a program on bytes that nobody vouches for, within bounds of time, memory and output."""

import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from index.errors import FileUnreadable

MOST_OUTPUT = 512 << 20
"""Bytes: what a program may write before it is taken for a bomb."""

_LINES_SHOWN = 3
_BOUNDS = ("/bin/sh", "-c", f'ulimit -c 0; ulimit -f {MOST_OUTPUT // 512}; ulimit -t "$0"; exec "$@"')
"""Limits on the size of files and on processor time, set before the program begins."""


def run_bounded(command: Sequence[str], data: bytes, *, name: str, seconds: float, remedy: str, refused: int = 3) -> bytes:
    """What the program writes, given these bytes.

    Args:
        command: the program and its arguments; it bounds its own memory.
        data: its standard input.
        name: the file's, for messages.
        seconds: wall time after which it is killed.
        remedy: what to do about a file that cannot be read.
        refused: the exit code that says that the last line of standard error is meant for the user.

    Raises:
        FileUnreadable: the program refuses the file, dies, takes too long or writes too much.
    """
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as problems:
        given.write(data)
        given.seek(0)
        try:
            done = subprocess.run(  # noqa: S603 — a program of ours or pandoc; the shell sees no word of the file
                [*_BOUNDS, str(int(seconds)), *command],
                stdin=given,
                stdout=output,
                stderr=problems,
                timeout=seconds,
                check=False,
                env=_environment(),
            )
        except subprocess.TimeoutExpired as late:
            raise _unreadable(name, f"was not read within {seconds:.0f} s", remedy) from late
        problems.seek(0)
        told = problems.read(65_536).decode("utf-8", "replace").strip().splitlines()
        size = output.seek(0, os.SEEK_END)
        if size > MOST_OUTPUT:
            raise _unreadable(name, f"gives {size >> 20} MB of text", remedy)
        if done.returncode == refused and told:
            raise _unreadable(name, told[-1], remedy)
        if done.returncode:
            raise _unreadable(name, f"cannot be read ({_why(done.returncode, told)})", remedy)
        output.seek(0)
        return output.read()


def _environment() -> dict[str, str]:
    """Nothing of ours but where programs are found: no addresses, no secrets."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "HOME": str(Path(tempfile.gettempdir()))}


def _why(code: int, told: Sequence[str]) -> str:
    if code < 0:
        return f"stopped by signal {-code}: it took too much memory or time"
    return " ".join(told[-_LINES_SHOWN:])[:300] or f"exit code {code}"


def _unreadable(name: str, what: str, remedy: str) -> FileUnreadable:
    return FileUnreadable(f"{name!r}: {what}", rule="a file is read within bounds of time and memory", remedy=remedy)
