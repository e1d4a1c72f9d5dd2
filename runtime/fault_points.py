"""Where a test may have a process killed: before and after every commit and every send.

    OFC_FAULT=commit-after:3 python -m omniforce.runtime.trial.job

kills the process with SIGKILL right after its third commit, as a node that is gone would. Without
the variable nothing happens here.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from typing import Literal, get_args

FaultPoint = Literal["commit-before", "commit-after", "send-before", "send-after"]
POINTS: tuple[FaultPoint, ...] = get_args(FaultPoint)

VARIABLE = "OFC_FAULT"

_reached: Counter[str] = Counter()  # of this process: what is killed forgets


def reach(point: FaultPoint) -> None:
    """Counts that the process came here, and ends it where that is what was asked for."""
    wanted = os.environ.get(VARIABLE)
    if not wanted:
        return
    _reached[point] += 1
    if wanted == f"{point}:{_reached[point]}":
        os.kill(os.getpid(), signal.SIGKILL)
