"""What a device runtime is: it makes of an ONNX model what it runs, checks it, and times it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from omniforce.spec.blocks.devices import Device

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Measurement:
    """How long calls took, in seconds.

    Attributes:
        p95_low: with `p95_high`, an interval that holds the true p95 with `confidence`, whatever
            the distribution is.
        confidence: 0.95 or a little more where enough calls were taken; less where even the
            slowest call of so few may lie below the true p95.
        calls: how many were counted.
        batch: samples a call.
        size: bytes of the artifact.
    """

    mean: float
    p50: float
    p90: float
    p95: float
    p99: float
    p95_low: float
    p95_high: float
    confidence: float
    calls: int
    batch: int
    size: int

    @property
    def throughput(self) -> float:
        """Samples per second, one call after another."""
        return self.batch / self.mean

    def metrics(self, device: str) -> dict[str, float]:
        """The figures under the keys of the store: `latency.p95@server`, `size@server`..."""
        latencies = {
            f"latency.{name}@{device}": getattr(self, name)
            for name in ("mean", "p50", "p90", "p95", "p99")
        }
        return latencies | {
            f"size@{device}": float(self.size),
            f"throughput@{device}": self.throughput,
        }


@dataclass(frozen=True, slots=True)
class Verification:
    """How far the artifact is from the framework's own answers.

    Attributes:
        error: the greatest absolute difference, over all rows and outputs.
        tolerance: what it may be.
        rows: how many real rows were compared.
    """

    error: float
    tolerance: float
    rows: int

    @property
    def holds(self) -> bool:
        """Whether it is close enough; not where anything is not a number."""
        return self.error <= self.tolerance


class DeviceRuntime(Protocol):
    """What runs a model on a kind of device. Holds no state; every call names the device."""

    @property
    def name(self) -> str:
        """What `runtime:` calls it."""
        ...

    def convert(
        self, model: Path, device: Device, sample: NDArray[np.float32], artifact: Path
    ) -> None:
        """Writes what the device runs.

        Args:
            model: the exported ONNX model, fp32.
            device: whose precision is wanted.
            sample: real rows of the training part, n x d..., to calibrate with.
            artifact: the file to write.

        Raises:
            Problem: OFC811 where this model cannot be had in that precision.
        """
        ...

    def verify(
        self,
        artifact: Path,
        device: Device,
        x: NDArray[np.float32],
        expected: NDArray[np.float32],
    ) -> Verification:
        """Compares the artifact's answers on `x` with `expected`, the framework's own."""
        ...

    def measure(self, artifact: Path, device: Device, x: NDArray[np.float32]) -> Measurement:
        """Times calls on rows of `x`, one after another, as `device.measure` says."""
        ...
