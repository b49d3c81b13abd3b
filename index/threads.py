"""How many threads the native libraries may use: one number for all of them, so that they do not fight over cores.

OpenMP (faiss, torch), BLAS (NumPy, torch) and Rayon (tokenizers, tantivy) each start as many threads as the machine has
logical processors unless told otherwise. ONNX Runtime is told in ``index.embedders.onnx_embedder``.
"""

import contextlib
import ctypes
import math
import os
from collections.abc import Iterable, MutableMapping
from pathlib import Path

_POOLS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")
_SMALL = {"OPENBLAS_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
_M_ARENA_MAX = -8
"""As in malloc.h."""

_PROCESSORS = Path("/sys/devices/system/cpu")
_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def limit_pools(threads: int, environment: MutableMapping[str, str] = os.environ) -> None:
    """Tells every library that is loaded from now on, here and in child processes, to use ``threads`` threads."""
    for pool in _POOLS:
        environment[pool] = str(threads)


def do_small_work_alone(environment: MutableMapping[str, str] = os.environ) -> None:
    """Tells NumPy's BLAS and tokenizers, before they are loaded, to use one thread, unless the environment says otherwise.

    Our products and batches of questions are small. A second thread waits for a product by spinning, which cost a
    millisecond a question, and waking one for eight questions costs more than cutting them.
    """
    for name, value in _SMALL.items():
        environment.setdefault(name, value)


def share_heaps() -> None:
    """Lets all threads allocate from two heaps instead of one each (glibc; elsewhere nothing is done).

    What a thread of many once needed stays with its heap: 4 MB of a server after some thousand questions.
    """
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


def physical_cores(processors: Path = _PROCESSORS, quota: Path = _QUOTA, allowed: Iterable[int] | None = None) -> int:
    """Physical cores this process may use: of its processors one a core, within its control group's quota.

    Two hyperthreads share one core's arithmetic; a second thread on it makes an encoder slower, not faster.
    """
    usable = os.sched_getaffinity(0) if allowed is None else allowed
    cores = {_siblings(processors, processor) for processor in usable}
    return max(1, min(len(cores), _quota(quota)))


def _siblings(processors: Path, processor: int) -> str:
    """What names the core of a processor: the list of its hyperthreads."""
    file = processors / f"cpu{processor}" / "topology" / "thread_siblings_list"
    return file.read_text().strip() if file.is_file() else str(processor)


def _quota(file: Path) -> int:
    """The processors' worth of time a control group allows (cgroup v2, ``cpu.max``: "quota period", or "max")."""
    if not file.is_file():
        return os.cpu_count() or 1
    quota, period = file.read_text().split()
    return (os.cpu_count() or 1) if quota == "max" else math.ceil(int(quota) / int(period))
