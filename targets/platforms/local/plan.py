"""What running a program here consists of, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from omniforce.compiler.ir.program import Prepare, Program, Search, Serve, Step, Train
from omniforce.spec.blocks.devices import Device

S = TypeVar("S", bound=Step)


class Incomplete(Exception):  # noqa: N818 - what the program is
    """The program lacks a step that every study has; the compiler makes no such program."""


@dataclass(frozen=True, slots=True)
class LocalPlan:
    """A program that `refuse` let pass, by what is done here.

    Attributes:
        prepare: makes `.ofc/<study>/data/`.
        search: runs its trials in worker processes.
        train: makes the model of the chosen trial, in a worker process as well.
        devices: what that model is converted for, checked on and measured on.
        serve: a model server on this machine; None where nothing is deployed.
    """

    program: Program
    prepare: Prepare
    search: Search
    train: Train
    devices: tuple[Device, ...]
    serve: Serve | None = None


def plan(program: Program) -> LocalPlan:
    """The plan of a program.

    Raises:
        Incomplete: it has no data, no search or no training.
    """
    search = _only(program, Search)
    return LocalPlan(
        program,
        _only(program, Prepare),
        search,
        _only(program, Train),
        search.devices,
        next((step for step in program.steps if isinstance(step, Serve)), None),
    )


def _only(program: Program, kind: type[S]) -> S:
    for step in program.steps:
        if isinstance(step, kind):
            return step
    raise Incomplete(f"`{program.name}` has no step `{kind.__name__}`")


def plan_text(made: LocalPlan) -> str:
    """The plan as people read it, one line a step."""
    search, budget = made.search, made.search.budget
    bounds = [
        f"{budget.trials} trials" if budget.trials is not None else "",
        f"{budget.wall_clock:g} s" if budget.wall_clock is not None else "",
    ]
    limits = f"{search.parallelism} at once, {search.timeout:g} s each"
    lines = [
        f"study    {made.program.name} ({made.program.digest})",
        f"prepare  {made.prepare.source}",
        f"search   {search.strategy.name}, at most {' and '.join(filter(None, bounds))}, {limits}",
        f"train    {search.algorithm.name}@{search.algorithm.version}",
        *(f"convert  {d.runtime} {d.precision}, measured on `{d.name}`" for d in made.devices),
    ]
    if made.serve is not None:
        lines.append(f"serve    on 127.0.0.1, as `{made.serve.device.name}` runs it")
    return "\n".join(lines) + "\n"
