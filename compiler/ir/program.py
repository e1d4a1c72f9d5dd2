"""The IR: a study as a DAG of steps with typed ports.

Lowering makes it, passes complete it, targets read it. Everything is a frozen value that
prints to text and back (`ir/text.py`), so a pass can be tested on what a reader sees.
"""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from omniforce.spec.blocks.algorithm import AlgorithmInterface
from omniforce.spec.blocks.data import Feature, Privacy, Split
from omniforce.spec.blocks.deployment import LoggerMode, Monitor, Rollout, ScaleTo
from omniforce.spec.blocks.devices import Device
from omniforce.spec.blocks.nodes import ONE_NODE, Nodes
from omniforce.spec.blocks.platform import Platform
from omniforce.spec.blocks.search import Budget, Resources, Stopping, StrategyChoice, Waiting
from omniforce.spec.blocks.warm_start import COLD, WarmStart
from omniforce.spec.expression.tree import Goal, ModelChoice, Value
from omniforce.spec.frozen import dataclass
from omniforce.spec.source import Span
from omniforce.spec.space import Space

_QUIET = {"quiet": True}  # left out of plain values where it says nothing

PortType = Literal["dataset", "trials", "parameters", "model", "artifact", "metrics", "endpoint"]


@dataclass(frozen=True, slots=True)
class Ref:
    """An output of another step: `search.best`."""

    step: str
    port: str


@dataclass(frozen=True, slots=True)
class Input:
    """What a step reads: its own name for it, and where it comes from."""

    name: str
    source: Ref


@dataclass(frozen=True, slots=True)
class Permission:
    """One thing a step's identity may do on the platform, in RBAC's words."""

    group: str
    resource: str
    verbs: tuple[str, ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFacts:
    """What every step has; the passes fill in what lowering leaves None.

    Attributes:
        name: unique in the program; a DNS label.
        inputs: what it reads.
        span: the place in the spec that asked for it.
        after: steps that must be over first though nothing of theirs is read.
        resources: what its container may use (`size-resources`).
        runner: what runs it: `function`, `job`, `pipeline`, `service` or `process` (`place-steps`).
        permissions: least privilege of its identity (`grant-access`).
        cache_key: sha256 of all that its result depends on; None where it must run each time
            (`cache-keys`).
    """

    name: str
    inputs: tuple[Input, ...] = ()
    span: Span | None = None
    after: tuple[str, ...] = ()
    resources: Resources | None = None
    runner: Literal["function", "job", "pipeline", "service", "process"] | None = None
    permissions: tuple[Permission, ...] = ()
    cache_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepare(StepFacts):
    """Reads the data, splits it and runs the features. Out: `data: dataset`."""

    source: str
    target: str | None
    split: Split
    features: tuple[Feature, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Search(StepFacts):
    """Proposes trials and learns from them. In: `data`. Out: `trials`, `best: parameters`.

    Attributes:
        timeout: seconds that one trial may take; `resources` is what one trial may use.
        retry: how often a trial is tried again by class of failure, where `retries` does not say.
        backoff: seconds before the second try; they double with each.
        waiting: how long a round waits for its last trials.
        stopping: when a trial ends early, by what it reports; None for never.
        nodes: that one trial trains on, each with `resources`.
        warm_start: past studies that it begins with.
        privacy: the differential privacy that training must keep.
        worst_case_seconds: an upper bound of the work, all trials together (`bound-budget`).
    """

    algorithm: AlgorithmInterface
    arguments: tuple[tuple[str, Value], ...]
    space: Space
    goals: tuple[Goal, ...]
    strategy: StrategyChoice
    budget: Budget
    parallelism: int
    seed: int
    timeout: float
    retries: int
    devices: tuple[Device, ...] = ()
    model: ModelChoice
    privacy: Privacy | None = None
    worst_case_seconds: float | None = None
    retry: tuple[tuple[str, int], ...] = field(default=(), metadata=_QUIET)
    backoff: float = field(default=10.0, metadata=_QUIET)
    waiting: Waiting = field(default=Waiting(), metadata=_QUIET)
    stopping: Stopping | None = field(default=None, metadata=_QUIET)
    nodes: Nodes = field(default=ONE_NODE, metadata=_QUIET)
    warm_start: WarmStart = field(default=COLD, metadata=_QUIET)


@dataclass(frozen=True, slots=True, kw_only=True)
class Train(StepFacts):
    """Trains the chosen parameters once more. In: `data`, `parameters`. Out: `model`, `metrics`."""

    algorithm: AlgorithmInterface
    arguments: tuple[tuple[str, Value], ...]
    seed: int
    privacy: Privacy | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Convert(StepFacts):
    """Makes of a model what a device runs, and checks it. In: `model`, `data`. Out: `artifact`."""

    device: Device


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure(StepFacts):
    """Runs an artifact on a device. In: `artifact`, `data`. Out: `metrics`."""

    device: Device


@dataclass(frozen=True, slots=True, kw_only=True)
class Register(StepFacts):
    """Gives an artifact a version and a place to be served from. In, out: `artifact`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serve(StepFacts):
    """A model server. In: `artifact`. Out: `endpoint`.

    Attributes:
        mode: `Knative` goes to zero by itself, `Standard` is a Deployment (`pick-deployment-mode`).
    """

    device: Device
    scale: ScaleTo
    rollout: Rollout | None = None
    logger: LoggerMode = "none"
    mode: Literal["Knative", "Standard"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explain(StepFacts):
    """An explainer beside the model. In: `artifact`."""

    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch(StepFacts):
    """Looks for drift in what is asked of the model. In: `endpoint`."""

    monitor: Monitor


@dataclass(frozen=True, slots=True, kw_only=True)
class Advise(StepFacts):
    """Reads a finished search and says what to change in the spec. In: `trials`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify(StepFacts):
    """Tells somebody. In: anything."""

    to: str


Step = (
    Prepare
    | Search
    | Train
    | Convert
    | Measure
    | Register
    | Serve
    | Explain
    | Watch
    | Advise
    | Notify
)

OUTPUTS: dict[type, dict[str, PortType]] = {
    Prepare: {"data": "dataset"},
    Search: {"trials": "trials", "best": "parameters"},
    Train: {"model": "model", "metrics": "metrics"},
    Convert: {"artifact": "artifact"},
    Measure: {"metrics": "metrics"},
    Register: {"artifact": "artifact"},
    Serve: {"endpoint": "endpoint"},
    Explain: {},
    Watch: {},
    Advise: {},
    Notify: {},
}
"""What each kind of step gives."""

INPUTS: dict[type, dict[str, PortType]] = {
    Prepare: {},
    Search: {"data": "dataset"},
    Train: {"data": "dataset", "parameters": "parameters"},
    Convert: {"model": "model", "data": "dataset"},
    Measure: {"artifact": "artifact", "data": "dataset"},
    Register: {"artifact": "artifact"},
    Serve: {"artifact": "artifact"},
    Explain: {"artifact": "artifact"},
    Watch: {"endpoint": "endpoint"},
    Advise: {"trials": "trials"},
    Notify: {},
}
"""What each kind of step must be given; `Notify` takes anything."""


@dataclass(frozen=True, slots=True)
class Program:
    """A whole study.

    Attributes:
        name: of the study, a DNS label of at most 40 characters.
        digest: sha256 of the spec's own values, `sha256:...`; comments and layout do not count.
        steps: in an order in which every input stands before its reader.
        platform: where it goes.
        labels: the writer's own, for everything that is made.
        places: where the spec says what a target may have to refuse, by dotted path
            (`spec.search.budget.usd`). Messages read them, and nothing that is emitted may:
            a comment added to the spec must not change a manifest.
    """

    name: str
    digest: str
    steps: tuple[Step, ...]
    platform: Platform
    labels: tuple[tuple[str, str], ...] = ()
    places: tuple[tuple[str, Span], ...] = field(default=(), compare=False, repr=False)
