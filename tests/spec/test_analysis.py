"""What is said of a space before anything runs, held against trying every point."""

from __future__ import annotations

import math
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from omniforce.spec.analysis.analysis import Estimate, analyze
from omniforce.spec.analysis.census import census
from omniforce.spec.analysis.dead_values import dead_values
from omniforce.spec.analysis.possible import YES, Numbers, Possible, truth
from omniforce.spec.analysis.proof import conflict, prove
from omniforce.spec.expression.evaluate import EvaluationProblem, evaluate
from omniforce.spec.expression.parse import parse
from omniforce.spec.expression.tree import (
    And,
    Binary,
    Compare,
    Expression,
    Literal_,
    Name,
    Not,
    Or,
    Value,
)
from omniforce.spec.space import (
    Choice,
    Coordinate,
    FloatRange,
    IntRange,
    Space,
    is_active,
    violated,
)


def points(space: Space) -> Iterator[dict[str, Value]]:
    """Every point of a finite space, constraints not looked at."""

    def below(at: int, known: dict[str, Value]) -> Iterator[dict[str, Value]]:
        if at == len(space):
            yield known
            return
        coordinate = space.coordinates[at]
        if not is_active(coordinate, known):
            yield from below(at + 1, known)
            return
        domain = coordinate.domain
        values: tuple[Value, ...] = (
            domain.values
            if isinstance(domain, Choice)
            else tuple(range(int(domain.low), int(domain.high) + 1, int(domain.step or 1)))
        )
        for value in values:
            yield from below(at + 1, {**known, coordinate.id: value})

    return below(0, {})


NUMBERS = st.integers(-4, 4)
NAMES = ("a", "b", "c", "d")


@st.composite
def arithmetic(draw: st.DrawFn, known: tuple[str, ...]) -> Expression:
    leaves = st.builds(Literal_, NUMBERS)
    leaves = leaves | st.sampled_from([Name(n) for n in known]) if known else leaves
    signs = st.sampled_from(["+", "-", "*", "/", "%", "**"])
    return draw(st.recursive(leaves, lambda i: st.builds(Binary, signs, i, i), max_leaves=4))


@st.composite
def conditions(draw: st.DrawFn, known: tuple[str, ...]) -> Expression:
    sign = draw(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]))
    made: Expression = Compare(sign, draw(arithmetic(known)), draw(arithmetic(known)))
    match draw(st.integers(0, 6)):
        case 0:
            return Not(made)
        case 1:
            return Or((made, draw(conditions(known))))
        case 2:
            return Not(And((made, draw(conditions(known)))))
        case _:
            return made


@st.composite
def small_spaces(draw: st.DrawFn) -> Space:
    made: list[Coordinate] = []
    for name in NAMES[: draw(st.integers(1, 4))]:
        low = draw(NUMBERS)
        domain = draw(
            st.sampled_from(
                [IntRange(low, low + draw(st.integers(1, 4))), Choice((-1, 0, 2)), Choice((1, 3))]
            )
        )
        known = tuple(c.name for c in made)
        written = draw(st.lists(conditions(known), max_size=2)) if known else []
        reading = tuple(c for c in written if "Name" in repr(c))
        made.append(Coordinate(name, (), domain, reading))
    everything = tuple(c.name for c in made)
    constraints = draw(st.lists(conditions(everything), max_size=3))
    return Space(tuple(made), tuple(c for c in constraints if "Name" in repr(c)))


@given(st.data())
def test_what_a_condition_comes_to_is_among_what_was_thought_possible(data: st.DataObject) -> None:
    condition = data.draw(conditions(NAMES))
    box: dict[str, Possible] = {}
    point: dict[str, Value] = {}
    for name in NAMES:
        low, high = sorted((data.draw(st.floats(-5, 5)), data.draw(st.floats(-5, 5))))
        box[name] = Numbers(low, high)
        point[name] = data.draw(st.floats(low, high))
    try:
        holds = evaluate(condition, point) is True
    except EvaluationProblem:
        holds = False
    assert holds in truth(condition, box, dict.fromkeys(NAMES, YES))


@given(small_spaces())
def test_a_count_is_what_trying_every_point_gives(space: Space) -> None:
    every = list(points(space))
    kept = [p for p in every if not violated(space, p)]
    whole, good = census(space, constrained=False), census(space, constrained=True)
    assert whole is not None
    assert good is not None
    assert (whole.combinations, good.combinations) == (len(every), len(kept))
    assert whole.dimensions == (0, 0)
    assert math.isclose(whole.share, 1.0)


@settings(max_examples=200)
@given(small_spaces())
def test_a_proof_agrees_with_trying_every_point(space: Space) -> None:
    feasible = any(not violated(space, p) for p in points(space))
    verdict = prove(space.coordinates, space.constraints)
    assert verdict == ("possible" if feasible else "impossible")


@settings(max_examples=200)
@given(small_spaces())
def test_a_conflict_conflicts_and_none_of_it_can_be_left_out(space: Space) -> None:
    clash = conflict(space.coordinates, [[c] for c in space.constraints])

    def feasible(constraints: list[Expression]) -> bool:
        part = Space(space.coordinates, tuple(constraints))
        return any(not violated(part, p) for p in points(space))

    if not clash:
        assert feasible(list(space.constraints))
        return
    cited = [space.constraints[at] for at in clash]
    assert not feasible(cited)
    assert all(feasible([c for c in cited if c is not each]) for each in cited)


@settings(max_examples=150)
@given(small_spaces())
def test_a_dead_value_is_in_no_feasible_point(space: Space) -> None:
    groups = [[c] for c in space.constraints]
    feasible = [p for p in points(space) if not violated(space, p)]
    if not feasible:
        return
    for dead in dead_values(Space(space.coordinates), groups):
        assert all(p.get(dead.choice.id) != dead.value for p in feasible)
        assert dead.clash


def test_a_branch_that_constraints_close_is_found() -> None:
    family = Coordinate("family", (), Choice(("mlp", "cnn")))
    width = Coordinate("width", (), IntRange(16, 128), (constraint('family == "mlp"'),))
    kernel = Coordinate("kernel", (), Choice((3, 5)), (constraint('family == "cnn"'),))
    space = Space((family, width, kernel))
    (dead,) = dead_values(space, [[constraint("width < 16")], [constraint("kernel <= 5")]])
    assert (dead.choice.id, dead.value, dead.clash) == ("family", "mlp", (0,))


def constraint(text: str) -> Expression:
    made = parse("condition", text)
    assert isinstance(made, Compare)
    return made


def test_a_proof_reaches_over_numbers_of_a_continuum() -> None:
    space = [
        Coordinate("x", (), FloatRange(0.0, 1.0)),
        Coordinate("y", (), FloatRange(0.0, 1.0)),
        Coordinate("z", (), FloatRange(0.0, 1.0)),
    ]
    texts = ["x + y >= 1.5", "z >= 0.1", "x * y <= 0.4"]
    constraints = [[constraint(t)] for t in texts]
    assert conflict(space, constraints) == (0, 2)


def test_a_space_is_counted_where_it_can_be_and_estimated_where_not() -> None:
    rate = Coordinate("rate", (), FloatRange(1e-4, 1e-1, "log"))
    depth = Coordinate("depth", (), IntRange(1, 3))
    width = Coordinate("width", (), IntRange(8, 64), (constraint("depth > 1"),))
    space = Space((depth, width, rate), (constraint("depth * width <= 100"),))
    found = analyze(space)
    assert (found.combinations, found.dimensions) == (1 + 57 + 57, (1, 1))
    assert found.feasible_combinations == 1 + (50 - 8 + 1) + (33 - 8 + 1)
    assert math.isclose(found.active.value, 1 + 2 / 3 + 1)
    assert found.feasible is not None
    assert math.isclose(found.feasible.value, (1 + 43 / 57 + 26 / 57) / 3)
    assert found.feasible.error == 0.0
    estimated = analyze(Space((depth, width, rate), (constraint("depth * rate <= 0.01"),)))
    assert estimated.feasible is not None
    # on a log scale: a rate of 0.01 / depth or less
    exact = sum((math.log10(0.01 / d) + 4) / 3 for d in (1, 2, 3)) / 3
    assert abs(estimated.feasible.value - exact) < 4 * estimated.feasible.error
    assert 0 < estimated.feasible.error < 0.01
    assert estimated.active == Estimate(estimated.active.value, estimated.active.error)


def test_a_wide_linear_range_is_advised_to_be_logarithmic() -> None:
    wide = Coordinate("rate", (), FloatRange(1e-5, 1e-1))
    narrow = Coordinate("share", (), FloatRange(0.2, 0.8))
    assert [bool(p.hint) for p in analyze(Space((wide, narrow))).parameters] == [True, False]
