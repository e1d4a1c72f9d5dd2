"""Laws of the grammar: every tree has a text that reads back, and no text breaks the parser."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Lark
from lark.exceptions import UnexpectedInput

from omniforce.spec.expression.build import Builder
from omniforce.spec.expression.evaluate import EvaluationProblem, evaluate, names
from omniforce.spec.expression.form import Bell, ParameterForm, Shares
from omniforce.spec.expression.make_tables import GRAMMAR
from omniforce.spec.expression.parse import EXAMPLES, Kind, parse
from omniforce.spec.expression.print import rule_to_text, to_text
from omniforce.spec.expression.syntax_problem import SyntaxProblem
from omniforce.spec.expression.tables import Unexpected, tables
from omniforce.spec.expression.tree import (
    And,
    BestModel,
    Binary,
    Call,
    Compare,
    Expression,
    Interval,
    KneeModel,
    Literal_,
    Metric,
    Name,
    Negate,
    Not,
    Objective,
    Or,
    ParetoModel,
    Places,
    Promotion,
    Quantity,
    Requirement,
    SetOf,
    WeightedModel,
)
from omniforce.spec.expression.units import UNITS

KEYWORDS = {"and", "or", "not", "in", "true", "false"}

words = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True).filter(
    lambda w: w not in KEYWORDS
)
numbers = st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
values = st.booleans() | numbers | st.text(max_size=8)
names_ = st.builds(Name, words, st.lists(st.integers(0, 99), max_size=2).map(tuple))
quantities = st.builds(
    Quantity, st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(list(UNITS))
)
places = st.builds(
    Places,
    words,
    st.lists(st.integers(0, 9), max_size=2).map(tuple),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=2).map(tuple),
)
sets = st.builds(SetOf, st.lists(values, min_size=1, max_size=4).map(tuple))


def _above(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    operands = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return (
        st.builds(Binary, st.sampled_from(["+", "-", "*", "/", "//", "%", "**"]), inner, inner)
        | st.builds(Compare, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), inner, inner)
        | st.builds(Compare, st.sampled_from(["in", "not in"]), inner, sets)
        | st.builds(And, operands)
        | st.builds(Or, operands)
        | st.builds(Compare, st.sampled_from(["in", "not in"]), inner, names_)
        | st.builds(Not, inner)
        | st.builds(Negate, inner)
        | st.builds(
            Call,
            st.sampled_from(["sum", "min", "max"]),
            st.lists(inner | places, min_size=1, max_size=3).map(tuple),
        )
        | st.builds(
            Call,
            st.sampled_from(["abs", "ceil", "floor", "log2", "round", "sqrt", "size", "defined"]),
            st.tuples(inner),
        )
        | st.builds(Call, st.sampled_from(["position", "given"]), st.tuples(inner | places, inner))
    )


expressions: st.SearchStrategy[Expression] = st.recursive(
    st.builds(Literal_, values) | names_ | quantities, _above, max_leaves=20
)
devices = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
metrics = st.builds(Metric, words, st.none() | words, st.none() | devices)
bounds = quantities | st.builds(Literal_, numbers)
requirements = st.builds(Requirement, metrics, st.sampled_from(["<", "<=", ">", ">="]), bounds)
durations = st.integers(0, 10**9).map(float) | st.floats(0, 1e6, allow_nan=False)
priors = st.builds(Bell, words, st.lists(numbers, min_size=1, max_size=3).map(tuple)) | st.builds(
    Shares, st.lists(st.tuples(values, numbers), min_size=1, max_size=3).map(tuple)
)
forms = st.builds(
    ParameterForm,
    st.just("float"),
    st.none() | st.builds(Interval, numbers, numbers) | sets,
    st.sampled_from([None, "linear", "log", "logit"]),
    st.none() | numbers,
    st.none() | values,
    st.none() | words | st.integers(1, 999_999),
    st.none() | expressions,
    st.none() | priors,
    st.none() | numbers | st.builds(Interval, numbers, numbers),
    st.sampled_from([None, True]),
) | st.builds(
    ParameterForm,
    when=st.none() | expressions,
    count=st.none() | words,
    value=expressions,
)


def problem_of(kind: Kind, text: str) -> SyntaxProblem | None:
    try:
        parse(kind, text)
    except SyntaxProblem as problem:
        return problem
    return None


TREES: dict[Kind, st.SearchStrategy[object]] = {
    "condition": expressions,
    "range": st.builds(Interval, numbers, numbers) | sets,
    "parameter": forms,
    "goal": requirements
    | st.builds(
        Objective,
        st.sampled_from(["maximize", "minimize"]),
        metrics,
        st.none() | st.floats(1e-9, 1e9),
        st.none() | bounds,
    ),
    "rule": requirements,
    "model": st.builds(BestModel)
    | st.just(KneeModel())
    | st.just(WeightedModel())
    | st.builds(ParetoModel, st.lists(requirements, min_size=1, max_size=3).map(tuple)),
    "promotion": st.builds(Promotion, requirements, durations),
    "quantity": bounds,
    "prior": priors,
}


@pytest.mark.parametrize("kind", list(TREES))
@given(data=st.data())
def test_what_is_printed_reads_back_as_the_same_tree(kind: Kind, data: st.DataObject) -> None:
    tree = data.draw(TREES[kind])
    again = parse(kind, to_text(tree))
    assert again == tree
    assert repr(again) == repr(tree)  # 1, 1.0 and true are equal in Python


@given(requirements)
def test_a_rule_is_a_requirement_without_its_first_word(rule: Requirement) -> None:
    assert parse("rule", rule_to_text(rule)) == rule


@pytest.mark.parametrize("kind", list(EXAMPLES))
@given(text=st.text() | st.text(alphabet="abe01-+*/%.<>=!&|(){}[]\"', nothiw\n"))
@settings(max_examples=150)
def test_any_text_is_a_tree_or_one_located_problem(kind: Kind, text: str) -> None:
    problem = problem_of(kind, text)
    if problem is not None:
        assert 0 <= problem.start <= problem.end <= len(text)
        assert problem.message


@given(expressions, st.dictionaries(words, values))
def test_any_expression_has_a_value_or_a_named_problem(
    expression: Expression, known: dict[str, bool | int | float | str]
) -> None:
    everywhere = {n.id: 1 for n in names(expression)} | known
    with suppress(EvaluationProblem):
        assert isinstance(evaluate(expression, everywhere), bool | int | float | str)


@lru_cache(maxsize=1)
def lark() -> Lark:
    return Lark(
        GRAMMAR.read_text(encoding="utf-8"),
        parser="lalr",
        start=list(EXAMPLES),
        maybe_placeholders=False,
        transformer=Builder(),  # type: ignore[arg-type]
    )


def as_lark_reads(kind: Kind, text: str) -> object:
    try:
        return lark().parse(text, start=kind)
    except (UnexpectedInput, SyntaxProblem) as error:
        return getattr(error, "pos_in_stream", -1)


def as_we_read(kind: Kind, text: str) -> object:
    try:
        return tables().parse(kind, text, Builder())
    except Unexpected as error:
        return error.at
    except SyntaxProblem:
        return -1


SIGNS = "{ } ( ) [ ] , . ... .. + - * ** / // % < <= == = : …"
WORDS = (
    "a b_1 and or not in true on for best pareto maximize require log default when count step int "
    "prior size shared sum( max( position("
)
AMOUNTS = "1 2.5 1e-3 5ms 10% 2 MiB 'x' \"y\""
PIECES = f"{SIGNS} {WORDS} {AMOUNTS}".split(" ")


@pytest.mark.parametrize("kind", list(EXAMPLES))
@given(
    text=st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join)
    | st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
    | st.text()
)
@settings(max_examples=150)
def test_the_tables_read_what_lark_reads_and_stop_where_lark_stops(kind: Kind, text: str) -> None:
    ours, theirs = as_we_read(kind, text), as_lark_reads(kind, text)
    if ours is None:
        # Both are at the end; lark then tells the place of the last token.
        assert theirs is None or isinstance(theirs, int)
    else:
        assert repr(ours) == repr(theirs)
