"""Where a study's files are on this machine, and who may work on them."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from omniforce.spec.problem import Problem

from ..trial.disk import disk_full, is_full

DEFAULT = ".ofc"


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one study: `.ofc/<study>`.

    Attributes:
        root: `.ofc`, absolute, since worker processes and a server read it too.
    """

    root: Path
    study: str

    @property
    def directory(self) -> Path:
        """All of the study's own."""
        return self.root / self.study

    @property
    def store(self) -> Path:
        """The trials, in SQLite."""
        return self.directory / "study.db"

    @property
    def data(self) -> Path:
        """The prepared data."""
        return self.directory / "data"

    @property
    def models(self) -> Path:
        """One folder a registered model."""
        return self.directory / "models"

    @property
    def logs(self) -> Path:
        """One file a trial."""
        return self.directory / "logs"

    @property
    def work(self) -> Path:
        """What trials leave while they run; empty between runs."""
        return self.directory / "work"

    @property
    def report(self) -> Path:
        """The page for people."""
        return self.directory / "report.html"

    @property
    def measuring(self) -> Path:
        """The lock of whoever measures on this machine; studies beside this one share it."""
        return self.root / ".measuring.lock"

    def log_of(self, trial: int) -> Path:
        """A trial's output."""
        return self.logs / f"trial-{trial:04d}.log"

    def work_of(self, trial: int) -> Path:
        """Where a trial leaves its model."""
        return self.work / f"trial-{trial:04d}"

    def make(self) -> None:
        """Makes the folders; what an ended run left of its trials' models goes.

        Raises:
            Problem: they cannot be made.
        """
        try:
            for each in (self.directory, self.models, self.logs):
                each.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(self.work, ignore_errors=True)
            self.work.mkdir(exist_ok=True)
            ignore = self.root / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="ascii")
        except OSError as error:
            raise unwritable(self.directory, error) from error

    def set_aside(self) -> Path | None:
        """Moves an old study away, so that one of its name can start anew; gives its new place."""
        if not self.directory.exists():
            return None
        number = 1
        while (place := self.root / f"{self.study}.old-{number}").exists():
            number += 1
        try:
            self.directory.rename(place)
        except OSError as error:
            raise unwritable(self.directory, error) from error
        return place

    @contextmanager
    def alone(self) -> Generator[None]:
        """Keeps a second run of the same study away while the block runs.

        Raises:
            Problem: one is at work.
        """
        if sys.platform == "win32":
            yield
            return
        import fcntl

        try:
            self.root.mkdir(parents=True, exist_ok=True)
            lock = (self.root / f".{self.study}.lock").open("a+", encoding="ascii")
        except OSError as error:
            raise unwritable(self.root, error) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                lock.seek(0)
                holder = lock.read(20).strip() or "unknown"
                raise Problem(
                    "OFC762",
                    f"another `ofc run` of `{self.study}` is at work (process {holder})",
                    f"wait for it, watch it with `ofc status {self.study}`, or stop it first",
                ) from error
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n")
            lock.flush()
            yield


def unwritable(place: Path, error: OSError) -> Problem:
    """What to say of a folder that cannot be written."""
    if is_full(error):
        return disk_full(str(place))
    return Problem(
        "OFC701",
        f"`{place}` cannot be written: {error.strerror or error}",
        "choose another folder with `--dir`, or give this user the right to write it",
    )


def studies(root: Path) -> tuple[str, ...]:
    """The names of the studies under `.ofc`, the one that was touched last first."""
    found = [place for place in root.glob("*/study.db") if ".old-" not in place.parent.name]
    found.sort(key=lambda place: (-_touched(place), place.parent.name))
    return tuple(place.parent.name for place in found)


def _touched(store: Path) -> float:
    beside = (store, store.with_name(f"{store.name}-wal"))
    return max((place.stat().st_mtime for place in beside if place.exists()), default=0.0)
