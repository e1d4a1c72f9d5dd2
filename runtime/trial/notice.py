"""What a Job is told while its trial runs: by the store's answers, and by SIGTERM of its node."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from types import FrameType

from . import files
from .contract import TrialRequest

GRACE = "OFC_GRACE_SECONDS"
"""The variable with the pod's terminationGracePeriodSeconds; Kubernetes' own is 30."""

RESERVE = 8.0
"""Seconds of them that handing in may take."""


class Notice:
    """Wishes as they come; the trial is told of the first by the file that it looks for.

    Args:
        grace: seconds between SIGTERM and SIGKILL for all of this pod.
    """

    def __init__(self, grace: float) -> None:
        self._grace = grace
        self._request: TrialRequest | None = None
        self._stopped = self._abandoned = False
        self._told: float | None = None

    def attend(self, request: TrialRequest) -> None:
        """The trial begins; a wish that came before reaches it too."""
        self._request = request
        if self._stopped:
            files.ask_to_stop(request)

    def stop(self) -> None:
        """The trial is to end early and to report what it has."""
        self._stopped = True
        if self._request is not None:
            files.ask_to_stop(self._request)

    def abandon(self) -> None:
        """No report is wanted."""
        self._abandoned = True

    def is_abandoned(self) -> bool:
        """Whether no report is wanted."""
        return self._abandoned

    def is_preempted(self) -> bool:
        """Whether the node is taken away, and the time for an early end has passed."""
        if self._told is None:
            return False
        return time.monotonic() - self._told >= max(0.0, self._grace - RESERVE)

    def terminated(self, signal_: int, frame: FrameType | None) -> None:
        """SIGTERM: the trial ends early, or is given up in time."""
        del signal_, frame
        if self._told is None:
            self._told = time.monotonic()
        self.stop()


@contextmanager
def hearing(environment: Mapping[str, str], *, here: bool) -> Generator[Notice]:
    """Answers SIGTERM while the block runs, if `here` and in a process's main thread."""
    notice = Notice(_seconds(environment.get(GRACE, "")))
    if not here or threading.current_thread() is not threading.main_thread():
        yield notice
        return
    before = signal.signal(signal.SIGTERM, notice.terminated)
    try:
        yield notice
    finally:
        signal.signal(signal.SIGTERM, before)


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 30.0
