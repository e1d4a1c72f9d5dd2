"""Finding the steps of a program by their kind."""

from __future__ import annotations

from typing import TypeVar

from omniforce.compiler.errors import CompilerBug
from omniforce.compiler.ir.program import Program, Search, Serve, StepFacts

S = TypeVar("S", bound=StepFacts)


def find(program: Program, kind: type[S]) -> tuple[S, ...]:
    """All steps of a kind, in the program's order."""
    return tuple(step for step in program.steps if isinstance(step, kind))


def search_of(program: Program) -> Search:
    """The search; a study has exactly one."""
    found = find(program, Search)
    if len(found) != 1:
        raise CompilerBug("emit-kubernetes", (f"{len(found)} searches where one must be",))
    return found[0]


def has_measurer(program: Program) -> bool:
    """Whether a function measures on some device."""
    return any(device.measure.where == "function" for device in search_of(program).devices)


def serve_of(program: Program) -> Serve | None:
    """The model server, or None where nothing is deployed."""
    return next(iter(find(program, Serve)), None)
