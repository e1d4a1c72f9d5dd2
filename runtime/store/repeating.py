"""Makes a call again whose connection broke, or whose transaction the server took back.

Only for calls that can be repeated: whether the first was committed is not known.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from omniforce.spec.problem import Problem

from . import faults

P = ParamSpec("P")
R = TypeVar("R")

PAUSES = (0.02, 0.1, 0.4, 1.0, 2.0)
"""Seconds before each further try; a server that restarts is back within them, as a rule."""


def repeated(call: Callable[P, R]) -> Callable[P, R]:
    """The call, made again up to `len(PAUSES)` times; then its `Problem` is the caller's."""

    @wraps(call)
    def made(*arguments: P.args, **named: P.kwargs) -> R:
        tried = False
        for pause in PAUSES:
            try:
                return call(*arguments, **named)
            except faults.Interrupted:
                tried = True
            except Problem as problem:
                # No server where there was one a moment ago: it restarts.
                if not tried or problem.diagnostic.code != faults.UNREACHABLE:
                    raise
            time.sleep(pause)
        return call(*arguments, **named)

    return made
