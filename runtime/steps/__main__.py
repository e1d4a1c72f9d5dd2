"""Runs one step: `python -m omniforce.runtime.steps STEP --name VALUE ...`."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping, Sequence

from omniforce.spec.problem import Problem

from ..functions.settings import MissingSetting
from .table import STEPS
from .task import Task

USAGE = 64
log = logging.getLogger("omniforce.steps")


def main(words: Sequence[str], environment: Mapping[str, str]) -> int:
    """Gives the exit code: 0, 1 for a step that failed, 64 for a wrong call."""
    name, *rest = words or ("",)
    if name not in STEPS or len(rest) % 2 or not all(w.startswith("--") for w in rest[::2]):
        log.error("usage: python -m omniforce.runtime.steps {%s} --name VALUE ...", "|".join(STEPS))
        return USAGE
    options = {w.removeprefix("--"): v for w, v in zip(rest[::2], rest[1::2], strict=True)}
    try:
        STEPS[name]()(Task.read(environment, options))
    except Problem as problem:
        found = problem.diagnostic
        log.error("error[%s]: %s\n  = help: %s", found.code, found.message, found.help)
        return 1
    except (MissingSetting, OSError) as error:
        log.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    sys.exit(main(sys.argv[1:], os.environ))
