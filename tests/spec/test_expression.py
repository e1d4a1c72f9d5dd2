"""The grammar by example: trees, values, and what is said of texts that are none."""

from __future__ import annotations

from typing import cast

import pytest

from omniforce.spec.expression.evaluate import EvaluationProblem, evaluate, names
from omniforce.spec.expression.form import ParameterForm
from omniforce.spec.expression.make_tables import tables_text
from omniforce.spec.expression.parse import Kind, parse
from omniforce.spec.expression.print import duration_to_text, size_to_text, to_text
from omniforce.spec.expression.syntax_problem import SyntaxProblem
from omniforce.spec.expression.tables import TABLES
from omniforce.spec.expression.tree import (
    And,
    Binary,
    Compare,
    Expression,
    Interval,
    Literal_,
    Metric,
    Name,
    Negate,
    Not,
    Objective,
    Offsets,
    Or,
    ParetoModel,
    Promotion,
    Quantity,
    Requirement,
    SetOf,
)

A, B, C = Name("a"), Name("b"), Name("c")


def expression(text: str) -> Expression:
    return cast("Expression", parse("condition", text))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a + b * c", Binary("+", A, Binary("*", B, C))),
        ("(a + b) * c", Binary("*", Binary("+", A, B), C)),
        ("a - b - c", Binary("-", Binary("-", A, B), C)),
        ("a ** b ** c", Binary("**", A, Binary("**", B, C))),
        ("-a ** 2", Negate(Binary("**", A, Literal_(2)))),
        ("a ** -2", Binary("**", A, Literal_(-2))),
        ("a -1", Binary("-", A, Literal_(1))),
        ("a % 3", Binary("%", A, Literal_(3))),
        ("10% + a", Binary("+", Quantity(10, "%"), A)),
        ("not a == b", Not(Compare("==", A, B))),
        ("a and b or not c", Or((And((A, B)), Not(C)))),
        ("a and (b and c)", And((A, And((B, C))))),
        ("a in {x, -1, 'y z', true}", Compare("in", A, SetOf(("x", -1, "y z", True)))),
        ("a not in {1,}", Compare("not in", A, SetOf((1,)))),
        ('a == "s\\"t"', Compare("==", A, Literal_('s"t'))),
        ("a == 'it''s'", Compare("==", A, Literal_("it's"))),
        ("android or a", Or((Name("android"), A))),
        ("a[0][12] > 1", Compare(">", Name("a", (0, 12)), Literal_(1))),
    ],
)
def test_conditions_bind_as_in_python(text: str, tree: Expression) -> None:
    assert expression(text) == tree


@pytest.mark.parametrize(
    ("kind", "text", "tree"),
    [
        ("range", "[2...5]", Interval(2, 5)),
        ("range", "-1...1.5", Interval(-1, 1.5)),
        ("range", "1e-4…1e-1", Interval(1e-4, 1e-1)),
        ("range", "{resnet-18, gpt2/small}", SetOf(("resnet-18", "gpt2/small"))),
        (
            "parameter",
            "1e-4...1e-1 log, default 1e-3",
            ParameterForm(None, Interval(1e-4, 1e-1), "log", default=1e-3),
        ),
        ("parameter", "int 2...5", ParameterForm("int", Interval(2, 5))),
        (
            "parameter",
            "{16, 32} count depth when a == b default 16",
            ParameterForm(
                None, SetOf((16, 32)), default=16, count="depth", when=Compare("==", A, B)
            ),
        ),
        ("parameter", "bool", ParameterForm("bool")),
        (
            "parameter",
            "0...1 step 0.1 count 3",
            ParameterForm(None, Interval(0, 1), step=0.1, count=3),
        ),
        ("goal", "maximize accuracy", Objective("maximize", Metric("accuracy"))),
        (
            "goal",
            "minimize latency.p95 on jetson-nano",
            Objective("minimize", Metric("latency", "p95", "jetson-nano")),
        ),
        (
            "goal",
            "require size <= 2 MiB on edge",
            Requirement(Metric("size", None, "edge"), "<=", Quantity(2, "MiB")),
        ),
        (
            "goal",
            "require size on edge <= 2MiB",
            Requirement(Metric("size", None, "edge"), "<=", Quantity(2, "MiB")),
        ),
        ("goal", "require loss >= -3", Requirement(Metric("loss"), ">=", Literal_(-3))),
        (
            "model",
            "pareto(latency.p95 <= 5ms, size < 1MiB on edge)",
            ParetoModel(
                (
                    Requirement(Metric("latency", "p95"), "<=", Quantity(5, "ms")),
                    Requirement(Metric("size", None, "edge"), "<", Quantity(1, "MiB")),
                )
            ),
        ),
        (
            "promotion",
            "error_rate < 1 % for 1h30m",
            Promotion(Requirement(Metric("error_rate"), "<", Quantity(1, "%")), 5400.0),
        ),
        ("rule", "psi > 0.2", Requirement(Metric("psi"), ">", Literal_(0.2))),
        ("quantity", "600", Literal_(600)),
        ("quantity", "1h30m", Quantity(90, "m")),
        ("quantity", "1d2h3m4s", Quantity(93784, "s")),
        ("quantity", "5µs", Quantity(5, "us")),
    ],
)
def test_every_place_has_its_form(kind: Kind, text: str, tree: object) -> None:
    assert parse(kind, text) == tree


def test_nodes_know_their_place() -> None:
    tree = expression("a + (b * 2) <= limit")
    assert isinstance(tree, Compare)
    assert isinstance(tree.left, Binary)
    assert tree.at == Offsets(0, 20)
    assert tree.left.at == Offsets(0, 11)
    assert tree.left.right.at == Offsets(4, 11)
    assert tree.right.at == Offsets(15, 20)


@pytest.mark.parametrize(
    ("kind", "text", "place", "message", "help_"),
    [
        ("condition", "a = b", "=", "`=` cannot stand here", "write `==` to compare"),
        ("condition", "a && b", "&", "`&` cannot stand here", "write `and`"),
        ("condition", "a ≤ b", "≤", "`≤` cannot stand here", "write `<=`"),
        ("condition", "a AND b", "AND", "`AND` cannot stand here", "write `and`"),
        (
            "condition",
            "1 < a < 5",
            "<",
            "`<` cannot stand here",
            "compare two at a time, as in `1 < a and a < 5`",
        ),
        ("condition", "a == 'b", "'", "`'` cannot stand here", "close the quote"),
        ("range", "2..5", ".", "`.` cannot stand here", "a range has three dots, as in `2...5`"),
        ("goal", "maximise x", "maximise", "`maximise` cannot stand here", "write `maximize`"),
        (
            "condition",
            "a == ",
            "=",
            "`a ==` ends too early",
            "write `optimizer == sgd`, `a * b <= 1024` or `kernel in {3, 5} and not pooled`",
        ),
        ("quantity", "2 min", "min", "`min` cannot stand here", "write `2m`"),
        ("quantity", "1h 30m", "30m", "`30m` cannot stand here", "write `1h30m`"),
        ("quantity", "1:30", ":", "`:` cannot stand here", "write `10m`, `2MiB` or `10%`"),
        ("quantity", "5Mb", "5Mb", "`Mb` is no unit", "write `5MB`"),
        (
            "quantity",
            "30m1h",
            "30m1h",
            "only durations are written in parts, the larger unit first",
            "write `1h30m`, or one number with one unit",
        ),
        (
            "parameter",
            "2...5 log, log",
            "log",
            "`scale` is written twice",
            "keep one `scale`",
        ),
        (
            "condition",
            "a > 1e999",
            "1e999",
            "the number `1e999` is too large",
            "write a smaller one",
        ),
        (
            "condition",
            "a > 99999999999999999999",
            "99999999999999999999",
            "the whole number `99999999999999999999` does not fit 64 bits",
            "write it as `1e+20`",
        ),
        (
            "model",
            "",
            "",
            "the expression is empty",
            "write `best`, `knee`, `weighted` or `pareto(latency.p95 <= 5ms)`",
        ),
    ],
)
def test_a_text_that_is_none_says_where_and_what_instead(
    kind: Kind, text: str, place: str, message: str, help_: str
) -> None:
    with pytest.raises(SyntaxProblem) as raised:
        parse(kind, text)
    problem = raised.value
    found = (text[problem.start : problem.end], problem.message, problem.help)
    assert found == (place, message, help_)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 2000 + "a" + ")" * 2000,
        "-" * 4000 + "a",
        "not " * 1000 + "a",
        "+".join("a" * 2000),
        "**".join("9" * 1300),
        "a" + "[0]" * 1300,
        "{" * 4096,
        "9" * 4096,
        '"' + "\\" * 4095,
        "1e1" * 1300,
        "x" * 5000,
    ],
)
def test_hostile_texts_are_read_or_refused_but_never_break_anything(text: str) -> None:
    try:
        tree = expression(text)
    except SyntaxProblem as problem:
        text = problem.message
    else:
        text = to_text(tree)
    assert text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a + b * 2", 7),
        ("a ** b", 1),
        ("b ** 10 % 7", 4),
        ("b / 2", 1.5),
        ("-b", -3),
        ("a < b and b >= 3", True),
        ("a == 1.0", True),
        ("flag == true", True),
        ("flag == 1", False),
        ("word in {x, y}", True),
        ("word not in {x, y}", False),
        ("word == 'x'", True),
        ("a == 2 or word != 'z'", True),
        ("not flag", False),
        ("b <= 10%", False),
        ("size <= 2KiB", True),
        ("a == 1 or b / 0 > 1", True),
    ],
)
def test_expressions_come_to_values(text: str, value: object) -> None:
    known = {"a": 1, "b": 3, "flag": True, "word": "x", "size": 2048}
    found = evaluate(expression(text), known)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a / 0 > 1", "`a / 0` divides by zero"),
        ("a % 0 > 1", "`a % 0` divides by zero"),
        ("0 ** -1 > 1", "`0 ** -1` divides by zero"),
        ("9 ** 9 ** 9 > 1", "`9 ** 9 ** 9` is too large"),
        ("10 ** 300 * 10 ** 300 > 1", "`10 ** 300 * 10 ** 300` is too large"),
        ("(-8) ** 0.5 > 1", "`(-8) ** 0.5` is no real number"),
        ("missing > 1", "`missing` has no value"),
        ("word > 1", "`word > 1` is no number"),
        ("word > 'a'", 'words have no order, so `word > "a"` has no value'),
        ("word + 1 > 2", "`word` is no number"),
        ("a and word", "`a` is neither true nor false"),
        ("-flag > 1", "`flag` is no number"),
    ],
)
def test_what_has_no_value_says_why(text: str, problem: str) -> None:
    with pytest.raises(EvaluationProblem) as raised:
        evaluate(expression(text), {"a": 1, "flag": True, "word": "x"})
    assert str(raised.value) == problem


def test_names_come_from_left_to_right_as_often_as_they_stand_there() -> None:
    tree = expression("a * b[1] <= 3 and not (c in {a, b} or -a > 2)")
    assert [n.id for n in names(tree)] == ["a", "b[1]", "c", "a"]


def test_durations_and_sizes_take_the_largest_unit_that_divides_them() -> None:
    seconds = (600.0, 90.0, 0.25, 7200.0, 172800.0, 0.0)
    assert [duration_to_text(s) for s in seconds] == ["10m", "90s", "0.25s", "2h", "2d", "0s"]
    assert [size_to_text(s) for s in (2 * 2**20, 1500, 2**30)] == ["2MiB", "1500B", "1GiB"]


def test_the_tables_are_those_of_the_grammar() -> None:
    """Otherwise: `python -m omniforce.spec.expression.make_tables`."""
    assert tables_text() == TABLES.read_text(encoding="utf-8")
