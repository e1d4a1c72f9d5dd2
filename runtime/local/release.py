"""After the search: the chosen parameters trained once more, checked, measured and registered."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from omniforce.spec.problem import Problem
from omniforce.targets.platforms.local.plan import LocalPlan

from ..data.dataset import Dataset
from ..models.description import FILE, MODEL, Description, describe, read, write
from ..store.trial import Trial
from ..trial.asking import arguments_of
from ..trial.contract import TrialReport, TrialRequest, artifact_path, seed_of
from .home import Home
from .pool import Finished, TrialPool
from .progress import Progress

_POINTER = "chosen"


@dataclass(frozen=True, slots=True)
class Registered:
    """A model with a version and a place.

    Attributes:
        digest: of all that it was made from; the same chosen trial gives the same.
        directory: `model.onnx`, `model.json`, and what belongs to them.
    """

    digest: str
    directory: Path
    description: Description


def digest_of(plan: LocalPlan, trial: Trial, data: Dataset) -> str:
    """The version of the model that a trial's parameters give."""
    keys = [s.cache_key for s in plan.program.steps if s.name.startswith(("train", "convert"))]
    made_from = {
        "steps": keys if all(keys) else plan.program.digest,
        "arguments": arguments_of(plan.search, trial.present_point),
        "trial": trial.number,
        "data": data.digest,
    }
    return hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()[:16]


def registered(home: Home, digest: str) -> Registered | None:
    """A model that an earlier run registered, or None."""
    directory = home.models / digest
    if not (directory / FILE).is_file():
        return None
    return Registered(digest, directory, read(directory))


def chosen(home: Home) -> Registered:
    """The model that was registered last.

    Raises:
        Problem: there is none.
    """
    try:
        digest = (home.models / _POINTER).read_text(encoding="ascii").strip()
    except OSError as error:
        raise Problem(
            "OFC741",
            f"the study `{home.study}` has no model yet",
            "finish it first with `ofc run`",
        ) from error
    directory = home.models / digest
    return Registered(digest, directory, read(directory))


def release(
    plan: LocalPlan,
    home: Home,
    trial: Trial,
    data: Dataset,
    open_pool: Callable[[], TrialPool],
    progress: Progress,
) -> Registered:
    """The chosen trial's model: the one that is there already, or a new one.

    Raises:
        Problem: its training failed, or its artifact answers differently.
    """
    digest = digest_of(plan, trial, data)
    found = registered(home, digest)
    if found is not None:
        progress.stage(f"model    trial {trial.number}, made before: {digest}")
    else:
        progress.stage(f"model    trial {trial.number}: train, export, check, measure")
        found = _make(plan, home, trial, data, digest, open_pool())
    fresh = home.models / f".{_POINTER}.{os.getpid()}"
    fresh.write_text(digest + "\n", encoding="ascii")
    fresh.replace(home.models / _POINTER)
    return found


def _make(
    plan: LocalPlan, home: Home, trial: Trial, data: Dataset, digest: str, pool: TrialPool
) -> Registered:
    search = plan.search
    work = home.work / "release"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    request = TrialRequest(
        study=plan.program.name,
        trial=trial.number,
        arguments=arguments_of(search, trial.present_point),
        algorithm=plan.train.algorithm,
        data=str(home.data),
        seed=seed_of(search.seed, trial.number),
        devices=plan.devices,
        model_dir=str(work),
        timeout=search.timeout,
        memory=None if search.resources is None else search.resources.memory,
        is_trainer=True,
        exclusive=str(home.measuring),
    )
    report = _run(pool, request, home.logs / "release.log")
    if report.outcome != "completed":
        raise Problem(
            "OFC767",
            f"the chosen model (trial {trial.number}) could not be made: {report.message}",
            f"its output is in {home.logs / 'release.log'}",
        )
    if plan.devices:
        serving = plan.serve.device if plan.serve is not None else plan.devices[0]
        shutil.copyfile(artifact_path(work, serving), work / "registered")
        (work / "registered").replace(work / MODEL)
    description = describe(
        data,
        study=plan.program.name,
        trial=trial.number,
        algorithm=f"{search.algorithm.name}@{search.algorithm.version}",
        arguments=request.arguments,
        metrics=report.metrics,
    )
    write(description, work)
    place = home.models / digest
    shutil.rmtree(place, ignore_errors=True)
    work.replace(place)
    return Registered(digest, place, description)


def _run(pool: TrialPool, request: TrialRequest, log: Path) -> TrialReport:
    """Runs one request to its end; late trials of the search have to leave the workers first."""
    for late in pool.running:
        pool.cancel(late.trial)
    pool.start(request, log)
    while True:
        for each in pool.wait(1.0):
            if isinstance(each, Finished) and each.request is request:
                return each.report
