"""Which of Katib's algorithms a strategy becomes, and which ranges that one draws as written.

Read in Katib's suggestion services (v0.19): hyperopt serves `random` and `tpe`, scikit-optimize
`bayesianoptimization`, goptuna `sobol`.
"""

from __future__ import annotations

from collections.abc import Iterator

from omniforce.compiler.ir.program import Program, Search
from omniforce.compiler.language_uses import SPACE
from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.space import FloatRange

from ..foreign_search.refusals import inexpressible, logarithmic_floats, logarithmic_ints, place
from ..foreign_search.values import listed
from ..kubernetes.objects import Tree


def algorithm_of(search: Search) -> str:
    """The algorithm's name.

    Katib's Gaussian process draws every real number on a logarithmic scale, whatever its
    `distribution` says; where the spec wants a linear one, `bayesian` is Katib's `tpe`.
    """
    if search.strategy.name != "bayesian":
        return search.strategy.name
    linear = (
        isinstance(c.domain, FloatRange) and c.domain.scale != "log" and listed(c.domain) is None
        for c in search.space
    )
    return "tpe" if any(linear) else "bayesianoptimization"


def settings_of(search: Search) -> list[Tree]:
    """The algorithm's settings: its seed, where it has one."""
    if algorithm_of(search) == "sobol":
        return []
    return [{"name": "random_state", "value": str(search.seed)}]


def undrawable(program: Program, search: Search) -> Iterator[Diagnostic]:
    """Ranges that the algorithm would draw otherwise than the spec says."""
    algorithm = algorithm_of(search)
    for coordinate in logarithmic_ints(search):
        name = coordinate.name
        yield inexpressible(
            f"Katib's `{algorithm}` draws whole numbers of a log scale "
            + (
                "on a linear one"
                if algorithm in ("bayesianoptimization", "sobol")
                else "by rounding down, and never the last one"
            ),
            place(program, f"{SPACE}.{name}.scale", place(program, f"{SPACE}.{name}", None)),
            f"`{name}` on a log scale",
            "write the values as a choice, such as `{16, 32, 64}`, or remove `scale`",
        )
    if algorithm != "sobol":
        return
    for coordinate in logarithmic_floats(search):
        name = coordinate.name
        yield inexpressible(
            "Katib's `sobol` draws every number on a linear scale",
            place(program, f"{SPACE}.{name}.scale", place(program, f"{SPACE}.{name}", None)),
            f"`{name}` on a log scale",
            "write `strategy: random`, which keeps the scale, or remove `scale`",
        )
