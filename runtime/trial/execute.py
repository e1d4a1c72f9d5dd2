"""Runs one trial in this process: trains, exports, measures, and says how it went."""

from __future__ import annotations

import math
import os
import random
import sys
import time
import traceback
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import assert_never

from omniforce.spec.problem import Problem

from .contract import FailureClass, Phase, TrialReport, TrialRequest, environment, failed
from .disk import disk_full, is_full
from .load import Trained, load_class


class NotANumber(Exception):  # noqa: N818 - what the figure is
    """A metric is NaN or infinite."""


class MissingMetric(Exception):  # noqa: N818
    """A metric that an objective names was not reported."""


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
        with _variables(environment(request)):
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
    make = load_class(request.algorithm.estimator)
    seed_everything(request.seed)
    estimator = make(
        data_path=request.data,
        is_trainer=request.is_trainer,
        seed=request.seed,
        **request.arguments,
    )
    score = estimator.run()
    metrics = _trained_metrics(request, estimator, score)
    if request.devices:
        entering("measuring")
        from .measuring import measure

        metrics |= measure(request, estimator)
    if request.is_trainer:
        _save(request, estimator)
    missing = [name for name in request.metrics if name not in metrics]
    if missing:
        raise MissingMetric(
            f"no metric `{missing[0]}` was reported; there are "
            + (", ".join(f"`{name}`" for name in sorted(metrics)) or "none")
        )
    return metrics


def _trained_metrics(request: TrialRequest, estimator: Trained, score: float) -> dict[str, float]:
    """The figures of the training; one that is wanted must be finite, another is left out."""
    reported = {"score": float(score)} | {
        str(name): float(value) for name, value in estimator.metrics().items()
    }
    wrong = [n for n, v in reported.items() if not math.isfinite(v)]
    wanted = [n for n in wrong if n in request.metrics or n == "score"]
    if wanted:
        raise NotANumber(f"`{wanted[0]}` is {reported[wanted[0]]}")
    return {name: value for name, value in reported.items() if name not in wrong}


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


def classify(error: BaseException) -> tuple[FailureClass, str]:
    """Whose fault it is, and one line about it."""
    message = _one_line(error)
    match error:
        case MemoryError():
            return "out-of-memory", message
        case SystemExit():
            return "exit", f"the trial ended its process with status {error.code!r}"
        case NotANumber():
            return "nan", str(error)
        case MissingMetric():
            return "user-error", str(error)
        case Problem():
            diagnostic = error.diagnostic
            return "user-error", f"{diagnostic.message}: {diagnostic.help}"
        case Exception() if _says_out_of_memory(message):
            return "out-of-memory", message
        case BaseException():
            return "user-error", message
        case _:
            assert_never(error)


def _one_line(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:
        text = "(its message cannot be printed)"
    first = text.strip().split("\n", 1)[0][:300]
    name = type(error).__name__
    return f"{name}: {first}" if first else name


def _says_out_of_memory(message: str) -> bool:
    """Whether a library wraps the system's refusal: torch and ONNX Runtime raise their own."""
    return any(
        sign in message.lower()
        for sign in ("can't allocate memory", "bad_alloc", "out of memory", "bad allocation")
    )


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
