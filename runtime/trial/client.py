"""What a trial's own code calls: `report(step, metrics)` while it trains, and `should_stop()`.

    for epoch in range(epochs):
        loss, accuracy = train_one_epoch()
        report(epoch, {"loss": loss, "accuracy": accuracy})
        if should_stop():
            break

Neither blocks nor ends a training: what cannot be told now is told later, thinned (`thinning`), or
not at all. Both may be called from any thread, and from processes that the trial started.
"""

from __future__ import annotations

import errno
import json
import math
import os
import select
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import SupportsFloat

from ..store.trial import Point
from .files import METRICS, STOP
from .frames import encode
from .thinning import KEYS, Thinning

DESCRIPTOR = "OFC_REPORT_FD"
"""The variable with the file descriptor that reports go to."""

DIRECTORY = "OFC_CONTRACT_DIR"
"""The variable with the folder in which the trial and whoever runs it leave word for each other."""

LONGEST_NAME = 200
_FRAME = 4096  # PIPE_BUF: a write up to it is never torn apart by another process's
_OFTEN = 0.25  # seconds between two looks, and between two writes
_LARGEST_STEP = 2**62


class ReportRefused(ValueError):  # noqa: N818 - what happened to it
    """A report that says nothing: no number, a name that nobody can read, or too many of them."""


class NotFinite(ReportRefused):
    """A figure is NaN or infinite: the training has diverged, and goes on in vain."""


def report(step: int, metrics: Mapping[str, SupportsFloat]) -> None:
    """Pushes the figures of one step; does nothing where nobody listens.

    Args:
        step: an epoch or a round, from 0, growing.
        metrics: by name, at most 200 names of at most 200 characters; finite numbers.

    Raises:
        ReportRefused: a name or a step is none, or there are too many.
        NotFinite: a figure is NaN or infinite. A trial that lets it pass has failed as `nan`.
    """
    points = checked(step, metrics)
    _CHANNEL.tell(points)


def should_stop() -> bool:
    """Whether whoever runs the trial wants it to end early and to report what it has.

    Cheap enough for every batch: it looks four times a second at most.
    """
    return _CHANNEL.is_stopped()


def checked(step: object, metrics: Mapping[str, object]) -> tuple[Point, ...]:
    """One report as points.

    Raises:
        ReportRefused: what is said of `report`.
    """
    if len(metrics) > KEYS:
        raise ReportRefused(f"{len(metrics)} figures in one report, {KEYS} are the most")
    try:
        number = int(step)  # type: ignore[call-overload] # a tensor of one number is one too
    except (TypeError, ValueError, OverflowError) as error:
        raise ReportRefused(f"`step` is {str(step)[:40]!r}, and no whole number") from error
    if not -_LARGEST_STEP <= number <= _LARGEST_STEP:
        raise ReportRefused("`step` has more than 62 bits")
    return tuple(Point(number, name_of(k), _figure(k, v, number)) for k, v in metrics.items())


def name_of(key: object) -> str:
    """A metric's name as the store takes it.

    Raises:
        ReportRefused: it is none.
    """
    if not isinstance(key, str) or not key:
        raise ReportRefused(f"a figure's name is {str(key)[:40]!r}, and no text")
    if len(key) > LONGEST_NAME:
        raise ReportRefused(
            f"a figure's name has {len(key)} characters, {LONGEST_NAME} are the most: "
            f"`{''.join(c for c in key[:40] if c.isprintable())}...`"
        )
    if not key.isprintable():
        raise ReportRefused(f"a figure's name has characters that cannot be shown: {key[:40]!r}")
    return key


def _figure(key: str, value: object, step: int) -> float:
    try:
        figure = float(value)  # type: ignore[arg-type] # a tensor of one number is one too
    except Exception as error:  # a tensor may raise anything
        raise ReportRefused(f"`{key}` is no number: {str(value)[:40]!r}") from error
    if not math.isfinite(figure):
        raise NotFinite(f"`{key}` is {figure} at step {step}")
    return figure


class Channel:
    """How one trial's figures reach whoever runs it, and his wish reaches it."""

    def __init__(self) -> None:
        self._strangers: weakref.WeakSet[threading.Thread] = weakref.WeakSet()
        self._directory: Path | None = None
        self._forget()

    def begin(self, directory: Path) -> None:
        """A trial begins in this process, whose `end` will be told: figures may wait for it.

        Where nobody listens at a pipe nobody else reads the files either, so none are written.
        """
        self._forget()
        self._directory = directory
        self._here = True
        self._pause = _OFTEN
        here = threading.current_thread()
        self._strangers = weakref.WeakSet(t for t in threading.enumerate() if t is not here)

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._pause = 0.0
        self._thinning = Thinning()
        self._waiting: list[Point] = []
        self._latest: dict[str, float] = {}
        self._untold = False
        self._sent = self._looked = -math.inf
        self._stopped = self._here = self._over = False
        self._directory = None

    def tell(self, points: Sequence[Point]) -> None:
        """Takes points, and passes on what waits if the last time is a while ago."""
        if threading.current_thread() in self._strangers:
            return  # what the trial before left running
        with self._lock:
            if self._over:
                return
            for point in points:
                if len(self._latest) < KEYS or point.key in self._latest:
                    self._latest[point.key] = point.value
                    self._untold = True
                if self._thinning.take(point):
                    self._waiting.append(point)
            now = time.monotonic()
            if now - self._sent >= self._pause:
                self._sent = now
                self._pass_on(patient=False)

    def end(self) -> Thinning:
        """Passes on all that is left, the last of each figure with it; says how many there were."""
        with self._lock:
            self._waiting.extend(self._thinning.rest())
            self._pass_on(patient=True)
            self._over = True
            return self._thinning

    @property
    def latest(self) -> Mapping[str, float]:
        """The last value of each figure."""
        return dict(self._latest)

    def is_stopped(self) -> bool:
        """Whether the file is there that says so; looked for four times a second at most."""
        now = time.monotonic()
        if not self._stopped and now - self._looked >= _OFTEN:
            self._looked = now
            directory = self._directory or os.environ.get(DIRECTORY)
            self._stopped = directory is not None and (Path(directory) / STOP).exists()
        return self._stopped

    def _pass_on(self, *, patient: bool) -> None:
        descriptor, directory = os.environ.get(DESCRIPTOR), os.environ.get(DIRECTORY)
        if descriptor is not None:
            self._to_pipe(int(descriptor), patient)
        elif directory is not None and not self._here:
            self._to_file(Path(directory))
        else:
            self._waiting.clear()

    def _to_pipe(self, descriptor: int, patient: bool) -> None:
        """Writes as many whole frames as the pipe has room for."""
        try:
            while self._waiting:
                if not _has_room(descriptor, 10.0 if patient else 0.0):
                    return
                count, frame = _frame(self._waiting)
                os.write(descriptor, frame)
                del self._waiting[:count]
            if self._untold and _has_room(descriptor, 0.0):
                os.write(descriptor, _latest_frame(self._latest))
                self._untold = False
        except (OSError, ValueError):
            self._waiting.clear()  # whoever listened is gone; the training is worth finishing

    def _to_file(self, directory: Path) -> None:
        lines = [
            json.dumps({"step": point.step, "metrics": {point.key: point.value}}) + "\n"
            for point in self._waiting
        ]
        self._waiting.clear()
        with suppress(OSError), (directory / METRICS).open("a", encoding="utf-8") as file:
            file.writelines(lines)


def _has_room(descriptor: int, seconds: float) -> bool:
    """Whether a frame can be written without waiting for its reader."""
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    found = poll.poll(1000 * seconds)
    if any(event & select.POLLNVAL for _, event in found):
        raise OSError(errno.EBADF, "nobody listens")
    return bool(found)


def _frame(points: Sequence[Point]) -> tuple[int, bytes]:
    """As many of the first points as one frame holds; one always fits."""
    count = min(len(points), 100)
    while True:
        rows = [[p.step, p.key, p.value] for p in points[:count]]
        frame = encode({"kind": "points", "points": rows})
        if len(frame) <= _FRAME or count == 1:
            return count, frame
        count //= 2


def _latest_frame(latest: Mapping[str, float]) -> bytes:
    """The last values of what the trial is asked for, which whoever ends it early takes instead."""
    wanted = os.environ.get("OFC_METRICS", "").split(",")
    metrics = {key: latest[key] for key in wanted if key in latest}
    frame = encode({"kind": "latest", "metrics": metrics})
    return frame if len(frame) <= _FRAME else encode({"kind": "latest", "metrics": {}})


_CHANNEL = Channel()
if hasattr(os, "register_at_fork"):
    # What the parent holds is the parent's, a lock that another of its threads had included.
    os.register_at_fork(after_in_child=_CHANNEL.__init__)  # type: ignore[misc]


def channel() -> Channel:
    """The one of this process."""
    return _CHANNEL
