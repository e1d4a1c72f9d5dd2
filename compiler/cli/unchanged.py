"""Outputs that need not be made again, since neither their spec nor any of their files changed."""

from __future__ import annotations

import os
from collections.abc import Mapping

from omniforce.spec.frozen import dataclass
from omniforce.spec.problem import Problem

from ..held import held
from ..lock import LOCK
from ..output_folder import Written
from .compiling import Made, Task
from .memory import Memory, digest_of


@dataclass(frozen=True, slots=True)
class Standing:
    """An output that stands as it was written."""

    made: Made
    place: str
    written: Written


def memory_of(task: Task, folder: str) -> Memory:
    """What is remembered of compiling with these options into this folder."""
    chosen, wanted = task.chosen, task.wanted
    params = repr(sorted(chosen.params.items()))
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return Memory.of("compile", folder, repr(wanted), params, epoch, *chosen.settings)


def key_of(task: Task) -> str:
    """The files of a spec as one text."""
    return "\n".join(task.chosen.files)


def standing(memory: Memory, task: Task) -> Standing | None:
    """The output of a spec, if it is what the spec would give again; None to make it anew."""
    key = key_of(task)
    if not memory.unchanged(key):
        return None
    place = next((p for p in memory.known[key] if os.path.basename(p) == LOCK), None)
    if place is None:
        return None
    folder = os.path.dirname(place)
    try:
        found = held(folder)
    except Problem:
        return None
    if found.changed or found.missing:
        return None
    files = tuple(sorted([*dict(found.lock.files), LOCK]))
    made = Made(found.lock.study, (), (), (), {}, {}, found.lock)
    return Standing(made, folder, Written(files, (), (), ()))


def to_remember(made: Made, place: str) -> Mapping[str, str] | None:
    """What must not change for an output to stand; None where that cannot be told from files."""
    if not made.read:
        return None
    lock = os.path.join(place, LOCK)
    return {**made.read, lock: digest_of(lock)}
