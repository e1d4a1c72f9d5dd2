"""The folder in which a trial and whoever runs it leave word for each other."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from .contract import TrialRequest, environment
from .removing import remove

STOP = "stop"
"""Its presence means: end early, and report what there is."""

METRICS = "metrics.jsonl"
"""Where a program appends a line a report: `{"step": 3, "metrics": {"loss": 0.2}}`."""

RESULT = "result.json"
"""Where a program leaves its figures at the end: `{"accuracy": 0.93}`."""

PARAMETERS = "params.json"
"""The arguments once more: a variable of the environment holds 128 KiB at most."""


def contract_directory(request: TrialRequest) -> Path:
    """The folder of one trial, beside the one of its model."""
    return Path(environment(request)["OFC_CONTRACT_DIR"])


def make(request: TrialRequest) -> Path:
    """Makes the folder, unless whoever runs the trial has; what lies in it stays.

    Raises:
        OSError: it cannot be made.
    """
    directory = contract_directory(request)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory


def clear(request: TrialRequest) -> None:
    """Removes what an earlier attempt left, or this one."""
    remove(contract_directory(request))


def ask_to_stop(request: TrialRequest) -> None:
    """Leaves word that the trial should end early; one that cannot be told goes on."""
    with suppress(OSError):
        (make(request) / STOP).touch()


def write_parameters(directory: Path, text: str) -> None:
    """Leaves the arguments as a file."""
    (directory / PARAMETERS).write_text(text + "\n", encoding="utf-8")
