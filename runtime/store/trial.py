"""What the store hands out: studies, trials and leases as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from omniforce.spec.expression.tree import Value

from ..trial.contract import FailureClass

TrialState = Literal[
    "proposed", "reserved", "running", "measuring", "completed", "failed", "timed-out", "cancelled"
]
LEASED: frozenset[TrialState] = frozenset({"reserved", "running", "measuring"})
"""A worker has it."""
OUTSTANDING: frozenset[TrialState] = LEASED | frozenset[TrialState]({"proposed"})
"""It is still to come."""
SETTLED: frozenset[TrialState] = frozenset({"completed", "failed", "timed-out", "cancelled"})
"""It is over; only a late report may still add its metrics to a timed-out one."""

StudyState = Literal["running", "completed"]
EndReason = Literal["budget", "wall-clock", "gpu-hours", "space-exhausted", "empty-space"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyRecord:
    """One study as it stands.

    Attributes:
        program: `to_plain(Program)` as JSON text.
        digest: of the spec that it was started from.
        started: seconds since the epoch, like every time here; the wall clock counts from it.
        reason: why it ended; None while it runs.
    """

    name: str
    digest: str
    program: str
    state: StudyState
    started: float
    finished: float | None = None
    reason: EndReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One trial as it stands.

    Attributes:
        number: from 0, in the order of proposal.
        attempt: the one that counts, from 1; a report of any other changes nothing.
        point: coordinate id to value, the active ones.
        metrics: of a completed trial, or the late ones of a timed-out one; else empty.
        failure: why there is no result, of a failed or timed-out trial.
        round: from 0; the trials of one round were proposed together.
        proposed: when the strategy asked for it.
        requested: when the current attempt was asked for.
        started: when training began, in the current attempt.
        seconds: how long training and measuring took, by the worker's own clock.
        expires: when the lease of a trial under way runs out.
    """

    number: int
    attempt: int
    state: TrialState
    point: Mapping[str, Value]
    round: int
    proposed: float
    requested: float
    metrics: Mapping[str, float]
    failure: FailureClass | None = None
    message: str = ""
    started: float | None = None
    finished: float | None = None
    seconds: float = 0.0
    worker: str | None = None
    expires: float | None = None

    @property
    def is_settled(self) -> bool:
        """Whether nothing more is awaited of it."""
        return self.state in SETTLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """One worker's right to one attempt. Who has none must not train.

    Attributes:
        expires: seconds since the epoch; a heartbeat moves it on.
    """

    study: str
    trial: int
    attempt: int
    worker: str
    point: Mapping[str, Value]
    expires: float


@dataclass(frozen=True, slots=True)
class Reaped:
    """What became of a trial whose worker died in silence.

    Attributes:
        attempt: the new one of a trial that is tried again, else the one that was lost.
    """

    trial: int
    attempt: int
    state: Literal["proposed", "failed", "timed-out"]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that no subscriber would take, and why."""

    source: str
    id: str
    type: str
    cause: str
    event: str
    received: float
