"""Counts the files of ours that one question passes through, from HTTP to JSON: `python -m scripts.question_path`.

Every Python call is seen by ``sys.setprofile`` on every thread, so that the count includes the worker threads.
"""

import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from litestar.testing import TestClient

ROOT = Path(__file__).parents[1]
OURS = ("ibid.py", "index/", "prompts/", "rag/", "service/")
HANDBOOK = ROOT / "index" / "sample" / "ibid-handbook.txt"


def main() -> None:
    """Prints each file with its functions in the order in which they were first called, and the totals."""
    passed = files_of_a_question()
    for file, functions in passed.items():
        print(f"{file}: {', '.join(functions)}")
    print(f"{len(passed)} files, {sum(map(len, passed.values()))} functions")


def files_of_a_question(question: str = "Who wrote BibTeX, and when?") -> dict[str, list[str]]:
    """The files of ours, and their functions, that ``POST /v1/ask`` passes through once everything is loaded."""
    from ibid import Ibid
    from service.app import create_app
    from service.settings import Settings
    from service.wiring import assemble

    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home), answers_kept=0)
        Ibid.build([HANDBOOK], settings=settings).close()
        with TestClient(create_app(settings, assemble(settings)), base_url="http://127.0.0.1") as client:
            client.post("/v1/ask", json={"question": question}).raise_for_status()
        # Threads are profiled from their start: a second service starts its own.
        with _profiled() as passed, TestClient(create_app(settings, assemble(settings)), base_url="http://127.0.0.1") as client:
            # What runs beside a question (opening the index ahead, watching for a newer one) is not part of its way.
            return min((_passed(client, question, passed) for _ in range(8)), key=len)


def _passed(client: Any, question: str, passed: dict[str, dict[str, None]]) -> dict[str, list[str]]:
    passed.clear()
    client.post("/v1/ask", json={"question": question}).raise_for_status()
    return {file: list(functions) for file, functions in list(passed.items())}


@contextmanager
def _profiled() -> Iterator[dict[str, dict[str, None]]]:
    passed: dict[str, dict[str, None]] = {}

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        file = frame.f_code.co_filename
        if event != "call" or not file.startswith(f"{ROOT}/"):
            return
        name = file[len(str(ROOT)) + 1 :]
        if name.startswith(OURS):
            passed.setdefault(name, {}).setdefault(frame.f_code.co_name)

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield passed
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


if __name__ == "__main__":
    main()
