"""What a trial's own code calls: `report(step, metrics)` pushes figures while it trains."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping

from .frames import encode

DESCRIPTOR = "OFC_REPORT_FD"
"""The variable with the file descriptor that reports go to."""

_LARGEST = 4096  # PIPE_BUF: a write up to it is never torn apart by another process's


class ReportRefused(ValueError):  # noqa: N818 - what happened to it
    """A report that says nothing: no finite number, or too much of it."""


def report(step: int, metrics: Mapping[str, float]) -> None:
    """Pushes the figures of one step; does nothing where nobody listens.

    Args:
        step: an epoch or a round, from 0, growing.
        metrics: by name; finite numbers.

    Raises:
        ReportRefused: a figure is not finite, or the report has more than 4 KiB.
    """
    figures = {str(name): float(value) for name, value in metrics.items()}
    wrong = [name for name, value in figures.items() if not math.isfinite(value)]
    if wrong:
        raise ReportRefused(f"`{wrong[0]}` is {figures[wrong[0]]} at step {step}")
    message = encode({"kind": "report", "step": int(step), "metrics": figures})
    if len(message) > _LARGEST:
        raise ReportRefused(f"the report of step {step} has {len(message)} bytes, 4096 fit")
    descriptor = os.environ.get(DESCRIPTOR)
    if descriptor is None:
        return
    try:
        os.write(int(descriptor), message)
    except OSError:
        return  # whoever listened is gone; the training is worth finishing all the same
