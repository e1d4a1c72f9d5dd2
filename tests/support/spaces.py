"""Conditional spaces by hypothesis: any mix of domains, conditions on what stands before."""

from __future__ import annotations

from hypothesis import strategies as st

from omniforce.spec.expression.tree import (
    Binary,
    Call,
    Compare,
    Expression,
    Literal_,
    Name,
    Places,
)
from omniforce.spec.space import (
    Choice,
    Composite,
    Coordinate,
    Derived,
    Domain,
    FloatRange,
    Graph,
    IntRange,
    LogNormal,
    Normal,
    Prior,
    Space,
    Weights,
)

LABELS = st.sampled_from(["a", "b", "c", True, False, 1, 2.5])


@st.composite
def int_ranges(draw: st.DrawFn) -> IntRange:
    scale = draw(st.sampled_from(["linear", "log"]))
    low = draw(st.integers(1 if scale == "log" else -1000, 1000))
    return IntRange(low, low + draw(st.integers(0, 5000)), scale, draw(st.integers(1, 7)))


@st.composite
def float_ranges(draw: st.DrawFn) -> FloatRange:
    match draw(st.sampled_from(["linear", "log", "logit", "grid"])):
        case "log":
            low = 10.0 ** draw(st.integers(-9, 3))
            return FloatRange(low, low * 10.0 ** draw(st.integers(1, 6)), "log")
        case "logit":
            return FloatRange(draw(st.floats(0.001, 0.4)), draw(st.floats(0.5, 0.999)), "logit")
        case "grid":
            low = draw(st.integers(-50, 50)) / 10
            step = draw(st.sampled_from([0.1, 0.25, 0.5]))
            return FloatRange(low, low + draw(st.integers(1, 40)) * step, "linear", step)
        case _:
            low = draw(st.floats(-1e6, 1e6))
            return FloatRange(low, low + draw(st.floats(1e-3, 1e6)))


def domains() -> st.SearchStrategy[Domain]:
    choices = st.builds(
        Choice,
        st.lists(LABELS, min_size=1, max_size=5, unique_by=lambda v: (type(v), v)).map(tuple),
        st.booleans(),
    )
    return st.one_of(int_ranges(), float_ranges(), choices)


@st.composite
def spaces(draw: st.DrawFn) -> Space:
    coordinates: list[Coordinate] = []
    for at, domain in enumerate(draw(st.lists(domains(), min_size=1, max_size=6))):
        conditions: tuple[Expression, ...] = ()
        if coordinates and draw(st.booleans()):
            conditions = (draw(conditions_on(draw(st.sampled_from(coordinates)))),)
        prior = draw(st.none() | priors(domain))
        coordinates.append(Coordinate(f"p{at}", (), domain, conditions, prior=prior))
    numbers = [c for c in coordinates if not isinstance(c.domain, Choice)]
    constraints: tuple[Expression, ...] = ()
    if len(numbers) >= 2 and draw(st.booleans()):
        left, right = numbers[0], numbers[-1]
        # The lower ends always satisfy it, so that the space is not empty.
        limit = left.domain.low + right.domain.low + draw(st.floats(0, 1000))
        total = Binary("+", Name(left.name), Name(right.name))
        constraints = (Compare("<=", total, Literal_(limit)),)
    derived = tuple(
        Derived(f"d{c.name}", (), Binary("*", Name(c.name), Literal_(2))) for c in numbers
    )
    composites: list[Composite] = []
    if draw(st.booleans()):
        made, list_, kept = draw(lists(coordinates))
        coordinates += made
        composites.append(list_)
        constraints += kept
    graphs = (draw(graphs_of(coordinates)),) if draw(st.booleans()) else ()
    return Space(tuple(coordinates), constraints, derived, tuple(composites), graphs)


@st.composite
def graphs_of(draw: st.DrawFn, coordinates: list[Coordinate]) -> Graph:
    """A small network, whose operations are added to the coordinates."""
    operations = ("none", "skip", True, 1)[: draw(st.integers(2, 4))]
    nodes = draw(st.integers(2, 3))
    edges = tuple((source, target) for target in range(nodes) for source in range(target))
    length = (str(len(edges)),)
    coordinates += [
        Coordinate("edge", (edge,), Choice(operations), lengths=length)
        for edge in range(len(edges))
    ]
    absent = ("none",) if draw(st.booleans()) else ()
    return Graph("edge", (), edges, absent, draw(st.sampled_from(((), ("skip",), (True,)))))


@st.composite
def priors(draw: st.DrawFn, domain: Domain) -> Prior:
    """Any prior that a writer may give the domain, however narrow or wide."""
    match domain:
        case Choice(values=values):
            shares = draw(
                st.lists(st.floats(0, 1), min_size=len(values), max_size=len(values)).filter(
                    lambda s: sum(s) > 1e-3
                )
            )
            return Weights(tuple(s / sum(shares) for s in shares))
        case IntRange(low=low, high=high) | FloatRange(low=low, high=high):
            middle = draw(st.floats(low, high))
            if middle > 0 and low >= 0 and draw(st.booleans()):
                return LogNormal(middle, 1.0 + 10.0 ** draw(st.integers(-3, 3)))
            return Normal(middle, 10.0 ** draw(st.integers(-6, 6)))


@st.composite
def lists(
    draw: st.DrawFn, before: list[Coordinate]
) -> tuple[list[Coordinate], Composite, tuple[Expression, ...]]:
    """A permutation, or a subset of some size, behind a condition or not."""
    values = ("a", "b", "c", "d")[: draw(st.integers(2, 4))]
    conditions: tuple[Expression, ...] = ()
    if draw(st.booleans()):
        conditions = (draw(conditions_on(draw(st.sampled_from(before)))),)
    count = len(values)
    if draw(st.booleans()):
        made = [
            Coordinate(
                "order", (k,), IntRange(0, count - 1 - k), conditions, lengths=(str(count - 1),)
            )
            for k in range(count - 1)
        ]
        digits = Places("order", (), ((0, count - 2),))
        first, last = (Call("position", (digits, Literal_(k))) for k in (0, count - 1))
        return made, Composite("permutation", "order", (), values), (Compare("<", first, last),)
    bits = [
        Coordinate("some", (k,), IntRange(0, 1), conditions, lengths=(str(count),))
        for k in range(count)
    ]
    total = Call("sum", (Places("some", (), ((0, count - 1),)),))
    size = Compare(draw(st.sampled_from(["==", ">=", "<="])), total, Literal_(1))
    return bits, Composite("subset", "some", (), values), (size,)


@st.composite
def conditions_on(draw: st.DrawFn, parent: Coordinate) -> Expression:
    match parent.domain:
        case Choice(values=values):
            return Compare("==", Name(parent.name), Literal_(draw(st.sampled_from(values))))
        case IntRange(low=low, high=high) | FloatRange(low=low, high=high):
            return Compare(">=", Name(parent.name), Literal_((low + high) / 2))


def places_in(space: Space) -> st.SearchStrategy[list[float]]:
    """A place in the space's unit cube, its corners among them."""
    return st.lists(st.floats(0, 1), min_size=len(space), max_size=len(space))
