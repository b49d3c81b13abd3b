"""What formatting costs before anything is formatted: nothing."""

import subprocess
import sys


def test_importing_the_styles_does_not_load_the_processor() -> None:
    code = (
        "import sys, index.citations.styles, index.citations.exports as _; sys.exit(bool({'lxml', 'citeproc'} & {*sys.modules}))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_formatting_reads_no_network_and_warns_of_nothing() -> None:
    code = (
        "import socket; socket.socket = None\n"
        "from index.citations.styles import STYLES, format_citation\n"
        "assert all(format_citation({'title': 'T', 'author': [{'family': 'Ames'}]}, None, style) for style in STYLES)"
    )

    done = subprocess.run([sys.executable, "-W", "error", "-c", code], check=False, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")
