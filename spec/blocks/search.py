"""`search`: how it is searched, for how long, and with how much at once."""

from __future__ import annotations

from typing import Literal

from ..expression.reading import Duration, Size
from ..expression.tree import Value
from ..frozen import dataclass
from ..nodes import Node
from ..readers import (
    INVALID,
    Block,
    Invalid,
    MapOf,
    Number,
    OneOf,
    Reading,
    Schema,
    Text,
    key,
)
from ..source import Path
from .literal import LiteralReader
from .nodes import ONE_NODE, NodeCount, Nodes
from .warm_start import COLD, WarmStart, WarmStartReader

OPTION = r"[A-Za-z_][A-Za-z0-9_-]{0,62}(\.[A-Za-z_][A-Za-z0-9_-]{0,62})?"


@dataclass(frozen=True, slots=True)
class StrategyChoice:
    """A strategy by name, with its options. `auto` lets the compiler choose."""

    name: str = key(Text("a strategy's name", pattern=r"[a-z][a-z0-9-]*"), "Which.", "auto")
    options: tuple[tuple[str, Value], ...] = key(
        MapOf(LiteralReader(), OPTION, "an option's name"),
        "Its own options; those of a part as `surrogate.trees`.",
        (),
    )


@dataclass(frozen=True, slots=True)
class StrategyName:
    """The one-line form of a strategy: only its name."""

    def read(self, node: Node, path: Path, reading: Reading) -> StrategyChoice | Invalid:
        """The strategy with its defaults."""
        name = Text("a strategy's name", pattern=r"[a-z][a-z0-9-]*").read(node, path, reading)
        return INVALID if isinstance(name, Invalid) else StrategyChoice(name)

    def schema(self) -> Schema:
        """A string."""
        return {"type": "string", "pattern": "^[a-z][a-z0-9-]*$"}


@dataclass(frozen=True, slots=True)
class Budget:
    """Where a search ends, whichever comes first. At least one of them bounds it."""

    trials: int | None = key(Number(int, minimum=1, maximum=1_000_000), "How many trials.", None)
    wall_clock: float | None = key(Duration(), "How long in all.", None)
    gpu_hours: float | None = key(Number(float, above=0.0), "GPU-hours in all.", None)
    usd: float | None = key(Number(float, above=0.0), "Money in all.", None)
    kwh: float | None = key(
        Number(float, above=0.0), "Energy in all, in kWh.", None, name="kWh", quiet=True
    )


@dataclass(frozen=True, slots=True)
class Resources:
    """What one container may use.

    Attributes:
        cpu: cores.
        memory: bytes.
        gpu: whole devices.
    """

    cpu: float = key(Number(float, above=0.0, maximum=512.0, milli=True), "Cores.", 1.0)
    memory: int = key(Size(), "Memory.", 2 * 2**30)
    gpu: int = key(Number(int, minimum=0, maximum=64), "GPUs.", 0)


FAILURES = (
    "user-error",
    "out-of-memory",
    "device-out-of-memory",
    "exit",
    "timeout",
    "nan",
    "lost-worker",
    "preempted",
)
"""Why a trial may give no result, as `runtime.trial.contract.FailureClass` has it."""


@dataclass(frozen=True, slots=True)
class TrialLimits:
    """What one trial may take before it is ended."""

    timeout: float = key(Duration(), "How long it may run.", 600.0, example="10m")
    retries: int = key(
        Number(int, minimum=0, maximum=10), "How often a lost trial is tried again.", 1
    )
    resources: Resources = key(Block(Resources), "What it may use.", Resources())
    nodes: Nodes = key(
        NodeCount(),
        "Nodes that it trains on, each with these resources: `4`, or `2...8`.",
        ONE_NODE,
        quiet=True,
    )
    retry: tuple[tuple[str, int], ...] = key(
        MapOf(
            Number(int, minimum=0, maximum=100),
            "|".join(FAILURES),
            "a class of failure",
        ),
        "How often it is tried again, by class of failure, where that is not `retries`.",
        (),
        quiet=True,
    )
    backoff: float = key(
        Duration(), "The wait before the second try; it doubles with each.", 10.0, quiet=True
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long a round waits for its last trials: the paper's semi-synchrony.

    Attributes:
        by: `deviation` looks at the times of the trials so far, `cost` at what a trial with its
            parameters should take, by a model of those times.
    """

    by: Literal["deviation", "cost"] = key(
        OneOf(("deviation", "cost")), "What tells how long a trial takes.", "deviation"
    )
    deviations: float = key(
        Number(float, minimum=0.0, maximum=100.0), "Standard deviations beyond the mean.", 3.0
    )
    least: float = key(Duration(), "What every trial gets in any case.", 30.0)
    after: int = key(
        Number(int, minimum=1, maximum=10_000), "Completed trials that it takes to judge.", 3
    )


@dataclass(frozen=True, slots=True)
class Stopping:
    """When a trial ends early, by what it reports while it trains.

    It is held against other trials by the first objective that is no device's.

    Attributes:
        rule: `median` holds its best figure against what the completed trials had on average by the
            same step; `halving` lets the best 1/eta go on at `least`, `least * eta`, ... steps.
    """

    rule: Literal["median", "halving"] = key(OneOf(("median", "halving")), "Who ends.", "median")
    least: int = key(
        Number(int, minimum=1, maximum=1_000_000_000), "The first step that is judged.", 5
    )
    after: int = key(
        Number(int, minimum=1, maximum=10_000), "Other trials that it takes to judge.", 5
    )
    eta: int = key(Number(int, minimum=2, maximum=100), "Of how many one goes on, by `halving`.", 3)


@dataclass(frozen=True, slots=True)
class StoppingName:
    """The one-line form of a rule: only its name."""

    def read(self, node: Node, path: Path, reading: Reading) -> Stopping | Invalid:
        """The rule with its defaults."""
        rule = OneOf(("median", "halving")).read(node, path, reading)
        if isinstance(rule, Invalid):
            return INVALID
        return Stopping("median" if rule == "median" else "halving")

    def schema(self) -> Schema:
        """One of the names."""
        return OneOf(("median", "halving")).schema()


@dataclass(frozen=True, slots=True)
class Search:
    """How it is searched."""

    budget: Budget = key(Block(Budget), "Where it ends.", example="{trials: 24}")
    strategy: StrategyChoice = key(
        Block(StrategyChoice, short=StrategyName()), "Which way to search.", StrategyChoice()
    )
    parallelism: int = key(Number(int, minimum=1, maximum=10_000), "Trials at once.", 1)
    seed: int = key(Number(int, minimum=0, maximum=2**32 - 1), "Of every random draw.", 0)
    trial: TrialLimits = key(Block(TrialLimits), "The limits of one trial.", TrialLimits())
    waiting: Waiting = key(
        Block(Waiting), "How long a round waits for its last trials.", Waiting(), quiet=True
    )
    stopping: Stopping | None = key(
        Block(Stopping, short=StoppingName()), "When a trial ends early.", None, quiet=True
    )
    warm_start: WarmStart = key(
        WarmStartReader(),
        "Past studies that it begins with: `off`, `auto`, or their names.",
        COLD,
        quiet=True,
    )
