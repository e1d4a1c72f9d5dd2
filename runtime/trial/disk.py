"""A full disk, told apart from the other things that an `OSError` can be."""

from __future__ import annotations

import errno

from omniforce.spec.problem import Problem


def is_full(error: BaseException | None) -> bool:
    """Whether the error, or what it came from, is that nothing more can be written."""
    seen = 0
    while error is not None and seen < 10:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        error, seen = error.__cause__ or error.__context__, seen + 1
    return False


def disk_full(where: str) -> Problem:
    """What to say of it."""
    return Problem(
        "OFC763",
        f"the disk is full: nothing more can be written under `{where}`",
        "free some space and run the same command again; finished trials are kept",
    )
