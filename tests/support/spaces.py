"""Conditional spaces by hypothesis: any mix of domains, conditions on what stands before."""

from __future__ import annotations

from hypothesis import strategies as st

from omniforce.spec.expression.tree import Binary, Compare, Expression, Literal_, Name
from omniforce.spec.space import Choice, Coordinate, Domain, FloatRange, IntRange, Space

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
        coordinates.append(Coordinate(f"p{at}", (), domain, conditions))
    numbers = [c for c in coordinates if not isinstance(c.domain, Choice)]
    constraints: tuple[Expression, ...] = ()
    if len(numbers) >= 2 and draw(st.booleans()):
        left, right = numbers[0], numbers[-1]
        # The lower ends always satisfy it, so that the space is not empty.
        limit = left.domain.low + right.domain.low + draw(st.floats(0, 1000))
        total = Binary("+", Name(left.name), Name(right.name))
        constraints = (Compare("<=", total, Literal_(limit)),)
    return Space(tuple(coordinates), constraints)


@st.composite
def conditions_on(draw: st.DrawFn, parent: Coordinate) -> Expression:
    match parent.domain:
        case Choice(values=values):
            return Compare("==", Name(parent.name), Literal_(draw(st.sampled_from(values))))
        case IntRange(low=low, high=high) | FloatRange(low=low, high=high):
            return Compare(">=", Name(parent.name), Literal_((low + high) / 2))
