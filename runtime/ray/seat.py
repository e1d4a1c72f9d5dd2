"""A seat: the actor of Ray that runs one trial at a time in a worker process of its own.

The worker is the local backend's, so that a trial's memory, time, output and crashes are dealt
with in the same way here, and Ray's own process survives what a trial does to its.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast

from omniforce.spec.problem import Problem

from ..local.endings import LONGEST_LOG
from ..local.pool import Finished, PoolOptions
from ..local.workers import WorkerPool
from ..trial.contract import SPEC_DIRECTORY, TrialRequest
from .luggage import files_of, pack, unpacked
from .orders import Errand, Fault, News, Order, Place

_LOOK = 0.1  # seconds for which the worker is waited for at once, so that a cancel gets through
_TALK = 1.0  # seconds after which new lines of a log are sent though nothing happened
LONGEST_POLL = 5.0
_MOST_LOG = 2**20  # bytes of a log in one answer


class Seat:
    """Runs trials one after the other; two calls may be in it at once, one of them a `cancel`."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._lock = threading.Lock()  # the pool has one user at a time
        self._wanted = threading.Event()  # somebody else wants the pool
        self._pool: WorkerPool | None = None
        self._order: Order | None = None
        self._errand: Errand | None = None
        self._own = Path()
        self._data = ""
        self._sent = 0  # bytes of the log

    def look(self, token: str) -> Place:
        """Where this is, and whether the file `token` of the searching machine is seen from it."""
        with socket.socket() as probe:
            probe.bind(("", 0))
            port = int(probe.getsockname()[1])
        import ray

        host = str(cast("Any", ray.util).get_node_ip_address())
        return Place(host, port, installed(), Path(token).is_file())

    def open(self, order: Order) -> Fault | None:
        """Unpacks what was sent, starts the worker, and has it import the estimator."""
        with self._lock:
            return self._opened(order)

    def run(self, errand: Errand) -> News:
        """Starts a trial; answers as `more` does."""
        with self._lock:
            self._errand, self._sent = self._here(errand), 0
            self._worker.start(self._errand.request, Path(self._errand.log))
        return self.more()

    def more(self) -> News:
        """What happens next; nothing for a few seconds is an answer as well."""
        now = time.monotonic()
        until, talk = now + LONGEST_POLL, now + _TALK
        while True:
            with self._lock:
                if self._errand is None:
                    return News(cancelled=True)
                try:
                    happened = self._worker.wait(_LOOK)
                except Problem as problem:
                    return News(fault=self._fault(problem, Path(self._errand.log)))
                if any(isinstance(each, Finished) for each in happened):
                    news = News(happened, self._said(LONGEST_LOG))
                    self._errand = None
                    return news
                now = time.monotonic()
                if happened or now >= until:
                    return News(happened, self._said())
                if now >= talk and (said := self._said()):
                    return News((), said)
            while self._wanted.is_set():  # a lock is not fair by itself
                time.sleep(0.001)

    def stop(self, trial: int) -> bool:
        """Asks the trial to end early; False where it does not run here."""
        return self._between(lambda: self._worker.stop(trial))

    def cancel(self, trial: int, grace: float) -> bool:
        """Ends the trial; False where it does not run here."""

        def end() -> bool:
            if not self._worker.cancel(trial, grace):
                return False
            self._errand = None
            return True

        return self._between(end)

    def model(self) -> tuple[bytes, ...]:
        """The files of the model that the last trial left, as an archive."""
        return pack(files_of(self._own / "model")).pieces

    def close(self) -> None:
        """Ends the worker with all that it started, and removes what is on this node."""

        def end() -> bool:
            self._open.close()
            return True

        self._between(end)

    def _opened(self, order: Order) -> Fault | None:
        self._order = order
        path, environment, log = order.path, dict(order.environment), Path(order.log)
        if order.data is not None:
            own = self._open.enter_context(tempfile.TemporaryDirectory(prefix="ofc-seat-"))
            self._own, self._data = Path(own), str(self._open.enter_context(_fetched(order.data)))
            log = self._own / "workers.log"
        if order.code is not None:
            code = str(self._open.enter_context(_fetched(order.code)))
            path = (code, *path)
            environment[SPEC_DIRECTORY] = code
        options = PoolOptions(
            size=1,
            estimator=order.estimator,
            log=log,
            measures=order.measures,
            path=path,
            environment=environment,
            without=order.without,
        )
        try:
            self._pool = self._open.enter_context(WorkerPool(options))
            while not self._pool.ready:
                self._pool.wait(1.0)
        except Problem as problem:
            return self._fault(problem, log)
        return None

    def _between(self, action: Callable[[], bool]) -> bool:
        """Does something while nobody waits for the worker."""
        self._wanted.set()
        try:
            with self._lock:
                return action()
        finally:
            self._wanted.clear()

    @property
    def _worker(self) -> WorkerPool:
        if self._pool is None:
            raise RuntimeError("the seat was not opened")
        return self._pool

    def _here(self, errand: Errand) -> Errand:
        """The errand with this node's own places, where the searching machine's are not seen."""
        if self._order is None or self._order.data is None:
            Path(errand.request.model_dir).mkdir(exist_ok=True)
            return errand
        model = self._own / "model"
        shutil.rmtree(model, ignore_errors=True)
        model.mkdir()
        log = self._own / "trial.log"
        log.write_bytes(b"")
        exclusive = Path(tempfile.gettempdir()) / f"omniforce-{os.getuid()}" / "measuring.lock"
        request: TrialRequest = replace(
            errand.request, data=self._data, model_dir=str(model), exclusive=str(exclusive)
        )
        return Errand(request, str(log))

    def _said(self, most: int = _MOST_LOG) -> bytes:
        """What the trial printed since, where its log is not the searching machine's."""
        if self._order is None or self._order.data is None or self._errand is None:
            return b""
        with open(self._errand.log, "rb") as log:
            if log.seek(0, os.SEEK_END) < self._sent:
                self._sent = 0  # it was begun anew
            log.seek(self._sent)
            said = log.read(most)
        self._sent += len(said)
        return said

    def _fault(self, problem: Problem, log: Path) -> Fault:
        """The problem, told with the output that only this node has."""
        diagnostic = problem.diagnostic
        message, way_out = diagnostic.message, diagnostic.help or ""
        if self._order is not None and self._order.data is not None and str(log) in way_out:
            with log.open("rb") as file:
                last = file.read()[-2000:].decode(errors="replace").strip().splitlines()
            way_out = f"its output on that node ends with: {last[-1] if last else 'nothing'}"
        return Fault(diagnostic.code, message, way_out)


def installed() -> str:
    """The version of this package here."""
    try:
        return importlib.metadata.version("omniforce")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def _fetched(sent: tuple[str, tuple[object, ...]]) -> AbstractContextManager[Path]:
    """The files that were sent, on this node."""
    import ray

    digest, references = sent
    return unpacked(digest, [partial(cast("Any", ray.get), each) for each in references])
