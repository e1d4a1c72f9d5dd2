"""The declaration of one parameter, its keys held against each other."""

from __future__ import annotations

from dataclasses import replace

from ..readers import INVALID, Invalid, Reading
from ..resolving.meaning import Listing
from ..source import Span
from ..space import IntRange
from .declaration import Branch, Declaration
from .domain import default_of, domain_of
from .graph import graph_of
from .lists import digits_of, size_of
from .parameter import Parameter
from .placed import At
from .priors import prior_of

_SEARCHED = ("type", "range", "scale", "step", "default", "prior", "size", "submodule")
"""Keys of what is searched, which a computed value is not."""


def declare(
    name: str, parameter: Parameter, place: Span, branch: Branch | None, reading: Reading
) -> Declaration | Invalid:
    """The declaration of `name`, whose key stands at `place`; reports what does not fit."""
    bare = Declaration(name, place, None, branch, parameter.when, parameter.count)
    shared = _shared(name, parameter, reading)
    if isinstance(shared, Invalid):
        return shared
    bare = replace(bare, shared=shared)
    computed = parameter.value is not None
    domain = None if computed else domain_of(name, parameter, place, reading)
    if isinstance(domain, Invalid):
        return domain
    graph = graph_of(name, domain, parameter, place, reading)
    if isinstance(graph, Invalid):
        return graph
    if domain is None:
        return _computed(bare, parameter, reading)
    prior = prior_of(name, domain, parameter.prior, reading)
    if isinstance(domain, Listing):
        size = size_of(name, domain, parameter.size, reading)
        if isinstance(size, Invalid):
            return size
        digits = digits_of(name, domain, size, parameter.default, reading)
        if isinstance(digits, Invalid) or isinstance(prior, Invalid):
            return INVALID
        return replace(bare, domain=domain, default=digits, size=size)
    default = default_of(name, domain, parameter.default, reading)
    if parameter.size is not None:
        reading.report(
            "OFC107",
            f"`{name}` is no subset and has a `size`",
            parameter.size.span,
            "only a subset has one",
            "remove `size`, or write `type: subset`",
        )
        return INVALID
    if isinstance(default, Invalid) or isinstance(prior, Invalid):
        return INVALID
    if graph is not None:
        bare = replace(bare, count=At(len(graph.edges), place), graph=graph)
    return replace(bare, domain=domain, default=default, prior=prior)


def _computed(bare: Declaration, parameter: Parameter, reading: Reading) -> Declaration | Invalid:
    for key in _SEARCHED:
        written = getattr(parameter, key)
        if written is not None:
            return reading.report(
                "OFC107",
                f"`{bare.name}` is computed and has a `{key}`",
                written.span,
                "only what is searched has one",
                f"remove `{key}`, or `value`",
            )
    return replace(bare, value=parameter.value)


def _shared(name: str, parameter: Parameter, reading: Reading) -> bool | Invalid:
    """Whether its own array has one value; reports where nothing is shared, or two things are."""
    written = parameter.shared
    if written is None or not written.value or parameter.graph is not None:
        return False  # of a graph, `graph_of` says that it cannot be
    below = parameter.submodule is not None
    if parameter.count is not None and not below:
        return True
    if parameter.count is None and below:
        return False
    return reading.report(
        "OFC226",
        f"`{name}` is shared and has both a `count` and a `submodule`"
        if below
        else f"`{name}` is shared and is no array",
        written.span,
        "which of them?" if below else "there is only one of it",
        "write `shared: true` on the parameters of the submodule that are counted"
        if below
        else "add `count`, or a `submodule` that it counts",
    )


def shares_submodule(declared: Declaration, parameter: Parameter, reading: Reading) -> bool:
    """Whether the blocks that it counts are one; reports where it counts none."""
    written = parameter.shared
    if written is None or not written.value or declared.shared:
        return False
    if isinstance(declared.domain, IntRange):
        return True
    reading.report(
        "OFC226",
        f"`{declared.name}` is shared, and its `submodule` is not counted",
        written.span,
        "there is only one of it",
        "remove `shared`, or make it an int that counts the parameters of its submodule",
    )
    return False
