"""What becomes of one finished trial: it is kept where its estimator would be given the same."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniforce.compiler.diff.compare import compare
from omniforce.compiler.diff.setup import setup_of
from omniforce.compiler.diff.trials import fate_of
from omniforce.spec.space import validate

from .specs import BASE, BRANCHES, TURNED, other, program

TRIAL = {"family": "mlp", "width": 32, "depth": 2}


def fate(*pairs: str, trial: Any = TRIAL) -> tuple[str, Any]:
    return fate_of(program(BASE), program(other(*pairs)), trial)


def test_nothing_changed_and_the_trial_is_what_it_was() -> None:
    assert fate_of(program(BASE), program(BASE), TRIAL) == ("kept", TRIAL)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("trials: 8", "trials: 80"),
        ("8...128", "16...64"),
        ("{mlp, cnn}", "{mlp, vit, cnn}"),
        ("{3, 5, 7}", "{3, 5}"),
        ("default 32", "default 8"),
        ("width * depth <= 256", "width * depth <= 64"),
        ("[maximize accuracy, ", "[maximize accuracy, require loss <= 1, "),
        ("when: family == cnn", "when: family != mlp"),
    ],
)
def test_it_is_kept_where_it_is_inside_still(old: str, new: str) -> None:
    assert fate(old, new) == ("kept", TRIAL)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("8...128 log, default 32", "64...128"),
        ("width * depth <= 256", "width * depth <= 63"),
        ("epochs: 20", "epochs: 21"),
        ("seed: 7", "seed: 8"),
        ("{runtime: onnx}", "{runtime: onnx, precision: fp16}"),
        ("int 1...4 when family == mlp", "int 1...4 when family == cnn"),
        ("name: digits", "name: letters"),
    ],
)
def test_it_is_invalidated_where_its_figures_answer_another_question(old: str, new: str) -> None:
    assert fate(old, new) == ("invalidated", None)


def test_it_is_invalidated_where_its_choice_is_gone() -> None:
    text = BASE.replace("{mlp, cnn}", "{cnn, vit}").replace("family == mlp", "family == vit")
    assert fate_of(program(BASE), program(text), TRIAL) == ("invalidated", None)


def test_a_new_parameter_takes_its_default_or_what_was_fixed() -> None:
    added = "  constraints", "    rate: 0.0...1.0, default 0.5\n  constraints"
    assert fate(*added) == ("imputed", {**TRIAL, "rate": 0.5})
    searched = "  constraints", "    epochs: int 10...40, default 30\n  constraints"
    assert fate(", arguments: {epochs: 20}", "", *searched) == (
        "imputed",
        {**TRIAL, "epochs": 20},
    )
    narrow = "  constraints", "    epochs: int 30...40, default 30\n  constraints"
    assert fate(", arguments: {epochs: 20}", "", *narrow) == ("invalidated", None)


def test_a_new_parameter_without_a_default_keeps_the_trials_that_it_takes_no_part_in() -> None:
    added = "  constraints", "    rate: 0.0...1.0 when family == cnn\n  constraints"
    assert fate(*added) == ("kept", TRIAL)
    cnn = {"family": "cnn", "width": 32, "kernel": 5}
    assert fate(*added, trial=cnn) == ("invalidated", None)


def test_a_parameter_that_is_fixed_now_keeps_the_trials_with_its_value() -> None:
    removed = (
        "    width: int 8...128 log, default 32\n", "",
        "width * depth <= 256", "depth <= 4",
        "{epochs: 20}",
    )  # fmt: skip
    rest = {"family": "mlp", "depth": 2}
    assert fate(*removed, "{epochs: 20, width: 32}") == ("kept", rest)
    assert fate(*removed, "{epochs: 20, width: 64}") == ("invalidated", None)
    assert fate(*removed, "{epochs: 20}") == ("invalidated", None)


def test_a_derived_value_counts_by_what_comes_out() -> None:
    line = "  constraints", "    twice: {value: width * 2}\n  constraints"
    before = program(other(*line))
    same = program(other(line[0], "    twice: {value: width + 32}\n  constraints"))
    assert fate_of(before, same, TRIAL) == ("kept", TRIAL)
    assert fate_of(before, same, {**TRIAL, "width": 16}) == ("invalidated", None)


def test_whole_numbers_stay_where_a_range_becomes_one_of_real_numbers_and_back() -> None:
    whole, real = program(BASE), program(other("int 8...128", "float 8...128"))
    assert fate_of(whole, real, TRIAL) == ("kept", TRIAL)
    assert fate_of(real, whole, {**TRIAL, "width": 32.0}) == ("kept", TRIAL)
    assert fate_of(real, whole, {**TRIAL, "width": 32.5}) == ("invalidated", None)


def test_a_trial_goes_by_what_it_was_given_and_not_by_the_name_of_a_branch() -> None:
    before, after = program(BRANCHES), program(TURNED)
    net = {"family": "net", "width": 32, "deep": True}
    renamed = {"family": "net", "width__net": 32, "deep": True}
    assert fate_of(before, after, net) == ("kept", renamed)
    assert fate_of(after, before, renamed) == ("kept", net)
    one = program(BRANCHES.replace("        trees: {width: 1...9}\n", ""))
    trees = {"family": "trees", "width__trees": 4}
    assert fate_of(before, one, net) == ("kept", net)
    assert fate_of(before, one, trees) == ("invalidated", None)
    assert fate_of(one, before, {"family": "trees"}) == ("invalidated", None)


def test_places_of_an_array_are_asked_one_by_one() -> None:
    array = "  constraints", "    units: {type: int, range: 1...8, count: depth}\n  constraints"
    before, after = program(other(*array)), program(other(*array, "1...8", "1...6"))
    trial = {**TRIAL, "units[0]": 3, "units[1]": 6}
    assert fate_of(before, after, trial) == ("kept", trial)
    assert fate_of(before, after, {**trial, "units[1]": 7}) == ("invalidated", None)


@given(st.integers(8, 128), st.integers(1, 2), st.integers(1, 60), st.integers(61, 200))
def test_a_trial_is_kept_exactly_where_it_is_a_point_of_the_new_range(
    width: int, depth: int, low: int, high: int
) -> None:
    after = program(other("8...128 log, default 32", f"{low}...{high}"))
    trial = {"family": "mlp", "width": width, "depth": depth}
    expected = ("kept", trial) if low <= width <= high else ("invalidated", None)
    assert fate_of(program(BASE), after, trial) == expected


PAIRS = [
    ("8...128", "16...64"),
    ("{mlp, cnn}", "{cnn, mlp, vit}"),
    ("{3, 5, 7}", "{3, 7, 9}"),
    ("width * depth <= 256", "width * depth <= 64"),
    ("int 1...4 when family == mlp", "int 1...4"),
    ("when: family == cnn", "when: width > 32"),
    ("  constraints", "    rate: 0.0...1.0, default 0.5\n  constraints"),
    ("  constraints", "    rate: 0.0...1.0 when family == cnn\n  constraints"),
    ("  constraints", "    epochs: int 10...40\n  constraints", ", arguments: {epochs: 20}", ""),
    ("epochs: 20", "epochs: 21"),
    ("trials: 8", "trials: 80"),
]


@pytest.mark.parametrize("pairs", PAIRS, ids=str)
def test_what_a_change_says_of_all_holds_for_each(pairs: tuple[str, ...]) -> None:
    before, after = program(BASE), program(other(*pairs))
    changes = compare(before, after)
    old, new = setup_of(before).space, setup_of(after).space
    found = [(t, *fate_of(before, after, t)) for t in trials() if not validate(old, t)]
    assert len(found) > 50
    for trial, fate, point in found:
        if fate == "invalidated":
            assert any(c.only or c.fate == "invalidated" for c in changes)
        else:
            assert validate(new, point or {}) == ()
            assert {name: (point or {}).get(name) for name in trial} == trial
        if all(c.fate == "kept" and not c.only for c in changes):
            assert fate == "kept"
        if any(c.fate == "invalidated" for c in changes):
            assert fate == "invalidated"


def trials() -> list[dict[str, Any]]:
    """Points all over the base's space, some of which break its constraint."""
    grid = product((8, 20, 32, 64, 128), (1, 2, 4))
    mlp = [{"family": "mlp", "width": w, "depth": d} for w, d in grid]
    widths = range(8, 129, 4)
    cnn = [{"family": "cnn", "width": w, "kernel": k} for w, k in product(widths, (3, 5, 7))]
    return [*mlp, *cnn]
