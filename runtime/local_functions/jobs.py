"""What a JobSink is on a cluster: a process for each requested trial, known while it is kept.

A request that comes twice makes no second Job while the first is kept. A Job that fails is tried
again, unless its code says that nothing can help; one that takes too long is ended.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..events import Event, to_text
from ..http_client import Answer

NEVER = 64
"""What `runtime.trial.job` exits with where no further try can help."""

PAUSES = (10.0, 20.0, 40.0, 80.0, 160.0, 320.0)
"""Seconds before each further try, as the controller of Jobs has them."""

GRACE = 10.0

COMMAND = (sys.executable, "-P", "-m", "omniforce.runtime.trial.job")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOptions:
    """How Jobs run.

    Attributes:
        directory: where their events are mounted from.
        log_of: the file that a trial's output goes to.
        working: the folder that they run in.
        at_once: how many may run; the others wait.
        retries: further tries of a Job that failed.
        deadline: seconds that a Job may take with all its tries.
        kept: seconds that a Job is known after its end.
    """

    environment: Mapping[str, str]
    directory: Path
    log_of: Callable[[int], Path]
    working: Path
    at_once: int
    retries: int
    deadline: float
    kept: float
    command: tuple[str, ...] = COMMAND
    pauses: tuple[float, ...] = PAUSES


class Jobs:
    """Takes events, and answers before anything runs."""

    def __init__(self, options: JobOptions) -> None:
        self._options = options
        self._turns = threading.BoundedSemaphore(options.at_once)
        self._lock = threading.Lock()
        self._known: dict[str, float | None] = {}  # by event, when it ended
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._over = threading.Event()

    def take(self, event: Event) -> Answer:
        """Makes a Job, unless this very event has one."""
        now = time.monotonic()
        with self._lock:
            if self._over.is_set():
                return Answer(503, "everything ends")
            old = [
                id
                for id, ended in self._known.items()
                if ended is not None and ended + self._options.kept <= now
            ]
            for id in old:
                del self._known[id]
            if event.id in self._known:
                return Answer(202, "")
            self._known[event.id] = None
        threading.Thread(target=self._run, args=(event,), daemon=True).start()
        return Answer(202, "")

    def running(self) -> tuple[int, ...]:
        """The ids of the processes that run, smallest first."""
        with self._lock:
            return tuple(sorted(popen.pid for popen in self._running.values()))

    def close(self) -> None:
        """Ends all Jobs: what they trained is lost, and asked for again when the study goes on."""
        with self._lock:
            self._over.set()
            running = list(self._running.values())
        for popen in running:
            _signal(popen, signal.SIGTERM)
        end = time.monotonic() + GRACE
        for popen in running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                popen.wait(max(0.0, end - time.monotonic()))
            _signal(popen, signal.SIGKILL)

    def _run(self, event: Event) -> None:
        name = hashlib.sha256(event.id.encode()).hexdigest()[:16]
        mounted = self._options.directory / name
        deadline = time.monotonic() + self._options.deadline
        try:
            mounted.mkdir(parents=True, exist_ok=True)
            (mounted / "event").write_text(to_text(event), encoding="utf-8")
            self._try(event, mounted, deadline)
        except OSError as error:
            log.error("the Job of %s cannot run: %s", event.id, error)
        finally:
            shutil.rmtree(mounted, ignore_errors=True)
            with self._lock:
                self._known[event.id] = time.monotonic()

    def _try(self, event: Event, mounted: Path, deadline: float) -> None:
        for again in range(self._options.retries + 1):
            with self._turns:
                code = self._once(event, mounted, deadline)
            if code == 0:
                return
            log.warning("the Job of %s ended with %s", event.id, code)
            if code in (None, NEVER) or again == self._options.retries:
                return
            pause = self._options.pauses[min(again, len(self._options.pauses) - 1)]
            if self._over.wait(pause):
                return

    def _once(self, event: Event, mounted: Path, deadline: float) -> int | None:
        """One process from start to end; its code, or None where the time was over."""
        left = deadline - time.monotonic()
        with self._lock:
            if self._over.is_set() or left <= 0:
                return None
            with self._log(event).open("ab") as output:
                popen = subprocess.Popen(  # noqa: S603 - our own module
                    self._options.command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                    cwd=self._options.working,
                    env={**self._options.environment, "K_EVENT_PATH": str(mounted)},
                )
            self._running[event.id] = popen
        timer = threading.Timer(left, _signal, (popen, signal.SIGKILL))
        timer.daemon = True
        timer.start()
        code = popen.wait()  # without a timeout, which Python would poll for
        timer.cancel()
        _signal(popen, signal.SIGKILL)  # whatever it has started ends with it
        with self._lock:
            del self._running[event.id]
        return None if time.monotonic() >= deadline else code

    def _log(self, event: Event) -> Path:
        trial = event.data.get("trial")
        if isinstance(trial, int) and not isinstance(trial, bool) and 0 <= trial < 10**9:
            return self._options.log_of(trial)
        return self._options.directory / "refused.log"


def _signal(popen: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(popen.pid, number)
