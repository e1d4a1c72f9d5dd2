"""Runs one trial in this process: trains, exports, measures, and says how it went."""

from __future__ import annotations

import math
import os
import random
import sys
import time
import traceback
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from omniforce.spec.problem import Problem

from . import files
from .client import channel, name_of
from .contract import Phase, TrialReport, TrialRequest, environment, failed
from .disk import disk_full, is_full
from .failures import MissingMetric, NotANumber, classify
from .load import Trained, load_trial
from .thinning import KEYS, Thinning

__all__ = ["MissingMetric", "NotANumber", "classify", "execute", "seed_everything"]


def _stay_silent(_: Phase) -> None:
    return


def execute(request: TrialRequest, entering: Callable[[Phase], None] = _stay_silent) -> TrialReport:
    """Runs the trial to its end; whatever the user's code does, a report comes back.

    Only what ends the process itself (a signal, `os._exit`, the system's own out-of-memory
    killer) gives none: whoever started the process notices.

    Args:
        request: the trial.
        entering: told of each phase as it begins.

    Raises:
        Problem: the disk is full, which is no fault of the trial; or this trains the chosen model
            and its artifact is not what was trained.
    """
    began, cpu_began = time.perf_counter(), _cpu_seconds()
    try:
        with _variables(environment(request)), _listening(request):
            metrics = _run(request, entering)
    except BaseException as error:
        if is_full(error):
            raise disk_full(request.model_dir) from error
        if request.is_trainer and isinstance(error, Problem):
            raise
        traceback.print_exc()
        failure, message = classify(error)
        return failed(failure, message, time.perf_counter() - began, _cpu_seconds() - cpu_began)
    return TrialReport(
        outcome="completed",
        metrics=metrics,
        seconds=time.perf_counter() - began,
        cpu_seconds=_cpu_seconds() - cpu_began,
    )


def _run(request: TrialRequest, entering: Callable[[Phase], None]) -> Mapping[str, float]:
    entering("running")
    make = load_trial(request.algorithm)
    seed_everything(request.seed)
    estimator = make(
        data_path=request.data,
        is_trainer=request.is_trainer,
        seed=request.seed,
        **request.arguments,
    )
    try:
        metrics = _trained_metrics(request, estimator, estimator.run())
    except Exception:
        if (latest := _last_word(request)) is None:
            raise
        traceback.print_exc()
        return latest
    if request.devices or request.leaves_model:
        entering("measuring")
        from .measuring import measure

        metrics |= measure(request, estimator)
    if request.is_trainer:
        _save(request, estimator)
    missing = [name for name in request.metrics if name not in metrics]
    if missing and (latest := _last_word(request)) is not None:
        return metrics | latest
    if missing:
        raise MissingMetric(
            f"no metric `{missing[0]}` was reported; there are "
            + (", ".join(f"`{name}`" for name in sorted(metrics)) or "none")
        )
    return metrics


def _last_word(request: TrialRequest) -> dict[str, float] | None:
    """What a trial that was told to end early had pushed by then, if that is all it is asked."""
    latest = dict(channel().latest)
    if channel().is_stopped() and all(name in latest for name in request.metrics):
        return latest
    return None


def _trained_metrics(
    request: TrialRequest, estimator: Trained, score: float | None
) -> dict[str, float]:
    """The figures of the training; one that is wanted must be finite, another is left out.

    A class without `metrics`, as the paper's Listing 1 has none, reports its score: it is the one
    figure that is asked of it, whatever that is called.
    """
    tell: Callable[[], Mapping[str, float]] | None = getattr(estimator, "metrics", None)
    if score is None and tell is None:
        raise MissingMetric("`run` gave no score")
    reported = {} if score is None else {"score": float(score)}
    if tell is not None:
        figures = tell()
        if len(figures) > KEYS:
            raise MissingMetric(f"{len(figures)} figures were reported, {KEYS} are the most")
        reported |= {name_of(name): float(value) for name, value in figures.items()}
    else:
        asked = [name for name in request.metrics if "@" not in name]
        if len(asked) == 1:
            reported[asked[0]] = reported["score"]
    wrong = [n for n, v in reported.items() if not math.isfinite(v)]
    wanted = [n for n in wrong if n in request.metrics or n == "score"]
    if wanted:
        raise NotANumber(f"`{wanted[0]}` is {reported[wanted[0]]}")
    return {name: value for name, value in reported.items() if name not in wrong}


@contextmanager
def _listening(request: TrialRequest) -> Generator[None]:
    """Has the trial heard, and told what is wanted of it, while it runs."""
    directory, pushed = files.contract_directory(request), channel()
    ours = not directory.exists()
    with suppress(OSError):  # only programs need it: for them it is missed later
        files.make(request)
    pushed.begin(directory)
    try:
        yield
    finally:
        _say_what_was_dropped(pushed.end())
        if ours:
            files.clear(request)


def _say_what_was_dropped(thinning: Thinning) -> None:
    if thinning.dropped:
        print(f"-- {thinning.offered} figures were reported, {thinning.kept} of them are kept")


def _save(request: TrialRequest, estimator: Trained) -> None:
    """Leaves the chosen model itself; a search without devices takes estimators that cannot."""
    if hasattr(estimator, "save"):
        directory = Path(request.model_dir) / "estimator"
        directory.mkdir(exist_ok=True)
        estimator.save(directory)


def seed_everything(seed: int) -> None:
    """Seeds the global generators that are loaded, which a trial before may have moved."""
    random.seed(seed)
    if "numpy" in sys.modules:
        import numpy as np

        np.random.seed(seed)
    if "torch" in sys.modules:
        import torch

        torch.manual_seed(seed)


def _cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


@contextmanager
def _variables(wanted: Mapping[str, str]) -> Generator[None]:
    """Sets the contract's variables, and puts back all that the trial changes of any."""
    before = dict(os.environ)
    os.environ.update(wanted)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
