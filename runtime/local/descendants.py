"""What a process started, known again even where its parent is gone by then."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass

from .memory import family


@dataclass(frozen=True, slots=True)
class Descendant:
    """One process; a number alone may be another's a moment later.

    Attributes:
        group: the number of its process group.
        started: in ticks since the machine did.
    """

    process: int
    group: int
    started: str

    @property
    def lives(self) -> bool:
        """Whether it is still there, and no other under its number."""
        return _state(self.process) == (self.group, self.started)

    def kill(self) -> None:
        """Ends it, with what is left of the group that it leads."""
        if not self.lives:
            return
        with suppress(ProcessLookupError, PermissionError):
            if self.group == self.process:
                os.killpg(self.group, signal.SIGKILL)
            os.kill(self.process, signal.SIGKILL)


def descendants(process: int) -> tuple[Descendant, ...]:
    """All that a process started, and what those started, itself left out; empty but on Linux."""
    found = ((each, _state(each)) for each in family(process)[1:])
    return tuple(Descendant(each, *state) for each, state in found if state is not None)


def _state(process: int) -> tuple[int, str] | None:
    """A process's group and start; None where it is gone, or only its parent's note of it left."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
            words = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if words[0] in "ZX" else (int(words[2]), words[19])
