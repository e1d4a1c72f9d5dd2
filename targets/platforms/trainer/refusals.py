"""What an OptimizationJob cannot be told, and its limits, which its schema has as numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from omniforce.compiler.capabilities import unsupported
from omniforce.compiler.ir.program import Program, Search
from omniforce.compiler.language_uses import SPACE
from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.expression.tree import Objective

from ..foreign_search.refusals import limit, place, shared_refusals
from ..foreign_search.values import listed, value_text
from ..kubernetes.steps import search_of

TARGET: Final = "trainer"

SUPPORTS: Final = frozenset(
    {
        "image",
        "objectives.device",
        "precision:fp16",
        "precision:fp32",
        "precision:int8",
        "runtime:onnx",
        "source:file",
        "source:sklearn",
        "space.derived",
        "space.step",
        "strategy:random",
    }
)
"""The words of `compiler.capabilities` that an OptimizationJob has a place for, or our own trial
does: it computes derived values, and measures on devices."""

MOST: Final = 100
"""Trials, trials at once, parameters, and choices of one."""

LONGEST: Final = 64
"""Characters of a parameter's name, a choice and a metric."""


def refusals(program: Program) -> Iterator[Diagnostic]:
    """What an OptimizationJob has no word for, then what is more than it takes."""
    search = search_of(program)
    yield from unsupported(TARGET, SUPPORTS, program)
    yield from shared_refusals(TARGET, SUPPORTS, program)
    yield from _counts(program, search)
    yield from _choices(program, search)
    yield from _metric(program, search)


def _counts(program: Program, search: Search) -> Iterator[Diagnostic]:
    trials = search.budget.trials or 1
    if trials > MOST:
        yield limit(
            f"the search has {trials} trials, and `{TARGET}` takes {MOST}",
            place(program, "spec.search.budget.trials", search.span),
            "too many",
            f"write `trials: {MOST}`, or compile for `kubernetes`",
        )
    if len(search.space) > MOST:
        yield limit(
            f"the space has {len(search.space)} parameters, and `{TARGET}` takes {MOST}",
            place(program, SPACE, search.span),
            "too many",
            "set some of them under `algorithm.arguments`",
        )


def _choices(program: Program, search: Search) -> Iterator[Diagnostic]:
    for coordinate in search.space:
        values = listed(coordinate.domain)
        name = coordinate.name
        span = place(program, f"{SPACE}.{name}.range", place(program, f"{SPACE}.{name}", None))
        if values is not None and len(values) > MOST:
            yield limit(
                f"`{name}` has {len(values)} values, and `{TARGET}` takes {MOST}",
                span,
                "too many",
                "take a larger step, or none",
            )
        long = [v for v in map(value_text, values or ()) if len(v) > LONGEST]
        if long:
            yield limit(
                f"`{name}` may be `{long[0][:20]}...` of {len(long[0])} characters, and "
                f"`{TARGET}` takes {LONGEST}",
                span,
                "too long",
                "give the value a shorter name",
            )


def _metric(program: Program, search: Search) -> Iterator[Diagnostic]:
    for number, goal in enumerate(search.goals):
        if isinstance(goal, Objective) and len(goal.metric.key) > LONGEST:
            yield limit(
                f"`{goal.metric.key}` has {len(goal.metric.key)} characters, and `{TARGET}` "
                f"takes {LONGEST} of a metric",
                place(program, f"spec.objectives.{number}", search.span),
                "too long",
                "give the device or the metric a shorter name",
            )
