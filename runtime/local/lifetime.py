"""Children that end with their parent, even where it is killed."""

from __future__ import annotations

import os
import signal
import sys

_SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG


def die_with(parent: int) -> None:
    """Has the kernel end this process when `parent`, which started it, ends. Linux only."""
    if sys.platform != "linux":
        return
    import ctypes

    ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:  # it was gone before we asked
        os._exit(1)
