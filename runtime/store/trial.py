"""What the store hands out: studies, trials and leases as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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

StudyState = Literal["running", "paused", "completed"]
"""A paused study proposes nothing; what was under way when it was paused still counts."""
EndReason = Literal[
    "budget",
    "wall-clock",
    "gpu-hours",
    "usd",
    "energy",
    "space-exhausted",
    "empty-space",
    "stopped",
]

Origin = Literal["strategy", "person", "import"]
Fate = Literal["kept", "imputed", "invalidated"]
"""What a trial counts for under the present spec, as `ofc diff` says it."""

DEFAULT_PROJECT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyRecord:
    """One study as it stands.

    Attributes:
        program: `to_plain(Program)` as JSON text.
        digest: of the spec that it was started from.
        started: seconds since the epoch, like every time here; the wall clock counts from it.
        reason: why it ended; None while it runs.
        project: the tenant that it belongs to.
        revision: of its spec, from 1; `program` and `digest` are those of the latest.
        extra: what people added to the budget, by key of `Extension`.
    """

    name: str
    digest: str
    program: str
    state: StudyState
    started: float
    finished: float | None = None
    reason: EndReason | None = None
    project: str = DEFAULT_PROJECT
    revision: int = 1
    extra: Mapping[str, float] = field(default_factory=dict)


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
        requested: when the current attempt is to begin at the earliest: a retry waits.
        started: when training began, in the current attempt.
        seconds: how long training and measuring took, by the worker's own clock.
        expires: when the lease of a trial under way runs out.
        origin: who proposed it.
        revision: of the spec that it was proposed under.
        fate: what it counts for under the present one.
        present: its point under the present spec, where that is another.
        stop: when somebody asked it to end early; its last figures then count.
        rating: what a person thinks of it.
        retried: how often it was tried again, by class of failure.
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
    origin: Origin = "strategy"
    revision: int = 1
    fate: Fate = "kept"
    present: Mapping[str, Value] | None = None
    stop: float | None = None
    rating: float | None = None
    retried: Mapping[str, int] = field(default_factory=dict)

    @property
    def counts(self) -> bool:
        """Whether its figures answer what is asked now."""
        return self.fate != "invalidated"

    @property
    def present_point(self) -> Mapping[str, Value]:
        """Its point in the space as it is now."""
        return self.point if self.present is None else self.present

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


@dataclass(frozen=True, slots=True)
class Point:
    """One figure that a trial pushed while it ran.

    Attributes:
        step: an epoch or a round, from 0.
    """

    step: int
    key: str
    value: float


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One pushed figure as the store has it."""

    trial: int
    attempt: int
    key: str
    step: int
    value: float
    at: float


@dataclass(frozen=True, slots=True)
class Action:
    """What somebody did to a study.

    Attributes:
        position: grows with each; of all studies together.
        detail: JSON text.
    """

    position: int
    at: float
    actor: str
    action: str
    detail: str


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file that a trial left.

    Attributes:
        uri: where it is; `store:` for one whose content the store has.
        digest: `sha256:...` of its content.
        size: bytes.
    """

    trial: int
    attempt: int
    name: str
    uri: str
    digest: str
    size: int
    created: float


@dataclass(frozen=True, slots=True)
class Usage:
    """What a study's trials have used so far, those under way included.

    Attributes:
        seconds: of all attempts together, each until it was reported or taken back.
        joules: as far as it was measured.
        unmeasured: seconds of the attempts whose energy nobody measured.
    """

    seconds: float = 0.0
    joules: float = 0.0
    unmeasured: float = 0.0
