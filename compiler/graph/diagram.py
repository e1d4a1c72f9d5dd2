"""What is drawn of a program: a card for each step, an arrow for each thing that is handed on."""

from __future__ import annotations

from typing import Final, Literal

from omniforce.spec.expression.print import duration_to_text, number_to_text, rule_to_text
from omniforce.spec.frozen import dataclass

from ..ir.program import (
    Advise,
    Convert,
    Explain,
    Measure,
    Notify,
    Prepare,
    Program,
    Register,
    Search,
    Serve,
    Step,
    Train,
    Watch,
)

Role = Literal["data", "search", "model", "measure", "serve", "other"]

ROLES: Final[dict[type, Role]] = {
    Prepare: "data",
    Search: "search",
    Train: "model",
    Convert: "model",
    Register: "model",
    Measure: "measure",
    Serve: "serve",
    Explain: "serve",
    Watch: "serve",
    Advise: "other",
    Notify: "other",
}
"""Which kinds of steps share a colour."""


@dataclass(frozen=True, slots=True)
class Card:
    """One step.

    Attributes:
        name: of the step.
        kind: as the IR calls it, in small letters.
        lines: what it does, at most two.
    """

    name: str
    kind: str
    role: Role
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Arrow:
    """From one step to another.

    Attributes:
        label: the port that is read; empty where the second only waits for the first.
    """

    source: str
    target: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Diagram:
    """The whole, in the order of the program."""

    name: str
    cards: tuple[Card, ...]
    arrows: tuple[Arrow, ...]


def diagram_of(program: Program) -> Diagram:
    """What is drawn of a program."""
    arrows: list[Arrow] = []
    for step in program.steps:
        arrows += [Arrow(i.source.step, step.name, i.source.port) for i in step.inputs]
        arrows += [Arrow(name, step.name) for name in step.after]
    cards = tuple(
        Card(s.name, type(s).__name__.lower(), ROLES[type(s)], _lines(s)) for s in program.steps
    )
    return Diagram(program.name, cards, tuple(arrows))


def _lines(step: Step) -> tuple[str, ...]:
    match step:
        case Prepare(source=source, split=split):
            shares = "/".join(number_to_text(round(100 * s)) for s in _shares(split))
            return source, f"split {shares}"
        case Search(strategy=strategy, space=space):
            names = len({c.argument for c in space})
            return (
                f"{strategy.name}, {_budget(step)}",
                f"{names} parameter{'' if names == 1 else 's'}",
            )
        case Train(algorithm=algorithm):
            return (f"{algorithm.name}@{algorithm.version}",)
        case Convert(device=device):
            return (f"{device.runtime}, {device.precision}",)
        case Measure(device=device):
            return (f"{device.measure.repeats} calls on {device.name}",)
        case Serve(scale=scale, mode=mode):
            return f"on {step.device.name}, {scale.min} to {scale.max}", mode or ""
        case Explain(method=method):
            return (method,)
        case Watch(monitor=monitor):
            return rule_to_text(monitor.drift), f"then {monitor.then}"
        case Notify(to=to):
            return (to,)
        case Register() | Advise():
            return ()


def _shares(split: object) -> tuple[float, ...]:
    return tuple(getattr(split, name) for name in ("train", "valid", "test"))


def _budget(search: Search) -> str:
    budget = search.budget
    if budget.trials is not None:
        return f"{budget.trials} trials"
    return duration_to_text(budget.wall_clock) if budget.wall_clock is not None else "bounded"
