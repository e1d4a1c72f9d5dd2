"""Whose fault it is that a trial gave no result, told by what was raised."""

from __future__ import annotations

import re
from typing import assert_never

from omniforce.spec.problem import Problem

from .client import NotFinite
from .contract import FailureClass
from .output import one_line


class NotANumber(Exception):  # noqa: N818 - what the figure is
    """A metric is NaN or infinite."""


class MissingMetric(Exception):  # noqa: N818
    """A metric that an objective names was not reported."""


class Ended(Exception):  # noqa: N818
    """A program that the trial consists of ended without a result of its own.

    Attributes:
        failure: why.
    """

    def __init__(self, failure: FailureClass, message: str) -> None:
        super().__init__(message)
        self.failure: FailureClass = failure


def classify(error: BaseException) -> tuple[FailureClass, str]:
    """Whose fault it is, and one line about it."""
    message = _said(error)
    match error:
        case Ended():
            return error.failure, str(error)
        case SystemExit():
            return "exit", f"the trial ended its process with status {error.code!r}"
        case NotANumber() | NotFinite():
            return "nan", str(error)
        case MissingMetric():
            return "user-error", str(error)
        case Problem():
            diagnostic = error.diagnostic
            return "user-error", f"{diagnostic.message}: {diagnostic.help}"
        case BaseException():
            # Libraries wrap what they caught: the one at the bottom may be the telling one.
            return _of_memory(error) or "user-error", message
        case _:
            assert_never(error)


def _of_memory(error: BaseException) -> FailureClass | None:
    return next((found for each in _chain(error) if (found := _memory(each))), None)


def _chain(error: BaseException) -> tuple[BaseException, ...]:
    chain: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and len(chain) < 10:
        chain.append(following)
        cause, context = following.__cause__, following.__context__
        following = cause or (None if following.__suppress_context__ else context)
    return tuple(chain)


def _memory(error: BaseException) -> FailureClass | None:
    if any(type(each).__name__ in _DEVICE_TYPES for each in type(error).__mro__[:2]):
        return "device-out-of-memory"
    return classify_text(_text(error)) or (
        "out-of-memory" if isinstance(error, MemoryError) else None
    )


def classify_text(said: str) -> FailureClass | None:
    """Which memory ran out by what a library, or a program at its end, says; None for neither."""
    text = said.lower()
    refused = any(sign in text for sign in _REFUSED)
    if any(sign in text for sign in _DEVICE) or (refused and _NAMES_A_DEVICE.search(text)):
        return "device-out-of-memory"
    return "out-of-memory" if refused else None


_DEVICE_TYPES = ("OutOfMemoryError",)
"""Of torch, and of CuPy; both are for devices alone, the processor's memory raises others."""

_DEVICE = (
    "cuda out of memory",
    "hip out of memory",
    "xpu out of memory",
    "mps backend out of memory",
    "cudaerrormemoryallocation",
    "cuda_error_out_of_memory",
    "cublas_status_alloc_failed",
    "cudnn_status_alloc_failed",
    "cuda failure 2",
    "cuda runtime (out of memory)",
    "cl_mem_object_allocation_failure",
    "cl_out_of_resources",
    "requested amount of gpu memory",
)
"""What torch, ONNX Runtime, TensorRT, JAX, TensorFlow and OpenVINO say of a device's memory."""

_REFUSED = (
    "can't allocate memory",
    "cannot allocate memory",
    "unable to allocate",
    "bad_alloc",
    "bad allocation",
    "memoryerror",
    "memory exhausted",
    "out of memory",
    "outofmemory",
    "failed to allocate memory",
    "oom when allocating",
    "resource_exhausted",
)
"""What libraries say of any memory."""

_NAMES_A_DEVICE = re.compile(
    r"\b(cuda\w*|gpu\w*|tensorrt|trt|hip|rocm|mps|nvinfer|device memory)\b"
)


def _said(error: BaseException) -> str:
    first = one_line(_text(error).strip().split("\n", 1)[0])
    name = type(error).__name__
    return f"{name}: {first}" if first else name


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return "(its message cannot be printed)"
