"""What is legal in a program, as data; checked between passes.

The structure holds always: names, order, ports. What a pass promises holds once it has run and
found nothing wrong: `PROMISES` has it by the pass's name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from omniforce.spec.frozen import dataclass

from ..runners import TRAINING_RESOURCES
from .program import (
    INPUTS,
    OUTPUTS,
    Advise,
    Convert,
    Explain,
    Measure,
    Notify,
    PortType,
    Prepare,
    Program,
    Register,
    Search,
    Serve,
    Step,
    Train,
    Watch,
)

MAX_NAME = 40
LABEL = r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?"
DIGEST = r"sha256:[0-9a-f]{64}"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and with which step; `step` is empty where it is the program."""

    step: str
    problem: str

    def __str__(self) -> str:
        return f"{self.step or 'program'}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Promise:
    """What must hold of each step of some kinds.

    Attributes:
        kinds: the steps that it is about; empty means every one.
        holds: whether it is kept.
        problem: what is wrong where it is not.
    """

    holds: Callable[[Any], bool]
    problem: str
    kinds: tuple[type, ...] = ()


RUNNERS: Mapping[type, frozenset[str]] = {
    Prepare: frozenset({"pipeline", "job", "process"}),
    Search: frozenset({"function", "process"}),
    Train: frozenset({"pipeline", "job", "process"}),
    Convert: frozenset({"pipeline", "job", "process"}),
    Measure: frozenset({"pipeline", "function", "job", "process"}),
    Register: frozenset({"pipeline", "job", "process"}),
    Serve: frozenset({"service", "process"}),
    Explain: frozenset({"service", "process"}),
    Watch: frozenset({"function", "service", "process"}),
    Advise: frozenset({"function", "pipeline", "job", "process"}),
    Notify: frozenset({"function", "pipeline", "process"}),
}
"""What may run each kind of step."""

_NAMED_LATER = frozenset(TRAINING_RESOURCES.values())
"""Resources of which a study makes one a trial, so that no rule can know their names."""

PROMISES: Mapping[str, tuple[Promise, ...]] = {
    "resolve-algorithms": (
        Promise(lambda s: bool(s.algorithm.estimator), "has no estimator", (Search, Train)),
    ),
    "choose-strategy": (
        Promise(lambda s: s.strategy.name != "auto", "has the strategy `auto`", (Search,)),
    ),
    "bound-budget": (
        Promise(
            lambda s: s.worst_case_seconds is not None and 0 < s.worst_case_seconds < float("inf"),
            "has no bound of its work",
            (Search,),
        ),
    ),
    "size-resources": (Promise(lambda s: s.resources is not None, "has no resources"),),
    "place-steps": (Promise(lambda s: s.runner is not None, "has no runner"),),
    "pick-deployment-mode": (Promise(lambda s: s.mode is not None, "has no mode", (Serve,)),),
    "grant-access": (
        Promise(
            lambda s: all(
                p.names or p.verbs == ("create",) or (p.group, p.resource) in _NAMED_LATER
                for p in s.permissions
                if p.verbs != ("list",)
            ),
            "has a permission over objects that it does not name",
        ),
        Promise(
            lambda s: all("*" not in (p.group, p.resource, *p.verbs) for p in s.permissions),
            "has a permission over everything",
        ),
    ),
    "cache-keys": (
        Promise(
            lambda s: s.cache_key is None or re.fullmatch(DIGEST, s.cache_key) is not None,
            "has a cache key that is no digest",
        ),
        Promise(
            lambda s: s.cache_key is None,
            "has a cache key and must run each time",
            (Search, Measure, Register, Serve, Explain, Watch, Advise, Notify),
        ),
    ),
}
"""What each pass promises of the program that it leaves."""


def verify(program: Program, done: tuple[str, ...] = ()) -> tuple[Fault, ...]:
    """All that is illegal in a program; empty for a legal one.

    Args:
        program: looked at as it is, not followed into targets.
        done: the passes that have run and found nothing wrong, whose promises must hold.
    """
    return (
        *_of_program(program),
        *_of_structure(program),
        *(
            Fault(step.name, promise.problem)
            for name in done
            for promise in PROMISES.get(name, ())
            for step in program.steps
            if (not promise.kinds or isinstance(step, promise.kinds)) and not promise.holds(step)
        ),
    )


def _of_program(program: Program) -> Iterator[Fault]:
    if not re.fullmatch(LABEL, program.name) or len(program.name) > MAX_NAME:
        yield Fault("", f"the name `{program.name}` is no label of at most {MAX_NAME} characters")
    if not re.fullmatch(DIGEST, program.digest):
        yield Fault("", f"the digest `{program.digest}` is no sha256")
    searches = sum(isinstance(s, Search) for s in program.steps)
    if searches != 1:
        yield Fault("", f"has {searches} searches, one is the study")


def _of_structure(program: Program) -> Iterator[Fault]:
    before: dict[str, Step] = {}
    everywhere = {s.name for s in program.steps}
    for step in program.steps:
        if step.name in before:
            yield Fault(step.name, "is there twice")
        if not re.fullmatch(LABEL, step.name):
            yield Fault(step.name, "the name is no DNS label")
        yield from _of_inputs(step, before, everywhere)
        for name in step.after:
            if name not in before:
                yield Fault(step.name, f"comes after `{name}`, {_where(name, everywhere)}")
        if step.runner is not None and step.runner not in RUNNERS[type(step)]:
            yield Fault(step.name, f"a {type(step).__name__} is not run by a {step.runner}")
        before[step.name] = step


def _of_inputs(step: Step, before: Mapping[str, Step], everywhere: set[str]) -> Iterator[Fault]:
    wanted = INPUTS[type(step)]
    names = [i.name for i in step.inputs]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield Fault(step.name, f"reads `{name}` twice")
    for name in wanted:
        if name not in names:
            yield Fault(step.name, f"lacks the input `{name}`")
    for given in step.inputs:
        if given.name not in wanted and not isinstance(step, Notify):
            yield Fault(step.name, f"reads `{given.name}`, which a {type(step).__name__} does not")
        source = before.get(given.source.step)
        if source is None:
            where = _where(given.source.step, everywhere)
            yield Fault(step.name, f"reads `{given.source.step}`, {where}")
            continue
        yield from _of_port(step, given.name, source, given.source.port, wanted.get(given.name))


def _of_port(
    step: Step, name: str, source: Step, port: str, wanted: PortType | None
) -> Iterator[Fault]:
    found = OUTPUTS[type(source)].get(port)
    if found is None:
        yield Fault(step.name, f"reads `{source.name}.{port}`, which is no output of it")
    elif wanted is not None and found != wanted:
        yield Fault(step.name, f"reads a {found} as `{name}`, expected a {wanted}")


def _where(name: str, everywhere: set[str]) -> str:
    return "which stands behind it" if name in everywhere else "which is no step"
