"""The exported model in the precision that a device wants."""

from __future__ import annotations

import logging
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import onnx

from omniforce.spec.problem import Problem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from omniforce.spec.blocks.devices import Device

QUANTIZED = ("Conv", "Gemm", "MatMul")
"""The operators whose int8 kernels are worth their rounding."""


def convert(model: Path, device: Device, sample: NDArray[np.float32], artifact: Path) -> None:
    """Writes `artifact`; its input and output stay float32 whatever it computes in.

    `fp16` halves the weights; on a CPU ONNX Runtime still computes most operators in fp32, so it
    is about size there. `int8` is static quantization, calibrated on the rows of `sample`.

    Raises:
        Problem: OFC811 where no operator of this model can be had so.
    """
    match device.precision:
        case "fp32":
            shutil.copyfile(model, artifact)
        case "fp16":
            _halve(model, artifact)
        case "int8":
            _quantize(model, sample, artifact)


def _halve(model: Path, artifact: Path) -> None:
    from onnxruntime.transformers.float16 import convert_float_to_float16

    with warnings.catch_warnings():
        # A weight too small for fp16 becomes zero; `verify` says whether that matters.
        warnings.filterwarnings("ignore", message="the float32 number", category=UserWarning)
        halved = convert_float_to_float16(onnx.load(model), keep_io_types=True)
    if not any(t.data_type == onnx.TensorProto.FLOAT16 for t in halved.graph.initializer):
        raise _refused("fp16", "none of its weights can be halved")
    onnx.save(halved, artifact)


def _quantize(model: Path, sample: NDArray[np.float32], artifact: Path) -> None:
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static

    graph = onnx.load(model).graph
    if not any(node.op_type in QUANTIZED for node in graph.node):
        raise _refused("int8", "it has no convolution and no matrix product")
    with _without_advice():
        quantize_static(
            str(model),
            str(artifact),
            _rows(graph.input[0].name, sample),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            op_types_to_quantize=list(QUANTIZED),
        )


def _rows(name: str, sample: NDArray[np.float32]) -> Any:
    """The calibration rows, one at a time, as onnxruntime wants them."""
    from onnxruntime.quantization import CalibrationDataReader

    class Rows(CalibrationDataReader):  # type: ignore[misc] # onnxruntime has no types
        def __init__(self) -> None:
            self.left = iter(sample)

        def get_next(self) -> Any:
            row = next(self.left, None)
            return None if row is None else {name: row[None]}

    return Rows()


@contextmanager
def _without_advice() -> Iterator[None]:
    """Silences the one line that onnxruntime logs of a pre-processing that changes nothing here."""

    def is_wanted(record: logging.LogRecord) -> bool:
        return "pre-processing before quantization" not in record.getMessage()

    root = logging.getLogger()
    root.addFilter(is_wanted)
    try:
        yield
    finally:
        root.removeFilter(is_wanted)


def _refused(precision: str, why: str) -> Problem:
    return Problem(
        "OFC811",
        f"this model cannot be had in {precision}: {why}",
        "write `precision: fp32` for this device, or leave such models out of the search space",
    )
