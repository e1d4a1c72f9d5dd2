"""`devices`: what the model must run on, and how it is measured there."""

from __future__ import annotations

from typing import Literal

from ..frozen import dataclass
from ..readers import Block, Number, OneOf, Text, key
from .scheduling import SELECTOR, TOLERATIONS, Toleration

STATISTICS = ("mean", "p50", "p90", "p95", "p99")
DEVICE_METRICS = ("latency", "size", "throughput")
"""What is measured on a device: seconds, bytes, and samples per second."""


@dataclass(frozen=True, slots=True)
class MeasureOptions:
    """How a latency is taken."""

    warmup: int = key(Number(int, minimum=0, maximum=100_000), "Calls not counted.", 10)
    repeats: int = key(Number(int, minimum=5, maximum=1_000_000), "Calls counted.", 50)
    batch: int = key(Number(int, minimum=1, maximum=65_536), "Samples a call.", 1)
    where: Literal["trial", "function"] = key(
        OneOf(("trial", "function")),
        "Who times it: each trial, or the measure function while the next trials train.",
        "trial",
        quiet=True,
    )


@dataclass(frozen=True, slots=True)
class Device:
    """One device. In the file its name is the key, so `name` is set after reading."""

    runtime: Literal["onnx", "openvino", "tvm", "tensorrt"] = key(
        OneOf(("onnx", "openvino", "tvm", "tensorrt")), "What runs the model there."
    )
    precision: Literal["fp32", "fp16", "int8"] = key(
        OneOf(("fp32", "fp16", "int8")), "What it computes in.", "fp32"
    )
    threads: int = key(Number(int, minimum=1, maximum=1024), "CPU threads.", 1)
    measure: MeasureOptions = key(Block(MeasureOptions), "How it is timed.", MeasureOptions())
    agent: str | None = key(Text("an agent's name"), "The edge agent that owns it.", None)
    node_selector: tuple[tuple[str, str], ...] = key(
        SELECTOR, "Labels of the cluster's nodes that it is measured on.", (), quiet=True
    )
    tolerations: tuple[Toleration, ...] = key(TOLERATIONS, "Taints of those nodes.", (), quiet=True)
    name: str = ""
