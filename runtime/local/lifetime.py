"""Children that end with their parent, even where it is killed."""

from __future__ import annotations

import os
import signal
import sys
import threading

_SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG


def die_with(parent: int) -> None:
    """Has the kernel end this process when `parent`, which started it, ends. Linux only."""
    if sys.platform != "linux":
        return
    import ctypes

    ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:  # it was gone before we asked
        os._exit(1)


def end_with(pipe: int) -> None:
    """Ends this process when the other end of a pipe is closed, as it is when its holder dies.

    For children of threads: to the kernel their parent is the thread that started them.
    """

    def wait() -> None:
        os.read(pipe, 1)
        os._exit(1)

    threading.Thread(target=wait, name="ofc-lifeline", daemon=True).start()
