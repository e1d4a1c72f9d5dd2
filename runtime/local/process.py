"""One worker process as its parent sees it: started, asked, watched, ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from ..trial.frames import BrokenFrame, Decoder, send
from .descendants import Descendant, descendants

ONE_THREAD: dict[str, str] = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
    ),
    "1",
)


def _surroundings(environment: Mapping[str, str], without: Collection[str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in without}
    return {**kept, **ONE_THREAD, **environment}


class WorkerProcess:
    """A child with a session of its own, so that Ctrl-C misses it and all of it can be ended."""

    def __init__(
        self,
        log: Path,
        environment: Mapping[str, str] | None = None,
        without: Collection[str] = (),
    ) -> None:
        request_end, self._requests = os.pipe()
        self.answers, answer_end = os.pipe()
        os.set_blocking(self.answers, False)
        ends = (request_end, answer_end)
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            # -P: the folder where the command was given must not stand before the library's.
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [
                    *(sys.executable, "-P", "-m", "omniforce.runtime.local.worker"),
                    *(str(end) for end in ends),
                    str(os.getpid()),
                    str(log),
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=ends,
                start_new_session=True,
                env=_surroundings(environment or {}, without),
            )
        except BaseException:
            os.close(self._requests)
            os.close(self.answers)
            raise
        finally:
            for end in (*ends, output):
                os.close(end)
        self._decoder = Decoder()
        self._warned: tuple[Descendant, ...] = ()
        self.broken: str | None = None

    @property
    def pid(self) -> int:
        """Of the process, and of its group."""
        return self._process.pid

    def load(
        self, estimator: str, path: Sequence[str], measures: bool, command: Sequence[str] = ()
    ) -> None:
        """Has the estimator's module imported, or the program found, before the first trial."""
        self._ask(
            {
                "kind": "load",
                "estimator": estimator,
                "path": list(path),
                "measures": measures,
                "command": list(command),
            }
        )

    def run(self, request: Mapping[str, object], log: Path) -> None:
        """Has a trial run, its output at the end of `log`."""
        self._ask({"kind": "trial", "request": request, "log": str(log)})

    def _ask(self, message: Mapping[str, object]) -> None:
        with contextlib.suppress(OSError):  # it is gone; `exit_status` tells
            send(self._requests, message)

    def read(self) -> tuple[Mapping[str, object], ...]:
        """The answers that have come; `broken` is set where there will be no more."""
        messages: list[Mapping[str, object]] = []
        while self.broken is None:
            try:
                piece = os.read(self.answers, 65_536)
                messages.extend(self._decoder.feed(piece))
            except BlockingIOError:
                break
            except BrokenFrame as broken:
                self.broken = f"the worker's pipe carried {broken}"
            else:
                if not piece:
                    self.broken = "the worker's pipe was closed"
        return tuple(messages)

    def exit_status(self) -> int | None:
        """None while it runs; negative for a signal."""
        if self.broken is None:
            return self._process.poll()
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(timeout=1.0)  # a pipe closes a moment before its process ends
        return None

    def ask_to_end(self) -> None:
        """Sends SIGTERM to it and to all that it started; `end` has to follow."""
        self._warned = descendants(self.pid)
        for group in {self.pid, *(each.group for each in self._warned)}:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGTERM)

    def is_gone(self) -> bool:
        """Whether nothing is left of it, nor of what was asked to end with it."""
        return self._process.poll() is not None and not any(e.lives for e in self._warned)

    def end(self) -> int:
        """Kills it with all that it started, and gives its exit status."""
        status = self._process.poll()
        for each in (*descendants(self.pid), *self._warned):
            each.kill()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        killed = self._process.wait()
        for descriptor in (self._requests, self.answers):
            with contextlib.suppress(OSError):
                os.close(descriptor)
        return killed if status is None else status
