"""One trial that another system proposes: its values come in the environment, no store is asked.

Katib and Kubeflow Trainer keep the book of their searches themselves. What trains is the same
`execute` as everywhere; the data is prepared once on the volume that all trials mount.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path

from omniforce.compiler.canonical import canonical
from omniforce.compiler.ir.program import Program, Search
from omniforce.spec.problem import Problem
from omniforce.spec.space import Assignment, validate
from omniforce.targets.platforms.foreign_search.values import NoPoint, read_point

from ..functions.settings import MissingSetting, Settings, program_of
from .asking import arguments_of, wanted_metrics
from .contract import Phase, TrialReport, TrialRequest, seed_of
from .shared_data import prepare_once

DONE = 0
AGAIN = 1
"""The disk or whoever takes the figures is away: another pod of the Job may fare better."""
NEVER = 64
"""The Job is not as the manifests make it: no retry can help."""
FAILED = 65
"""The trial gave no result: the same values would give none again."""

Execute = Callable[[TrialRequest, Callable[[Phase], None]], TrialReport]
Tell = Callable[[Mapping[str, float]], None]

log = logging.getLogger(__name__)


class NotTold(Exception):  # noqa: N818
    """Whoever waits for the figures did not take them."""


def run(
    environment: Mapping[str, str],
    execute: Execute,
    tell: Tell,
    *,
    leave: Callable[[int], None] = os._exit,
) -> int:
    """Runs the trial that the environment describes; gives the exit code.

    Args:
        environment: the study's place, and a variable for each parameter.
        execute: trains.
        tell: takes the figures; raises `NotTold` where nobody takes them.
        leave: ends the process at once, whatever its threads do.
    """
    try:
        settings = Settings.read(environment, needed=("OFC_STUDY",))
        program = program_of(settings.program_text())
        search = next((s for s in program.steps if isinstance(s, Search)), None)
        if search is None:
            raise MissingSetting("the study searches nothing")
        point = read_point(search.space, environment)
    except (MissingSetting, NoPoint) as error:
        log.error("%s", error)
        return NEVER
    if wrong := validate(search.space, point):
        log.error("no point of the space: %s", "; ".join(wrong))
        return NEVER
    data = Path(environment.get("OFC_DATA", "/var/lib/ofc/data"))
    try:
        prepare_once(program, data)
    except Problem as problem:
        log.error("%s: %s", problem.diagnostic.code, problem)
        return AGAIN
    return _trained(program, search, point, data, execute, tell, leave)


def _trained(
    program: Program,
    search: Search,
    point: Assignment,
    data: Path,
    execute: Execute,
    tell: Tell,
    leave: Callable[[int], None],
) -> int:
    def overdue() -> None:
        log.error("not over after %g s", search.timeout)
        sys.stderr.flush()
        leave(FAILED)

    timer = threading.Timer(search.timeout, overdue)
    timer.daemon = True
    timer.start()
    try:
        with tempfile.TemporaryDirectory(prefix="ofc-model-") as directory:
            request = _request(program, search, point, data, directory)
            report = execute(request, _stay_silent)
    except Problem as problem:
        log.error("%s: %s", problem.diagnostic.code, problem)
        return AGAIN
    finally:
        timer.cancel()
    if report.outcome == "failed":
        log.error("the trial failed: %s: %s", report.failure_class, report.message)
        return FAILED
    try:
        tell(report.metrics)
    except NotTold as error:
        log.error("nobody took the figures: %s", error)
        return AGAIN
    return DONE


def _stay_silent(_: Phase) -> None:
    return


def _request(
    program: Program, search: Search, point: Assignment, data: Path, directory: str
) -> TrialRequest:
    number = number_of(point)
    return TrialRequest(
        study=program.name,
        trial=number,
        arguments=arguments_of(search, point),
        algorithm=search.algorithm,
        data=str(data),
        seed=seed_of(search.seed, number),
        devices=search.devices,
        metrics=wanted_metrics(search),
        model_dir=directory,
        timeout=search.timeout,
    )


def number_of(point: Assignment) -> int:
    """A trial's number made of its point: nobody counts here, and equal points train alike."""
    return int(sha256(canonical(dict(point)).encode()).hexdigest()[:7], 16)
