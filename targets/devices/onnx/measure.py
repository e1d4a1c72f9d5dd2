"""How long an artifact takes, call by call."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING

import numpy as np

from omniforce.spec.problem import Problem

from ..device import Measurement
from .order_statistics import interval
from .session import open_session

if TYPE_CHECKING:
    from pathlib import Path

    import onnxruntime
    from numpy.typing import NDArray

    from omniforce.spec.blocks.devices import Device


def measure(artifact: Path, device: Device, x: NDArray[np.float32]) -> Measurement:
    """Times calls after a warm-up, on one real batch after the other.

    Raises:
        Problem: OFC812 where there are fewer rows than one batch has.
    """
    options = device.measure
    batches = _batches(x, options.batch)
    session = open_session(artifact, device.threads)
    _times(session, batches, options.warmup)
    collecting = gc.isenabled()
    gc.disable()  # a collection in the middle of a call is not the model's
    try:
        times = _times(session, batches, options.repeats)
    finally:
        if collecting:
            gc.enable()
    ordered = sorted(times)
    p50, p90, p95, p99 = np.quantile(ordered, (0.5, 0.9, 0.95, 0.99)).tolist()
    held = interval(ordered, 0.95)
    return Measurement(
        mean=sum(ordered) / len(ordered),
        p50=p50,
        p90=p90,
        p95=p95,
        p99=p99,
        p95_low=held.low,
        p95_high=held.high,
        confidence=held.confidence,
        calls=len(ordered),
        batch=options.batch,
        size=artifact.stat().st_size,
    )


def _batches(x: NDArray[np.float32], batch: int) -> list[NDArray[np.float32]]:
    """Whole batches only: a shorter last one would be faster."""
    if len(x) < batch:
        raise Problem(
            "OFC812",
            f"there are {len(x)} rows to measure with, and one batch has {batch}",
            "write a smaller `batch` under `measure`",
        )
    whole = len(x) // batch * batch
    return [np.ascontiguousarray(part) for part in np.split(x[:whole], whole // batch)]


def _times(
    session: onnxruntime.InferenceSession, batches: list[NDArray[np.float32]], calls: int
) -> list[float]:
    """Seconds of each of so many calls."""
    name = session.get_inputs()[0].name
    outputs = [output.name for output in session.get_outputs()]
    times = []
    for i in range(calls):
        feed = {name: batches[i % len(batches)]}
        began = time.perf_counter_ns()
        session.run(outputs, feed)
        times.append((time.perf_counter_ns() - began) / 1e9)
    return times
