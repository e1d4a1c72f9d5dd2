"""How a worker process ended, in words, and the file of what it printed."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

from ..trial.contract import FailureClass

LONGEST_LOG = 64 * 2**20


def ending(status: int, memory_ran_out: bool) -> tuple[FailureClass, str]:
    """The class of a process's end, and one line about it.

    Args:
        status: as `Popen.poll` gives it, negative for a signal.
        memory_ran_out: whether the kernel has ended a process for that in the meantime.
    """
    if status >= 0:
        return "exit", f"the trial ended its process with status {status}"
    name = signal.Signals(-status).name if -status in set(signal.Signals) else str(-status)
    if name != "SIGKILL":
        return "exit", f"the process was ended by {name}"
    if memory_ran_out:
        return "out-of-memory", "the system ended the process, since memory had run out"
    return "exit", "the process was ended by SIGKILL, as the system does when memory runs out"


def keep_short(log: Path) -> None:
    """Begins a log anew where it has grown too large: a trial must not fill the disk by talking."""
    with suppress(OSError):
        if log.stat().st_size > LONGEST_LOG:
            os.truncate(log, 0)
            with log.open("a", encoding="ascii") as file:
                file.write(f"-- begun anew: there were more than {mebibytes(LONGEST_LOG)}\n")


def mebibytes(count: int) -> str:
    """A number of bytes, for people."""
    return f"{count / 2**20:.0f} MiB"
