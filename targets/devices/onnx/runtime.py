"""The device runtime `onnx`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .convert import convert
from .measure import measure
from .verify import verify

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from omniforce.spec.blocks.devices import Device

    from ..device import Measurement, Verification


@dataclass(frozen=True, slots=True)
class OnnxRuntime:
    """ONNX Runtime on the CPU of this machine; all three precisions."""

    name: str = "onnx"

    def convert(
        self, model: Path, device: Device, sample: NDArray[np.float32], artifact: Path
    ) -> None:
        """See `convert.py`."""
        convert(model, device, sample, artifact)

    def verify(
        self,
        artifact: Path,
        device: Device,
        x: NDArray[np.float32],
        expected: NDArray[np.float32],
    ) -> Verification:
        """See `verify.py`."""
        return verify(artifact, device, x, expected)

    def measure(self, artifact: Path, device: Device, x: NDArray[np.float32]) -> Measurement:
        """See `measure.py`."""
        return measure(artifact, device, x)
