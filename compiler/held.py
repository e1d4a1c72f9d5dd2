"""Whether a folder still holds what its lock says: every byte of it, and nothing else.

A lock is a list of digests that stands beside the files: it finds what was edited, lost or added,
and not who did it. Who wants that signs the provenance.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from omniforce.spec.frozen import dataclass
from omniforce.spec.problem import Problem

from .canonical import digest
from .lock import LOCK, BrokenLock, Lock, has_only_pins, read_lock

YOURS = {"kustomize": "overlays/"}
"""Folders of a layout that their owner fills."""


@dataclass(frozen=True, slots=True)
class Held:
    """How a folder differs from its lock; each sorted.

    Attributes:
        lock: what it must hold.
        same: files that are as they were written.
        changed: files with another text.
        missing: files that are not there, or are no plain files any more.
        extra: files that the lock does not list.
    """

    lock: Lock
    same: tuple[str, ...]
    changed: tuple[str, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether anything is not as the lock says."""
        return bool(self.changed or self.missing or self.extra)


def held(folder: str) -> Held:
    """Reads every file of a folder and compares it with the folder's lock.

    Raises:
        Problem: there is no lock, it cannot be read, or it lists what lies outside.
    """
    lock = _lock(folder)
    known = dict(lock.files)
    texts = {path: _text(Path(folder, path)) for path in known if _stays_inside(folder, path)}
    missing = [path for path, text in texts.items() if text is None]
    changed = [p for p, text in texts.items() if text is not None and digest(text) != known[p]]
    yours = YOURS.get(lock.layout)
    extra = [
        path
        for path in _files(folder)
        if path not in known and path != LOCK and not (yours and path.startswith(yours))
    ]
    same = texts.keys() - set(missing) - set(changed)
    return Held(lock, *(tuple(sorted(each)) for each in (same, changed, missing, extra)))


def _lock(folder: str) -> Lock:
    path = Path(folder, LOCK)
    text = _text(path)
    if text is None or has_only_pins(text):
        raise Problem(
            "OFC605",
            f"there is no `{LOCK}` in `{folder}` to hold it against",
            f"name the folder that `ofc compile -o` wrote: `ofc verify {_meant(folder)}`",
        )
    try:
        return read_lock(text)
    except BrokenLock as fault:
        raise Problem(
            "OFC603",
            f"`{path}` cannot be read: {fault}",
            "take the file from version control, or compile again",
        ) from None


def _meant(folder: str) -> str:
    """A folder below that has a lock, as several specs are compiled into; else the usual one."""
    below = sorted(Path(folder).glob(f"*/{LOCK}"))
    return str(below[0].parent) if below else "dist"


def _stays_inside(folder: str, path: str) -> bool:
    parts = PurePosixPath(path).parts
    if not parts or PurePosixPath(path).is_absolute() or ".." in parts:
        raise Problem(
            "OFC603",
            f"`{Path(folder, LOCK)}` lists `{path}`, which is not in `{folder}`",
            "take the file from version control, or compile again",
        )
    return True


def _text(path: Path) -> str | None:
    """The text of a plain file; None for anything else, links included."""
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(os.fstat(opened).st_mode):
        os.close(opened)
        return None
    with open(opened, "rb") as file:
        return file.read().decode("utf-8", errors="surrogateescape")


def _files(folder: str) -> Iterator[str]:
    """Everything below a folder that is no folder, with forward slashes; links are not followed."""
    for root, folders, names in os.walk(folder):
        links = [name for name in folders if Path(root, name).is_symlink()]
        for name in (*names, *links):
            yield Path(root, name).relative_to(folder).as_posix()
