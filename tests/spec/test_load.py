"""From text to a study: parameters, what is left out of messages, and what only the whole says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omniforce.spec.expression.print import to_text
from omniforce.spec.load import load
from omniforce.spec.source import Source
from tests.support.specs import EVERYTHING, SMALL, loaded


def with_params(params: str, **given: str) -> list[tuple[str, str]]:
    """The findings of a spec with these parameters, all of which it reads."""
    names = [line.split(":")[0].strip() for line in params.splitlines()]
    reads = ", ".join(f"{n}: $(params.{n})" for n in names)
    text = SMALL.replace("spec:\n", f"spec:\n  params:\n{params}", 1)
    text = text.replace("@1}", f"@1, arguments: {{{reads}}}}}")
    return [(d.code, d.message) for d in loaded(text, **given).diagnostics]


def arguments(params: str, **given: str) -> tuple[tuple[str, object], ...]:
    """What a spec with these parameters hands to its algorithm."""
    names = [line.split(":")[0].strip() for line in params.splitlines()]
    reads = ", ".join(f"{n}: $(params.{n})" for n in names)
    text = SMALL.replace("spec:\n", f"spec:\n  params:\n{params}", 1)
    found = loaded(text.replace("@1}", f"@1, arguments: {{{reads}}}}}"), **given)
    assert found.diagnostics == ()
    assert found.study is not None
    return found.study.spec.algorithm.arguments


TYPED = """\
    a: {type: int, default: 3}
    b: {type: float, default: 1}
    c: {type: string, default: "no"}
    d: {type: bool, default: true}
"""


def test_a_parameter_keeps_its_type() -> None:
    found = arguments(TYPED)
    assert found == (("a", 3), ("b", 1.0), ("c", "no"), ("d", True))
    assert [type(v) for _, v in found] == [int, float, str, bool]


def test_values_that_are_given_are_read_by_the_declared_type() -> None:
    found = arguments(TYPED, a="0x10", b="1e-4", c="{x: 1}", d="false")
    assert found == (("a", 16), ("b", 1e-4), ("c", "{x: 1}"), ("d", False))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("a", "3.5", "`-p a=3.5` does not fit: expected a whole number"),
        ("a", "", "`-p a=` does not fit: expected a whole number"),
        ("b", ".inf", "`-p b=.inf` does not fit: expected a number"),
        ("d", "yes", "`-p d=yes` does not fit: expected `true` or `false`"),
    ],
)
def test_a_given_value_of_another_type_is_refused(name: str, value: str, message: str) -> None:
    assert with_params(TYPED, **{name: value}) == [("OFC304", message)]


def test_a_given_value_keeps_the_bounds() -> None:
    params = "    n: {type: int, minimum: 1, maximum: 9}\n    m: {type: string, choices: [x, y]}\n"
    assert with_params(params, n="10", m="z") == [
        ("OFC304", "`-p n=10` does not fit: expected at most 9"),
        ("OFC304", "`-p m=z` does not fit: expected `x` or `y`"),
    ]
    assert arguments(params, n="9", m="y") == (("n", 9), ("m", "y"))


def test_a_given_value_that_is_not_declared_is_refused() -> None:
    (found,) = loaded(trails="3").diagnostics
    assert found.message == "`-p trails=...` sets a parameter that the spec does not declare"
    assert found.span is None


def test_a_value_never_becomes_structure() -> None:
    text = SMALL.replace("spec:\n", "spec:\n  params: {x: {type: string, default: y}}\n", 1)
    text = text.replace("target: label", "target: $(params.x)")
    evil = "label}\n  search: {budget: {trials: 1000}}"
    study = loaded(text, x=evil).study
    assert study is not None
    assert study.spec.data.target == evil
    assert study.spec.search.budget.trials == 8


def test_a_value_inside_a_text_stays_a_text() -> None:
    text = SMALL.replace("spec:\n", "spec:\n  params: {n: {type: int, default: 8}}\n", 1)
    found = loaded(text.replace("trials: 8", "trials: 1$(params.n)"))
    assert [d.message for d in found.diagnostics] == [
        "`trials` is the string `18`, expected a whole number"
    ]


def test_a_doubled_dollar_is_no_placeholder() -> None:
    study = loaded(SMALL.replace("target: label", "target: a$$(params.x)$$$")).study
    assert study is not None
    assert study.spec.data.target == "a$(params.x)$$$"


def test_an_expression_with_a_value_in_it_is_pointed_at_as_a_whole() -> None:
    text = SMALL.replace("spec:\n", "spec:\n  params: {m: {type: string, default: size}}\n", 1)
    text = text.replace("[maximize accuracy]", "[maximize $(params.m) of it]")
    (found,) = loaded(text).diagnostics
    assert found.code == "OFC201"
    assert found.span is not None
    assert (found.span.column, found.span.end_column) == (16, 42)


def test_a_parameter_in_an_alias_is_filled_once() -> None:
    text = SMALL.replace("spec:\n", "spec:\n  params: {n: {type: int}}\n", 1)
    text = text.replace("trials: 8", "trials: &n $(params.n)") + "    parallelism: *n\n"
    study = loaded(text, n="4").study
    assert study is not None
    assert (study.spec.search.budget.trials, study.spec.search.parallelism) == (4, 4)
    assert [d.code for d in loaded(text).diagnostics] == ["OFC303"]


def test_a_consequence_is_not_told_again() -> None:
    text = SMALL.replace("trials: 8", "trials: $(params.x), trials: no")
    assert [d.code for d in loaded(text).diagnostics] == ["OFC301", "OFC006"]


def test_broken_blocks_hide_nothing_of_the_others() -> None:
    text = SMALL.replace("trials: 8", "trials: x").replace(
        "metadata: {name: digits}", "metadata: 3"
    )
    text = text.replace("[maximize accuracy]", "[maximize, minimize size]")
    found = loaded(text)
    assert found.study is None
    assert [(d.code, d.span.line if d.span else 0) for d in found.diagnostics] == [
        ("OFC103", 3),
        ("OFC201", 9),
        ("OFC309", 9),
        ("OFC103", 11),
    ]


def test_devices_know_their_names_and_pareto_its_device() -> None:
    study = loaded(EVERYTHING).study
    assert study is not None
    assert [(name, d.name) for name, d in study.spec.devices] == [
        ("jetson", "jetson"),
        ("server", "server"),
    ]
    assert study.spec.deployment is not None
    assert to_text(study.spec.deployment.model) == "pareto(latency.p95 <= 5ms on jetson)"


def test_constraints_are_joined_into_the_space_place_by_place() -> None:
    study = loaded(EVERYTHING).study
    assert study is not None
    assert [to_text(c) for c in study.spec.search_space.constraints] == [
        f"blocks * channels[{i}] <= 1024" for i in range(5)
    ]


def test_the_study_holds_the_values_of_the_run_as_defaults() -> None:
    study = loaded(EVERYTHING, trials="12", rate="0.5").study
    assert study is not None
    assert [(n, p.default) for n, p in study.spec.params] == [
        ("trials", 12),
        ("rate", 0.5),
        ("target", "label"),
        ("stratify", True),
        ("high", 0.1),
    ]


def test_a_good_spec_says_nothing() -> None:
    assert loaded(SMALL).diagnostics == ()
    assert loaded(EVERYTHING).diagnostics == ()


def test_every_written_value_has_a_span() -> None:
    spans = loaded(SMALL).spans
    assert str(spans["spec", "data", "source"]) == "spec.yaml:5:18"
    assert str(spans["spec", "objectives", 0]) == "spec.yaml:9:16"


@given(st.binary(max_size=200))
def test_any_bytes_give_findings(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    assert load(Source("f", text)).diagnostics


_LINES = EVERYTHING.splitlines(keepends=True)


@settings(max_examples=60)
@given(st.data())
def test_any_damage_to_a_good_spec_gives_findings_or_a_study(data: st.DataObject) -> None:
    text = EVERYTHING
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(at, min(len(text), at + 12)))
        text = text[:at] + data.draw(st.text(max_size=6)) + text[end:]
    found = load(Source("f", text))
    assert found.study is not None or found.has_errors


@settings(max_examples=60)
@given(st.lists(st.sampled_from(_LINES), max_size=20).map("".join))
def test_any_lines_of_a_good_spec_give_findings_or_a_study(text: str) -> None:
    found = load(Source("f", text))
    assert found.study is not None or found.has_errors


def test_an_item_of_a_list_is_called_by_its_place() -> None:
    text = SMALL.replace("[maximize accuracy]", "[maximize accuracy, {minimize: loss}]")
    assert [d.message for d in loaded(text).diagnostics] == [
        "`objectives[1]` is a mapping, expected an objective or a requirement"
    ]
