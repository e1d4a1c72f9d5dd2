"""An ONNX Runtime session that computes the same way each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import onnxruntime

from omniforce.spec.problem import Problem

if TYPE_CHECKING:
    from pathlib import Path

ERRORS_ONLY = 3  # onnxruntime's severity; its warnings speak of the host, not of the model


def open_session(artifact: Path, threads: int) -> onnxruntime.InferenceSession:
    """Loads a model on the CPU.

    Raises:
        Problem: OFC810 where there is no model, or none that ONNX Runtime takes.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = ERRORS_ONLY
    # Threads that spin between calls would take the other trials' cores.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(
            str(artifact), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # onnxruntime's own classes have no common base
        first = str(error).strip().split("\n", 1)[0]
        raise Problem(
            "OFC810",
            f"ONNX Runtime cannot load `{artifact}`: {first}",
            "see whether `export_onnx` of the algorithm writes a model that `onnx.checker` accepts",
        ) from error
