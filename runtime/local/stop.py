"""Ctrl-C and SIGTERM, heard wherever they come in."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass(slots=True)
class Stop:
    """Whether somebody asked for the end.

    A `KeyboardInterrupt` that is raised inside of a callback (of a weak reference, of C code) is
    printed and dropped by Python, so it is also written down, and asked for at every pause.
    """

    asked: bool = False

    def checkpoint(self) -> None:
        """Raises `KeyboardInterrupt` if the end was asked for and the exception got lost."""
        if self.asked:
            raise KeyboardInterrupt


@contextmanager
def stoppable() -> Generator[Stop]:
    """Makes SIGTERM end the block as Ctrl-C does, and remembers either.

    Whatever error the block ends with after the end was asked for is the end itself.
    A process that was started to ignore Ctrl-C, such as a shell's job in the background, goes on
    ignoring it.
    """
    stop = Stop()
    if threading.current_thread() is not threading.main_thread() or sys.platform == "win32":
        yield stop
        return

    def end(_: int, __: FrameType | None) -> None:
        stop.asked = True
        raise KeyboardInterrupt

    heard = [signal.SIGTERM]
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        heard.append(signal.SIGINT)
    before = {number: signal.signal(number, end) for number in heard}
    try:
        yield stop
    except Exception as error:
        if stop.asked:  # DuckDB and others make an error of their own of an interrupted call
            raise KeyboardInterrupt from error
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
