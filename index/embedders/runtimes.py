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
    """Opens an exported network, for as many calls at once as there are ``threads``.

    Raises:
        ExtraMissing: the precision is bf16 and OpenVINO is not installed.
    """
    return _open_openvino(network, threads) if precision == "bf16" else _open_onnxruntime(network)


def _open_onnxruntime(network: Path) -> Run:
    onnxruntime.disable_telemetry_events()  # where a program had loaded the library before Ibid could switch it off
    options = onnxruntime.SessionOptions()
    # No threads of its own, which would spin while they wait: the calling thread computes.
    options.intra_op_num_threads = 1
    # Hardly two packs have the same shape: a plan of memory kept for each costs 3 MB and saves no time.
    options.enable_mem_pattern = False
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
    request = openvino.Core().compile_model(str(network), "CPU", options).create_infer_request()
    # It shares one product among its threads. Several requests at once, each of one thread, were seen to wait forever.
    turn = threading.Lock()

    def run(pack: Pack) -> Vectors:
        with turn:
            return np.array(request.infer(pack._asdict())["vectors"], dtype=np.float32)

    return run
