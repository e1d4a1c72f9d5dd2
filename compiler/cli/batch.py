"""Many specs at once: on every core, and those that have not changed since are not looked at."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar, cast

from omniforce.spec.frozen import dataclass

from ..version import VERSION

T = TypeVar("T")
R = TypeVar("R")

FEW = 8
"""Specs that are done one after the other: starting processes would take longer."""

FORMAT = "1.0"
LIMIT = 20_000
TASKS = 4


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def each(function: Callable[[T], R], items: Sequence[T], jobs: int | None = None) -> Iterator[R]:
    """What `function` makes of every item, in their order; on several cores where it pays.

    Args:
        function: of a module, since processes are given its name.
        items: can be pickled, as what comes of them.
        jobs: processes at most; None takes one a core.
    """
    processes = min(jobs or cores(), len(items))
    if processes < 2 or len(items) < FEW:
        yield from map(function, items)
        return
    import multiprocessing

    # forked, so that what is imported is not imported again in every process
    context = multiprocessing.get_context("fork")
    with context.Pool(processes) as pool:
        yield from pool.imap(function, items, chunksize=max(1, len(items) // (processes * 16)))


@dataclass(frozen=True, slots=True)
class Memory:
    """What was found good before, so that it need not be looked at again.

    Attributes:
        task: what is done with specs, with all options that matter.
        known: per spec, the digest of each file that it was read from.
    """

    task: str
    known: Mapping[str, Mapping[str, str]]
    others: Mapping[str, Mapping[str, Mapping[str, str]]]

    @classmethod
    def of(cls, *task: str) -> Memory:
        """What is remembered of a task; nothing where the file is missing or of another release."""
        name = hashlib.sha256("\0".join((VERSION, _release(), *task)).encode()).hexdigest()
        try:
            plain = json.loads(_place().read_text(encoding="utf-8"))
            tasks = cast("dict[str, dict[str, dict[str, str]]]", plain["tasks"])
            known = tasks.pop(name, {}) if plain["formatVersion"] == FORMAT else {}
            return cls(name, dict(known), tasks)
        except (OSError, ValueError, KeyError, AttributeError, TypeError):
            return cls(name, {}, {})

    def unchanged(self, spec: str) -> bool:
        """Whether every file that a spec was read from is as it was when it was found good."""
        files = self.known.get(os.path.abspath(spec))
        return bool(files) and all(digest_of(path) == known for path, known in files.items())

    def keep(self, good: Mapping[str, Mapping[str, str]]) -> None:
        """Remembers these for the next time; a folder that cannot be written is no fault."""
        kept = {**self.known, **{os.path.abspath(spec): files for spec, files in good.items()}}
        if len(kept) > LIMIT or kept == self.known:
            return
        # of other tasks and releases the newest few, so that the file cannot grow for ever
        others = list(self.others.items())[-TASKS:]
        tasks = {**dict(others), self.task: kept}
        place = _place()
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            staged = place.with_suffix(f".{os.getpid()}")
            staged.write_text(json.dumps({"formatVersion": FORMAT, "tasks": tasks}), "utf-8")
            os.replace(staged, place)
        except OSError:
            return


def _place() -> Path:
    """In the user's own cache and never in the checkout, which a stranger may have filled."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache, "omniforce", "specs.json")


def digest_of(path: str) -> str:
    """Of a file's bytes; empty where it cannot be read."""
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return ""


def _release() -> str:
    """What tells this installation from another, edited files of a checkout among it."""
    root = Path(__file__).parents[2]
    newest = 0
    for folder in ("compiler", "spec", "stdlib_algorithms", "strategies", "targets"):
        for place, _, names in os.walk(root / folder):
            stats = [os.stat(os.path.join(place, n)) for n in names if n.endswith((".py", ".yaml"))]
            newest = max([newest, *(s.st_mtime_ns for s in stats)])
    return str(newest)
