"""What a trial is given and what comes back from it, wherever it runs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from omniforce.spec.blocks.algorithm import AlgorithmInterface
from omniforce.spec.blocks.devices import Device

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
"""What JSON can say; arrays of the search space come as nested lists."""

FailureClass = Literal[
    "user-error",
    "out-of-memory",
    "device-out-of-memory",
    "exit",
    "timeout",
    "nan",
    "lost-worker",
    "preempted",
]
"""Why a trial gave no result. `lost-worker` and `preempted` say nothing about the trial itself, so
they are tried again unless the spec says otherwise (`trial.retry`)."""

Phase = Literal["running", "measuring"]

Wish = Literal["go-on", "stop", "abandon"]
"""What a worker is answered to its heartbeat: `stop` means end early and report what there is,
`abandon` that no report is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRequest:
    """One trial, complete: a process that has this needs nothing else.

    Attributes:
        trial: its number, from 0, in the order of proposal.
        attempt: from 1; counts how often it was started.
        arguments: what the estimator is called with, fixed and searched ones together.
        algorithm: whose class is loaded.
        data: the directory that `runtime.data` prepared.
        seed: of every random draw in the trial.
        devices: where the exported model is measured; none means that nothing is exported.
        metrics: the keys that must be reported, `accuracy` or `latency.p95@server`.
        model_dir: where the model is left; it exists and is empty.
        timeout: seconds that the whole trial may take.
        memory: bytes that it may use beyond what an idle worker has; None for no limit.
        is_trainer: whether this is the chosen model's training and not a trial of the search.
        leaves_model: whether the exported model and rows to time it with are left in `model_dir`
            though no device measures it here.
        exclusive: a file that is locked while devices measure, so that measurements on one
            machine do not disturb each other.
    """

    study: str
    trial: int
    attempt: int = 1
    arguments: Mapping[str, Json]
    algorithm: AlgorithmInterface
    data: str
    seed: int = 0
    devices: tuple[Device, ...] = ()
    metrics: tuple[str, ...] = ()
    model_dir: str
    timeout: float
    memory: int | None = None
    is_trainer: bool = False
    exclusive: str | None = None
    leaves_model: bool = False


SPEC_DIRECTORY = "OFC_SPEC_DIR"
"""The variable with the spec's own folder, in which a program of the spec runs and is found."""

TAIL = 16_384
"""Characters of a trial's output that the store keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialReport:
    """What became of a trial.

    Attributes:
        failure_class: None for a completed one.
        message: of the failure, one line; the traceback is in the trial's log.
        metrics: by key, in base units (seconds, bytes).
        seconds: wall time of training and measuring.
        cpu_seconds: of the process, its own children included.
        joules: of energy, where something measures it.
        tail: the end of its output, at most `TAIL` characters of printable text.
    """

    outcome: Literal["completed", "failed"]
    failure_class: FailureClass | None = None
    message: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    joules: float | None = None
    tail: str = ""


def failed(
    failure: FailureClass, message: str, seconds: float = 0.0, cpu_seconds: float = 0.0
) -> TrialReport:
    """The report of a trial without a result."""
    return TrialReport(
        outcome="failed",
        failure_class=failure,
        message=message,
        seconds=seconds,
        cpu_seconds=cpu_seconds,
    )


def seed_of(study_seed: int, trial: int) -> int:
    """The seed of one trial: its own, and the same whenever it is tried again."""
    return (study_seed * 1_000_003 + trial * 7_919 + 1) % 2**32


def environment(request: TrialRequest) -> dict[str, str]:
    """The variables that a trial reads, for a class and for a container alike."""
    shared = {
        "OFC_STUDY": request.study,
        "OFC_TRIAL": str(request.trial),
        "OFC_ATTEMPT": str(request.attempt),
        "OFC_PARAMS": json.dumps(request.arguments, sort_keys=True),
        "OFC_DATA": request.data,
        "OFC_SEED": str(request.seed),
        "OFC_MODEL_DIR": request.model_dir,
        "OFC_METRICS": ",".join(request.metrics),
        "OFC_IS_TRAINER": "true" if request.is_trainer else "false",
        "OFC_CONTRACT_DIR": f"{request.model_dir}.contract",
    }
    options = {
        f"KUBEFLOW_TRAINER_OPT_{name.upper()}": (
            value if isinstance(value, str) else json.dumps(value)
        )
        for name, value in request.arguments.items()
    }
    return shared | options


def onnx_path(request: TrialRequest) -> Path:
    """Where a trial's exported model is."""
    return Path(request.model_dir) / "model.onnx"


def artifact_path(directory: Path, device: Device) -> Path:
    """Where what a device runs is; no name of a device makes it the exported model's own place."""
    return directory / f"on-{device.name}.onnx"
