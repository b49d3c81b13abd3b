"""Tries the service out against its own OpenAPI document, with all checks of schemathesis: ``python -m tests.fuzzing``.

Every answer must be one that the document tells of; what it allows must be taken, what it forbids refused, and nothing may
end in an error of the server.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.running import running
from tests.shelf import index_text

HERE = Path(__file__).parent


def fuzz(examples: int, seed: int, *options: str) -> subprocess.CompletedProcess[str]:
    """Runs schemathesis over a service of its own; so many examples an operation and phase."""
    program = Path(sys.executable).parent / "schemathesis"
    with tempfile.TemporaryDirectory(prefix="ibid-fuzz-") as folder:
        index_text(Path(folder))
        with running(Path(folder)) as address:
            command: list[str | Path] = [
                program,
                "--config-file",
                HERE / "schemathesis.toml",
                "run",
                f"{address}/schema/openapi.json",
            ]
            told = ["--max-examples", str(examples), "--seed", str(seed), "--no-color", "--continue-on-failure", *options]
            environment = {**os.environ, "SCHEMATHESIS_HOOKS": "tests.fuzz_hooks", "PYTHONPATH": str(HERE.parent)}
            # In a folder of its own: hypothesis keeps what it has found in the working directory.
            return subprocess.run(
                [*command, *told],
                cwd=folder,
                env=environment,
                text=True,
                check=False,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=1000, help="examples an operation and phase (default: 1000)")
    parser.add_argument("--seed", type=int, default=1, help="where chance begins (default: 1)")
    told = parser.parse_args()
    done = fuzz(told.examples, told.seed)
    print(done.stdout)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
