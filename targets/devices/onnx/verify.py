"""Whether an artifact answers as the framework does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..device import Verification
from .session import open_session

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from omniforce.spec.blocks.devices import Device

TOLERANCE = {"fp32": 1e-4, "fp16": 1e-2, "int8": 0.2}
"""The greatest difference, as a share of the largest answer, 1 at least: probabilities are
compared absolutely. An int8 model may well differ on a row that is hard to tell."""

ROWS = 256


def verify(
    artifact: Path,
    device: Device,
    x: NDArray[np.float32],
    expected: NDArray[np.float32],
) -> Verification:
    """Compares on the first rows of `x`, all at once, so that the free axis is tested as well."""
    rows = min(len(x), ROWS)
    session = open_session(artifact, device.threads)
    found: Any = session.run(None, {session.get_inputs()[0].name: x[:rows]})[0]
    wanted = expected[:rows]
    tolerance = TOLERANCE[device.precision] * max(1.0, float(np.abs(wanted).max(initial=0.0)))
    if found.shape != wanted.shape or not np.isfinite(found).all():
        return Verification(float("inf"), tolerance, rows)
    return Verification(float(np.abs(found - wanted).max(initial=0.0)), tolerance, rows)
