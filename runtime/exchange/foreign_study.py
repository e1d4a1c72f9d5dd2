"""An experiment of another system in our words, before it is written as a spec."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.expression.tree import Value
from omniforce.spec.source import Source

System = Literal["optuna", "katib", "nni", "determined"]
SYSTEMS: tuple[System, ...] = ("optuna", "katib", "nni", "determined")


@dataclass(frozen=True, slots=True)
class Bounds:
    """From `low` to `high`, both included; whole numbers where both are `int`."""

    low: int | float
    high: int | float


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """One parameter that is searched.

    Attributes:
        name: what the spec calls it; unique.
        origin: what the other system's trials call it, dotted where it is nested.
        range: bounds, or the values of a choice.
        prior: in the spec's own grammar.
        when: in the spec's own grammar; what must hold for it to be active.
    """

    name: str
    origin: str
    range: Bounds | tuple[Value, ...]
    ordered: bool = False
    log: bool = False
    step: int | float | None = None
    prior: str | None = None
    when: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """One objective: the metric by the spec's name and by the other system's."""

    direction: Literal["maximize", "minimize"]
    metric: str
    origin: str


Strategy = Literal["auto", "bayesian", "evolution", "hyperband", "random", "sobol"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignTrial:
    """One trial that the other system has completed.

    Attributes:
        label: what messages call it.
        values: by origin, as the other system wrote them: numbers may be texts.
        metrics: by the other system's names.
        started, finished: seconds since the epoch, where it says so.
        curve: what was reported on the way, by metric and step.
    """

    label: str
    values: Mapping[str, object]
    metrics: Mapping[str, float]
    started: float | None = None
    finished: float | None = None
    curve: Mapping[str, Mapping[int, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignStudy:
    """What could be read of an experiment.

    Attributes:
        name: a study's name.
        constants: arguments that are not searched, by the spec's names.
        metrics: others that are reported, by the spec's name and the other system's.
        estimator: `module:Class`, where the file says one.
        timeout: seconds of one trial; `wall_clock` of all.
        memory: bytes.
    """

    system: System
    name: str
    parameters: tuple[Searched, ...]
    wishes: tuple[Wish, ...]
    constants: tuple[tuple[str, Value], ...] = ()
    metrics: tuple[tuple[str, str], ...] = ()
    strategy: Strategy = "auto"
    options: tuple[tuple[str, Value], ...] = ()
    trials: int | None = None
    wall_clock: float | None = None
    parallelism: int | None = None
    seed: int | None = None
    timeout: float | None = None
    retries: int | None = None
    cpu: float | None = None
    memory: int | None = None
    gpu: int | None = None
    image: str | None = None
    estimator: str | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of reading a file of another system.

    Attributes:
        study: None where an error stands in the way.
        trials: completed ones, in their order.
        findings: errors, and what a spec cannot say or says otherwise.
        sources: the files, for messages.
    """

    study: ForeignStudy | None
    trials: tuple[ForeignTrial, ...]
    findings: tuple[Diagnostic, ...]
    sources: tuple[Source, ...]
