"""The data of a study on a volume that all its trials mount, prepared by whoever comes first."""

from __future__ import annotations

import fcntl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from omniforce.compiler.ir.program import Prepare, Program


def prepare_once(program: Program, directory: Path) -> None:
    """Prepares the data in `directory`, unless another trial has; one at a time.

    Raises:
        Problem: the data cannot be read, or is not as the spec says.
    """
    steps = [step for step in program.steps if isinstance(step, Prepare)]
    if not steps:
        return
    from ..data.prepare import prepare

    with _alone(directory):
        prepare(steps[0], directory)


@contextmanager
def _alone(directory: Path) -> Generator[None]:
    """Holds a lock beside the directory, among all pods that mount its volume."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    with (directory.parent / f".{directory.name}.lock").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
