"""Our values as JSON and back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniforce.spec.blocks.study import Study
from omniforce.spec.diagnostic import Diagnostic, Related
from omniforce.spec.expression.parse import parse
from omniforce.spec.expression.tree import (
    Compare,
    Expression,
    Goal,
    Literal_,
    ModelChoice,
    Name,
    Promotion,
    Requirement,
    Value,
)
from omniforce.spec.load import load
from omniforce.spec.plain.values import MalformedPlain, from_plain, to_plain
from omniforce.spec.source import Source, Span
from omniforce.spec.space import Choice, Coordinate, Domain, FloatRange, IntRange, Space

SPEC = """
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {name: digits}
spec:
  data:
    source: sklearn://digits
    features: [{sql: select * from data}, {scale: {method: minmax}}]
  algorithm: {use: vision/classifier@1, arguments: {epochs: 3, fast: true, name: a b}}
  searchSpace:
    depth: int 2...5
    width: {type: ordinal, range: [8, 16], count: depth, default: 8}
    optimizer: {sgd, adam}
    momentum: 0...0.99 when optimizer == sgd
  constraints: [depth * width <= 64]
  objectives: [maximize accuracy, minimize latency.p95 on server, require size <= 2MiB on server]
  search: {budget: {trials: 24}}
  devices: {server: {runtime: onnx}}
  deployment:
    model: pareto(latency.p95 <= 5ms)
    to: server
    rollout: {canary: 10%, promoteWhen: error_rate < 1% for 10m}
    monitor: {drift: psi > 0.2}
"""

words = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True).filter(
    lambda w: w not in {"and", "or", "not", "in", "true", "false"}
)
values: st.SearchStrategy[Value] = (
    st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
)
domains: st.SearchStrategy[Domain] = (
    st.builds(IntRange, st.integers(), st.integers())
    | st.builds(FloatRange, st.floats(-1, 0), st.floats(1, 2), st.just("log"), st.floats(1, 2))
    | st.builds(Choice, st.lists(values, max_size=3).map(tuple), st.booleans())
)
conditions = st.builds(
    Compare,
    st.just("=="),
    st.builds(Name, words, st.lists(st.integers(0, 9), max_size=2).map(tuple)),
    st.builds(Literal_, values),
)
spaces = st.builds(
    Space,
    st.lists(
        st.builds(
            Coordinate,
            words,
            st.lists(st.integers(0, 9), max_size=2).map(tuple),
            domains,
            st.lists(conditions, max_size=2).map(tuple),
            st.none() | values,
            st.lists(words, max_size=2).map(tuple),
        ),
        max_size=4,
    ).map(tuple),
    st.lists(conditions, max_size=2).map(tuple),
)


def there_and_back(type_: type, value: object) -> object:
    return from_plain(type_, json.loads(json.dumps(to_plain(value))))


def test_a_study_comes_back_as_it_was() -> None:
    study = load(Source("spec.yaml", SPEC)).study
    assert study is not None
    assert there_and_back(Study, study) == study


@given(spaces)
def test_a_space_comes_back_as_it_was(space: Space) -> None:
    again = there_and_back(Space, space)
    assert again == space
    assert repr(again) == repr(space)  # 1, 1.0 and true are equal in Python


def test_a_coordinate_reads_like_the_spec() -> None:
    coordinate = Coordinate(
        "width", (1,), IntRange(1, 4), (Compare(">", Name("depth"), Literal_(1)),), 2, ("depth",)
    )
    assert to_plain(coordinate) == {
        "name": "width",
        "index": [1],
        "domain": {"kind": "IntRange", "low": 1, "high": 4, "scale": "linear", "step": 1},
        "conditions": ["depth > 1"],
        "default": 2,
        "lengths": ["depth"],
    }


def test_a_diagnostic_has_its_places_as_text() -> None:
    span = Span("a:b.yaml", 3, 5, 3, 9)
    finding = Diagnostic("OFC202", "no", span, related=(Related(span, "first"),))
    assert to_plain(finding) == {
        "code": "OFC202",
        "message": "no",
        "span": "a:b.yaml:3:5-3:9",
        "label": "",
        "help": "",
        "severity": "error",
        "related": [{"span": "a:b.yaml:3:5-3:9", "label": "first"}],
        "edits": [],
        "applicable": "safe",
        "file": "",
    }
    assert there_and_back(Diagnostic, finding) == finding


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Everything:
    a_word: Literal["x", "y"] = "x"
    pair: tuple[str, int] = ("a", 1)
    share: float = 0.5
    colour: Colour = Colour.RED
    goal: Goal | None = None
    rule: Requirement | None = None
    model: ModelChoice | None = None
    promotion: Promotion | None = None
    condition: Expression | None = None
    domain: IntRange | Choice | None = None
    value: Value | None = None


def test_fields_that_are_expressions_are_their_text() -> None:
    rule: Any = parse("rule", "psi > 0.2")
    value = Everything(
        goal=parse("goal", "require size <= 2MiB on edge"),  # type: ignore[arg-type]
        rule=rule,
        model=parse("model", "best"),  # type: ignore[arg-type]
        promotion=parse("promotion", "error_rate < 1% for 600"),  # type: ignore[arg-type]
        condition=parse("condition", "not (a or b)"),  # type: ignore[arg-type]
        value=True,
    )
    assert to_plain(value) == {
        "aWord": "x",
        "pair": ["a", 1],
        "share": 0.5,
        "colour": "red",
        "goal": "require size <= 2MiB on edge",
        "rule": "psi > 0.2",
        "model": "best",
        "promotion": "error_rate < 1% for 10m",
        "condition": "not (a or b)",
        "domain": None,
        "value": True,
    }
    assert there_and_back(Everything, value) == value


@pytest.mark.parametrize(
    ("plain", "problem"),
    [
        ([], "the value: expected an object, found []"),
        ({"aWrd": "x"}, "the value: `'aWrd'` is no field of Everything"),
        ({"aWord": "z"}, "aWord: expected one of ('x', 'y'), found 'z'"),
        ({"pair": ["a"]}, "pair: expected 2 items, found 1"),
        ({"pair": ["a", True]}, "pair[1]: expected int, found True"),
        ({"share": "much"}, "share: expected float, found 'much'"),
        ({"colour": "blue"}, "colour: expected one of ['red']"),
        ({"goal": "best"}, "goal: `best` cannot stand here in `'best'`"),
        ({"goal": 3}, "goal: expected the text of a goal, found 3"),
        ({"domain": {"low": 1}}, "domain.kind: expected one of ['Choice', 'IntRange'], found None"),
        ({"domain": {"kind": "IntRange", "low": 1}}, "domain: `high` of IntRange is missing"),
        ({"value": [1]}, "value: expected bool or int or float or str, found [1]"),
    ],
)
def test_data_of_another_shape_is_refused_by_name_and_place(plain: object, problem: str) -> None:
    with pytest.raises(MalformedPlain) as raised:
        from_plain(Everything, plain)
    assert str(raised.value) == problem


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=10,
)


@given(
    json_values
    | st.fixed_dictionaries({}, optional={"domain": json_values, "goal": json_values})
    | st.fixed_dictionaries({"coordinates": json_values})
)
def test_any_json_is_a_value_or_is_refused(plain: object) -> None:
    for type_ in (Everything, Space, Study, Span):
        try:
            from_plain(type_, plain)
        except MalformedPlain:
            continue


def test_a_space_of_an_older_release_reads_and_is_written_as_before() -> None:
    old = {
        "coordinates": [
            {
                "name": "depth",
                "index": [],
                "domain": {"kind": "IntRange", "low": 1, "high": 5, "scale": "linear", "step": 1},
                "conditions": [],
                "default": None,
                "lengths": [],
            }
        ],
        "constraints": ["depth <= 4"],
    }
    space = from_plain(Space, old)
    assert space.coordinates == (Coordinate("depth", (), IntRange(1, 5)),)
    assert to_plain(space) == old
