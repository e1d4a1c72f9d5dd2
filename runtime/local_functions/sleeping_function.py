"""One function as a process: started at the first request, ended when none came for a while."""

from __future__ import annotations

import contextlib
import http.client
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..http_client import Answer, NoAnswer

GRACE = 60.0
"""Seconds that a process gets to end what it has begun."""

_MOST = 65536

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """What can be seen of a function from outside.

    Attributes:
        process: its id; None while it sleeps.
        starts: how often it was woken from zero.
        requests: how many it was asked.
    """

    name: str
    process: int | None
    starts: int
    requests: int


@dataclass(frozen=True, slots=True)
class _Process:
    """A process that runs, and where it listens.

    Attributes:
        lifeline: a pipe's end; when the last process that holds it is gone, the function ends.
    """

    popen: subprocess.Popen[bytes]
    port: int
    lifeline: int


class SleepingFunction:
    """A function that is there when it is asked.

    Args:
        name: of the function, `OFC_FUNCTION`.
        environment: its variables.
        log: the file that its output goes to.
        window: seconds without a request after which it ends.
        concurrency: how many requests it gets at once; the others wait.
    """

    def __init__(
        self,
        name: str,
        environment: Mapping[str, str],
        log: Path,
        window: float,
        concurrency: int = 1,
    ) -> None:
        self.name = name
        self._environment = environment
        self._log = log
        self._window = window
        self._turns = threading.BoundedSemaphore(concurrency)
        self._changed = threading.Condition()
        self._process: _Process | None = None
        self._active = 0
        self._last = 0.0
        self._over = False
        self._keeper: threading.Thread | None = None
        self._starts = self._requests = 0

    def standing(self) -> Standing:
        """How it is now."""
        with self._changed:
            process = self._process
            pid = process.popen.pid if process and process.popen.poll() is None else None
            return Standing(self.name, pid, self._starts, self._requests)

    def ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, timeout: float
    ) -> Answer:
        """One request with a short answer.

        Raises:
            NoAnswer: the process ended without one, or took longer than `timeout` seconds.
        """
        with self.asking(method, path, headers, body, timeout) as response:
            try:
                text = response.read(_MOST).decode("utf-8", "replace")
            except (OSError, http.client.HTTPException) as error:
                raise NoAnswer(f"{self.name}: {error}", sent=True) from error
            return Answer(response.status, text)

    @contextmanager
    def asking(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, timeout: float
    ) -> Generator[http.client.HTTPResponse]:
        """One request whose answer is read while the block runs.

        Raises:
            NoAnswer: as `ask` says.
        """
        with self._turns, self._awake() as port:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
            try:
                try:
                    connection.request(method, path, body=body, headers=dict(headers))
                    response = connection.getresponse()
                except (OSError, http.client.HTTPException) as error:
                    why = str(error) or type(error).__name__
                    raise NoAnswer(f"{self.name}: {why}", sent=True) from error
                yield response
            finally:
                connection.close()

    def close(self) -> None:
        """Starts no process again, and returns once the one that runs has ended."""
        with self._changed:
            self._over = True
            self._changed.notify_all()
            keeper = self._keeper
        if keeper is not None:
            keeper.join()

    @contextmanager
    def _awake(self) -> Generator[int]:
        """The port of a process that is kept while the block runs."""
        with self._changed:
            if self._over:
                raise NoAnswer(f"{self.name}: everything ends", sent=False)
            if self._process is None or self._process.popen.poll() is not None:
                self._process = self._start()
                self._changed.notify_all()  # the keeper of one that died has nothing left to keep
            self._active += 1
            self._requests += 1
            port = self._process.port
        try:
            yield port
        finally:
            with self._changed:
                self._active -= 1
                self._last = time.monotonic()
                self._changed.notify_all()

    def _start(self) -> _Process:
        # The parent listens before the child is there, so that no request comes too early and no
        # other process can take the port; it closes its own end, so that a child that dies refuses.
        listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        theirs, ours = os.pipe()
        variables = {
            "OFC_FUNCTION": self.name,
            "LISTEN_ADDRESS": f"fd://{listening.fileno()}",
            "OFC_LIFELINE": str(theirs),
        }
        try:
            with self._log.open("ab") as output:
                popen = subprocess.Popen(
                    [sys.executable, "-P", "-m", "omniforce.runtime.app"],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    pass_fds=(listening.fileno(), theirs),
                    start_new_session=True,
                    env={**self._environment, **variables},
                )
            process = _Process(popen, listening.getsockname()[1], ours)
        except OSError as error:
            os.close(ours)
            raise NoAnswer(f"{self.name} cannot be started: {error}", sent=False) from error
        finally:
            listening.close()
            os.close(theirs)
        self._starts += 1
        self._keeper = threading.Thread(target=self._keep, args=(process,), daemon=True)
        self._keeper.start()
        return process

    def _keep(self, process: _Process) -> None:
        """Ends the process once nobody has asked for a window; its thread ends with it."""
        with self._changed:
            while not self._over and self._process is process:
                left = self._last + self._window - time.monotonic()
                if self._active:
                    self._changed.wait()
                elif left > 0:
                    self._changed.wait(left)
                else:
                    break
            if self._process is process:
                self._process = None
        _end(process)


def _end(process: _Process) -> None:
    """SIGTERM, and SIGKILL for what will not hear it."""
    popen = process.popen
    with contextlib.suppress(ProcessLookupError):
        popen.send_signal(signal.SIGTERM)
    timer = threading.Timer(GRACE, popen.kill)
    timer.daemon = True
    timer.start()
    popen.wait()
    timer.cancel()
    with contextlib.suppress(OSError):
        os.close(process.lifeline)
