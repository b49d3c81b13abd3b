"""What runs an exported network: ONNX Runtime, or OpenVINO where products are to be computed in bfloat16."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from index.embedders import Vectors
from index.embedders.packs import Pack
from index.errors import ExtraMissing

Run = Callable[[Pack], Vectors]
"""One vector for each text of a pack; thread-safe."""


def open_network(network: Path, precision: str, threads: int) -> Run:
    """Opens an exported network; one call of what is returned uses ``threads`` cores.

    Raises:
        ExtraMissing: the precision is bf16 and OpenVINO is not installed.
    """
    return _open_openvino(network, threads) if precision == "bf16" else _open_onnxruntime(network, threads)


def _open_onnxruntime(network: Path, threads: int) -> Run:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Waiting threads sleep: they share their cores with search, HTTP and other workers.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # The export is written as the optimizer would leave it.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])

    def run(pack: Pack) -> Vectors:
        (vectors,) = session.run(["vectors"], pack._asdict())
        return np.asarray(vectors, dtype=np.float32)

    return run


def _open_openvino(network: Path, threads: int) -> Run:
    try:
        import openvino
    except ModuleNotFoundError as error:
        raise ExtraMissing(
            "precision 'bf16' needs openvino",
            rule="an optional library is installed by who needs it",
            remedy="install it with: pip install 'ibid-rag[openvino]'",
        ) from error
    options: dict[str, Any] = {"INFERENCE_PRECISION_HINT": "bf16", "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1}
    compiled = openvino.Core().compile_model(str(network), "CPU", options)
    # A request keeps its inputs and outputs, so each thread has its own.
    requests = threading.local()

    def run(pack: Pack) -> Vectors:
        if not hasattr(requests, "own"):
            requests.own = compiled.create_infer_request()
        return np.array(requests.own.infer(pack._asdict())["vectors"], dtype=np.float32)

    return run
