"""The algorithm's description in the place of its name, and what it says against the spec."""

from dataclasses import replace
from typing import cast

import pytest

from omniforce.compiler.passes.resolve_algorithms import ResolveAlgorithms
from omniforce.spec.blocks.algorithm import AlgorithmInterface, Argument
from omniforce.spec.diagnostic import Diagnostic, Related, Severity
from omniforce.spec.expression.parse import parse
from omniforce.spec.expression.tree import (
    Direction,
    Expression,
    Literal_,
    Metric,
    Objective,
    Offsets,
    ParetoModel,
    Requirement,
    Value,
)
from omniforce.spec.space import (
    Choice,
    Coordinate,
    Derived,
    DerivedType,
    Domain,
    FloatRange,
    IntRange,
    Space,
)
from tests.compiler.programs import CNN, NAME_ONLY, SPACE, context, program, span

USE = ("spec", "algorithm", "use")
DEPTH = ("spec", "searchSpace", "depth")


def space(**domains: Domain) -> Space:
    return Space(
        (*SPACE.coordinates, *(Coordinate(name, (), domain) for name, domain in domains.items()))
    )


def maximize(metric: str, direction: Direction = "maximize") -> Objective:
    return Objective(direction, Metric(metric))


def test_puts_the_description_in_the_place_of_the_name() -> None:
    outcome = ResolveAlgorithms().run(program(algorithm=NAME_ONLY), context())
    assert (outcome.program, outcome.diagnostics) == (program(algorithm=CNN), ())


def test_a_second_run_changes_nothing() -> None:
    once = ResolveAlgorithms().run(program(algorithm=NAME_ONLY), context()).program
    assert ResolveAlgorithms().run(once, context()).program == once


@pytest.mark.parametrize(
    ("name", "version", "label", "way_out"),
    [
        ("vision/cn", 1, "did you mean `vision/cnn@1`?", "write `use: vision/cnn@1`"),
        ("vision/cnn", 2, "did you mean `vision/cnn@1`?", "write `use: vision/cnn@1`"),
        ("tabular/boost", 1, "unknown algorithm", "the library has `vision/cnn@1`"),
    ],
)
def test_an_unknown_algorithm_stays_a_name(
    name: str, version: int, label: str, way_out: str
) -> None:
    unknown = replace(NAME_ONLY, name=name, version=version)
    outcome = ResolveAlgorithms().run(program(algorithm=unknown), context(USE))
    assert outcome.program == program(algorithm=unknown)
    message = f"there is no algorithm `{name}@{version}`"
    assert outcome.diagnostics == (Diagnostic("OFC320", message, span(1), label, way_out),)


def test_refuses_a_figure_that_nobody_reports() -> None:
    goal = Objective("maximize", Metric("acuracy", at=Offsets(2, 6)))
    made = program(goals=(goal,))
    found = ResolveAlgorithms().run(made, context(("spec", "objectives", 0))).diagnostics
    assert found == (
        Diagnostic(
            "OFC321",
            "`vision/cnn` does not report `acuracy`",
            span(1),
            "did you mean `accuracy`?",
            "write `accuracy`",
        ),
    )


def test_refuses_a_choice_of_the_model_by_a_figure_that_nobody_reports() -> None:
    model = ParetoModel((Requirement(Metric("f1"), ">=", Literal_(0.9)),))
    found = ResolveAlgorithms().run(program(model=model), context()).diagnostics
    assert [(d.code, d.help) for d in found] == [("OFC321", "it reports `accuracy` or `loss`")]


@pytest.mark.parametrize(
    ("goal", "way_out"),
    [
        (maximize("accuracy", "minimize"), "write `maximize accuracy`"),
        (maximize("loss"), "write `minimize loss`"),
    ],
)
def test_warns_of_an_objective_against_its_meaning(goal: Objective, way_out: str) -> None:
    found = ResolveAlgorithms().run(program(goals=(goal,)), context()).diagnostics
    assert [(d.code, d.severity, d.help) for d in found] == [("OFC328", Severity.WARNING, way_out)]


def test_refuses_a_parameter_that_is_not_read_where_it_stands_in_the_tree() -> None:
    nested = ("spec", "searchSpace", "depth", "submodule", "rat")
    made = program(space=space(rat=IntRange(1, 2)))
    found = ResolveAlgorithms().run(made, context(DEPTH, nested)).diagnostics
    assert found == (
        Diagnostic(
            "OFC322",
            "`vision/cnn` does not read `rat`",
            span(2),
            "did you mean `rate`?",
            "write `rate`",
        ),
    )


def test_refuses_an_argument_that_is_not_read() -> None:
    path = ("spec", "algorithm", "arguments", "colour")
    found = ResolveAlgorithms().run(program(arguments=(("colour", 1),)), context(path)).diagnostics
    assert [(d.code, d.span, d.label) for d in found] == [("OFC322", span(1), "nothing reads it")]


def test_refuses_an_argument_that_is_fixed_and_searched() -> None:
    path = ("spec", "algorithm", "arguments", "depth")
    made = program(arguments=(("depth", 1),))
    found = ResolveAlgorithms().run(made, context(path, DEPTH)).diagnostics
    assert found == (
        Diagnostic(
            "OFC326",
            "`depth` is fixed under `arguments` and searched as well",
            span(1),
            "fixed here",
            "remove `depth` from `arguments`, or from `searchSpace`",
            related=(Related(span(2), "searched here"),),
        ),
    )


def test_refuses_an_argument_that_nobody_sets() -> None:
    made = program(space=Space((Coordinate("rate", (), FloatRange(0, 1)),)))
    found = ResolveAlgorithms().run(made, context(("spec", "algorithm"))).diagnostics
    assert found == (
        Diagnostic(
            "OFC323",
            "nothing sets `depth`, which `vision/cnn` needs",
            span(1),
            "`depth` has no default",
            "search it, or fix it with `arguments: {depth: ...}`",
        ),
    )


def test_refuses_choices_that_the_algorithm_does_not_know() -> None:
    made = program(space=space(pool=Choice(("max", "men"))))
    found = ResolveAlgorithms().run(made, context()).diagnostics
    assert [(d.code, d.message, d.label, d.help) for d in found] == [
        (
            "OFC324",
            "`pool` cannot be `men`",
            "did you mean `mean`?",
            "the algorithm knows `max` or `mean`",
        )
    ]


def test_many_choices_that_the_algorithm_does_not_know_are_one_finding() -> None:
    made = program(space=space(pool=Choice(("max", "a", "b", "c"))))
    (few,) = ResolveAlgorithms().run(made, context()).diagnostics
    assert few.message == "`pool` cannot be `a`, `b` or `c`"
    made = program(space=space(pool=Choice(tuple(f"v{i}" for i in range(10_000)))))
    (many,) = ResolveAlgorithms().run(made, context()).diagnostics
    assert many.message == "`pool` cannot be `v0`, `v1`, `v2` or 9,997 more of its values"


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("depth", FloatRange(1, 2)),
        ("depth", Choice((1, 2.5))),
        ("depth", Choice((True,))),
        ("rate", Choice(("fast",))),
        ("pool", IntRange(0, 1)),
        ("pool", FloatRange(0, 1)),
        ("wide", IntRange(0, 1)),
        ("wide", Choice((0, 1))),
    ],
)
def test_refuses_values_of_another_type(name: str, domain: Domain) -> None:
    others = tuple(c for c in SPACE.coordinates if c.name != name)
    made = program(space=Space((*others, Coordinate(name, (), domain))))
    found = ResolveAlgorithms().run(made, context()).diagnostics
    assert [d.code for d in found] == ["OFC325"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("depth", 3), ("rate", 1), ("rate", 0.5), ("pool", "mean"), ("wide", True)],
)
def test_takes_values_of_its_type(name: str, value: Value) -> None:
    others = tuple(c for c in SPACE.coordinates if c.name not in (name, "depth"))
    fixed = ((name, value),) if name == "depth" else ((name, value), ("depth", 1))
    made = program(space=Space(others), arguments=fixed)
    assert ResolveAlgorithms().run(made, context()).diagnostics == ()


def test_of_an_estimator_of_the_writers_own_only_names_are_known() -> None:
    own = AlgorithmInterface(
        "custom/mine", 0, "mine:Mine", arguments=(Argument("depth", "choice"),)
    )
    found = ResolveAlgorithms().run(program(algorithm=own), context()).diagnostics
    assert [(d.code, d.help) for d in found] == [("OFC322", "it reads `depth`")]
    anything = replace(own, arguments=())
    assert ResolveAlgorithms().run(program(algorithm=anything), context()).diagnostics == ()


def derived(name: str, term: str, type_: DerivedType) -> Space:
    tree = cast("Expression", parse("condition", term))
    return replace(space(), derived=(Derived(name, (), tree, type=type_),))


def found(made: Space) -> list[str]:
    outcome = ResolveAlgorithms().run(program(space=made, algorithm=NAME_ONLY), context())
    return [f"{d.code} {d.message}" for d in outcome.diagnostics]


def test_a_computed_value_sets_an_argument_and_has_its_type() -> None:
    assert found(derived("rate", "depth * 0.1", "float")) == []
    assert [f.partition(" ")[0] for f in found(derived("wide", "depth * 0.1", "float"))] == [
        "OFC325"
    ]


def test_what_a_computed_value_reads_need_not_be_an_argument() -> None:
    made = space(helper=IntRange(1, 3))
    tree = cast("Expression", parse("condition", "helper * 0.1"))
    assert [f.partition(" ")[0] for f in found(made)] == ["OFC322"]
    assert found(replace(made, derived=(Derived("rate", (), tree),))) == []
