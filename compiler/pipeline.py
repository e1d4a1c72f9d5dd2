"""The passes in their order, and the way of a spec through them."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.load import Loaded

from .catalogue import Catalogue
from .errors import CompilerBug
from .ir.program import Program
from .ir.verify import verify
from .lower import lower
from .passes.bound_budget import BoundBudget
from .passes.cache_keys import CacheKeys
from .passes.choose_strategy import ChooseStrategy
from .passes.context import Context, Pass
from .passes.expand_defaults import ExpandDefaults
from .passes.grant_access import GrantAccess
from .passes.pick_deployment_mode import PickDeploymentMode
from .passes.place_steps import PlaceSteps
from .passes.resolve_algorithms import ResolveAlgorithms
from .passes.resolve_devices import ResolveDevices
from .passes.size_resources import SizeResources

PASSES: tuple[Pass, ...] = (
    # First, since a name says nothing: what follows asks for arguments, metrics and exports.
    ResolveAlgorithms(),
    # Asks what the algorithm exports, and everything about devices below trusts the answer.
    ResolveDevices(),
    # Before anything hashes or shows the arguments, which from here on are complete.
    ExpandDefaults(),
    # Before the budget is bounded: a strategy may come to spend it in rungs.
    ChooseStrategy(),
    # Before sizes, so that an endless search is refused before anything is planned for it.
    BoundBudget(),
    # Before placement, which may come to depend on what a step needs.
    SizeResources(),
    # Before access: what runs a step decides whose identity it has.
    PlaceSteps(),
    # After placement, since only services have a mode.
    PickDeploymentMode(),
    # After all that decides what exists: nothing is granted to what is not there.
    GrantAccess(),
    # Last, since a key covers what every pass before it wrote.
    CacheKeys(),
)


class Refuser(Protocol):
    """The part of a target that the compiler asks: what of a program it cannot express."""

    def refuse(self, program: Program) -> tuple[Diagnostic, ...]:
        """All that it cannot express."""
        ...


@dataclass(frozen=True, slots=True)
class Traced:
    """What one pass did.

    Attributes:
        name: of the pass; `lower` for the program before the first one.
        changed: the lines that changed, with `-` and `+`; empty where nothing did.
        notes: why it chose what it chose.
    """

    name: str
    changed: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compiled:
    """What came of a spec.

    Attributes:
        program: complete and verified; None where an error stands in `diagnostics`.
        diagnostics: of the whole way, in the order of the file.
        trace: what each pass did.
    """

    program: Program | None
    diagnostics: tuple[Diagnostic, ...]
    trace: tuple[Traced, ...] = ()


def compile_study(
    loaded: Loaded,
    catalogue: Catalogue,
    target: Refuser | None = None,
    *,
    trace: bool = False,
    passes: tuple[Pass, ...] = PASSES,
) -> Compiled:
    """Lowers a loaded spec and runs the passes over it, the verifier between every two.

    Args:
        loaded: with errors, it is answered as it is: lowering trusts what `load` promises.
        catalogue: the algorithms and strategies that there are.
        target: asked what it cannot express, also where passes found errors, so that all of
            a file's errors come at once.
        trace: whether to keep what each pass changed, which costs a printed program a pass.
        passes: what to run.

    Raises:
        CompilerBug: a pass left a program that the verifier refuses.
    """
    found = list(loaded.diagnostics)
    if loaded.study is None or any(d.is_error for d in found):
        return Compiled(None, _in_order(found))
    context = Context(catalogue, loaded.spans)
    program = _verified(lower(loaded.study, loaded.spans), "lower")
    printed = _printer(trace)
    traced = [Traced("lower", _changed((), printed(program)))]
    for each in passes:
        before = printed(program)
        outcome = each.run(program, context)
        program = _verified(outcome.program, each.name)
        found += outcome.diagnostics
        traced.append(Traced(each.name, _changed(before, printed(program)), outcome.notes))
    if target is not None:
        found += target.refuse(program)
    refused = any(d.is_error for d in found)
    return Compiled(None if refused else program, _in_order(found), tuple(traced))


def _verified(program: Program, pass_name: str) -> Program:
    if faults := verify(program):
        raise CompilerBug(pass_name, tuple(map(str, faults)))
    return program


def _printer(trace: bool) -> Callable[[Program], tuple[str, ...]]:
    if not trace:
        return lambda _: ()
    from .ir.text import to_text

    return lambda program: tuple(to_text(program).splitlines())


def _changed(before: tuple[str, ...], after: tuple[str, ...]) -> tuple[str, ...]:
    """The lines that differ, without the ones around them."""
    diff = difflib.unified_diff(before, after, n=0, lineterm="")
    return tuple(line for line in diff if line[:2] not in ("--", "++", "@@"))


def _in_order(found: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    """By place; what has none comes last."""
    return tuple(sorted(found, key=_place))


def _place(diagnostic: Diagnostic) -> tuple[bool, int, int]:
    span = diagnostic.span
    return (span is None, span.line if span else 0, span.column if span else 0)
