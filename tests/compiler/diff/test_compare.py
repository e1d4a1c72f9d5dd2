"""Changes by what they mean: layout is none, and each says what becomes of finished trials."""

import dataclasses
from pathlib import Path
from typing import get_args

import pytest

from omniforce.compiler.diff.blocks import ROWS
from omniforce.compiler.diff.change import worst
from omniforce.compiler.diff.compare import compare
from omniforce.compiler.ir.program import Program, Step, StepFacts

from .specs import BASE, BRANCHES, TURNED, changes, other, program, told

ROOT = Path(__file__).parents[3]
STEPS = "where it is a multiple of the new step from the low end"
PART = "where it takes part as it did"


@pytest.mark.parametrize(
    "pairs",
    [
        ("metadata: {name: digits}", "metadata:\n  name: digits  # as ever"),
        ("{mlp, cnn}", "{type: choice, range: [mlp, cnn]}"),
        ("int 8...128 log, default 32", "{type: int, range: 8...128, scale: log, default: 32}"),
        ("family == mlp", "family==mlp"),
        (
            "trials: 8",
            "trials: $(params.n)",
            "spec:\n",
            "spec:\n  params: {n: {type: int, default: 8}}\n",
        ),
        ("split: {seed: 7}", "split: {train: 0.6, valid: 0.2, test: 0.2, seed: 7}"),
        ("{runtime: onnx}", "{runtime: onnx, threads: 1, precision: fp32}"),
    ],
)
def test_another_way_to_write_the_same_is_no_change(pairs: tuple[str, ...]) -> None:
    assert changes(*pairs) == ()


def test_the_order_of_keys_parameters_and_goals_but_the_first_is_no_change() -> None:
    lines = BASE.splitlines(keepends=True)
    spec = [*lines[:3], lines[3], *sorted(lines[4:6]), *lines[6:]]
    swapped = [*spec[:7], spec[8], spec[7], *spec[9:]]
    assert compare(program(BASE), program("".join(swapped))) == ()


@pytest.mark.parametrize(
    ("old", "new", "key", "only"),
    [
        ("8...128", "4...256", "width.range", ""),
        ("8...128", "16...256", "width.range", "where it lies in `16...256`"),
        (" log,", ",", "width.scale", ""),
        ("default 32", "default 64", "width.default", ""),
        ("{mlp, cnn}", "{mlp, cnn, vit}", "family.range", ""),
        ("{3, 5, 7}", "{3, 5, 9}", "kernel.range", "where it is none of {7}"),
        ("type: ordinal", "type: choice", "kernel.type", ""),
        ("1...4 when", "1...4 step 3 when", "depth.step", STEPS),
        ("int 1...4 when family == mlp", "int 1...4 when family != cnn", "depth.when", PART),
    ],
)
def test_a_parameter_says_which_trials_it_still_holds(
    old: str, new: str, key: str, only: str
) -> None:
    (change,) = changes(old, new)
    assert (change.path, change.fate, change.only) == (f"spec.searchSpace.{key}", "kept", only)


def test_a_graph_says_nothing_of_values_so_that_its_change_keeps_trials() -> None:
    kernel = "kernel: {type: ordinal, range: {3, 5, 7}, when: family == cnn}"
    cell = "cell: {type: choice, range: {none, skip, conv}, graph: {nodes: 3, absent: none}}"
    graph = "{edges: [0>1, 1>2, 0>2], identity: skip}"
    before, after = (
        other(kernel, cell),
        other(kernel, cell.replace("{nodes: 3, absent: none}", graph)),
    )
    (change,) = compare(program(before), program(after))
    assert (change.path, change.fate, change.only) == ("spec.searchSpace.cell.graph", "kept", "")
    assert (change.before, change.after) == (
        "0>1, 0>2, 1>2; absent {none}",
        "0>1, 1>2, 0>2; identity {skip}",
    )
    plain = other(kernel, cell.replace("graph: {nodes: 3, absent: none}", "count: 3"))
    (change,) = compare(program(plain), program(before))
    assert (change.before, change.fate) == (None, "kept")


def test_a_change_has_the_text_of_both_sides() -> None:
    assert told("8...128", "4...256") == [
        ("spec.searchSpace.width.range", "8...128", "4...256", "kept", "")
    ]
    assert told("when: family == cnn", "when: family != mlp") == [
        (
            "spec.searchSpace.kernel.when",
            'family == "cnn"',
            'family != "mlp"',
            "kept",
            "where it takes part as it did",
        )
    ]


def test_a_new_parameter_is_imputed_by_its_default_and_else_nobody_knows() -> None:
    added = "  constraints", "    rate: 0.0...1.0, default 0.5\n  constraints"
    assert told(*added) == [
        ("spec.searchSpace.rate", None, "0.0...1.0, default 0.5", "imputed", "")
    ]
    added = "  constraints", "    rate: 0.0...1.0\n  constraints"
    assert told(*added) == [("spec.searchSpace.rate", None, "0.0...1.0", "invalidated", "")]
    added = "  constraints", "    rate: 0.0...1.0 when family == cnn\n  constraints"
    assert told(*added) == [
        (
            "spec.searchSpace.rate",
            None,
            '0.0...1.0 when family == "cnn"',
            "kept",
            "where it takes no part",
        )
    ]


def test_a_fixed_argument_that_is_searched_now_is_imputed_with_what_it_was() -> None:
    space = "  constraints", "    epochs: int 10...40\n  constraints"
    assert told(", arguments: {epochs: 20}", "", *space) == [
        ("spec.searchSpace.epochs", "20", "int 10...40", "imputed", "")
    ]
    space = "  constraints", "    epochs: int 30...40\n  constraints"
    assert told(", arguments: {epochs: 20}", "", *space) == [
        ("spec.searchSpace.epochs", "20", "int 30...40", "invalidated", "")
    ]


def test_a_parameter_that_is_fixed_now_keeps_the_trials_that_had_its_value() -> None:
    space = "    width: int 8...128 log, default 32\n", ""
    arguments = "{epochs: 20}", "{epochs: 20, width: 64}"
    constraint = "width * depth <= 256", "depth <= 4"
    assert told(*space, *arguments, *constraint)[0] == (
        "spec.searchSpace.width",
        "int 8...128 log, default 32",
        "64",
        "kept",
        "where it was 64",
    )


def test_arguments_invalidate_since_they_trained_every_trial() -> None:
    assert told("epochs: 20", "epochs: 30") == [
        ("spec.algorithm.arguments.epochs", "20", "30", "invalidated", "")
    ]
    assert told("epochs: 20", "epochs: 20.0") == [
        ("spec.algorithm.arguments.epochs", "20", "20.0", "invalidated", "")
    ]


def test_constraints_come_and_go() -> None:
    assert told("width * depth <= 256", "width * depth <= 128") == [
        ("spec.constraints", "width * depth <= 256", None, "kept", ""),
        ("spec.constraints", None, "width * depth <= 128", "kept", "where it holds"),
    ]


def test_an_objective_needs_a_figure_that_finished_trials_have() -> None:
    goals = "[maximize accuracy, minimize latency.p95 on server]"
    assert told(goals, "[maximize accuracy, minimize loss, minimize latency.p99 on server]") == [
        ("spec.objectives", "minimize latency.p95 on server", None, "kept", ""),
        ("spec.objectives", None, "minimize loss", "kept", ""),
        ("spec.objectives", None, "minimize latency.p99 on server", "kept", ""),
    ]
    with_device = "{server: {runtime: onnx}}", "{server: {runtime: onnx}, edge: {runtime: onnx}}"
    found = told(goals, goals.replace("]", ", require size <= 2MiB on edge]"), *with_device)
    assert found[0][1:4] == (None, "require size <= 2MiB on edge", "invalidated")


def test_another_first_objective_is_a_change_of_its_own() -> None:
    assert told(
        "[maximize accuracy, minimize latency.p95 on server]",
        "[minimize latency.p95 on server, maximize accuracy]",
    ) == [("spec.objectives.0", "maximize accuracy", "minimize latency.p95 on server", "kept", "")]


def test_what_was_measured_otherwise_counts_only_where_an_objective_looks() -> None:
    fates = {
        change: [c.fate for c in changes("{runtime: onnx}", f"{{runtime: onnx, {change}}}")]
        for change in (
            "threads: 1",
            "precision: fp16",
            "measure: {repeats: 400}",
            "measure: {batch: 8}",
        )
    }
    assert fates == {
        "threads: 1": [],
        "precision: fp16": ["invalidated"],
        "measure: {repeats: 400}": ["kept"],
        "measure: {batch: 8}": ["invalidated"],
    }


@pytest.mark.parametrize(
    ("old", "new", "path", "fate"),
    [
        ("name: digits", "name: letters", "metadata.name", "invalidated"),
        ("sklearn://digits", "sklearn://iris", "spec.data.source", "invalidated"),
        ("seed: 7", "seed: 8", "spec.data.split.seed", "invalidated"),
        ("mine:Estimator", "mine:Other", "spec.algorithm.estimator", "invalidated"),
        ("trials: 8", "trials: 80", "spec.search.budget.trials", "kept"),
        ("strategy: random", "strategy: sobol", "spec.search.strategy.name", "kept"),
        ("strategy: random", "strategy: random, seed: 3", "spec.search.seed", "kept"),
        ("trials: 8}", "trials: 8}, trial: {retries: 2}", "spec.search.trial.retries", "kept"),
    ],
)  # fmt: skip
def test_a_block_has_the_fate_of_its_row(old: str, new: str, path: str, fate: str) -> None:
    assert [(c.path, c.fate) for c in changes(old, new)] == [(path, fate)]


def test_the_order_of_branches_that_share_a_name_is_no_change() -> None:
    assert compare(program(BRANCHES), program(TURNED)) == ()


def test_one_of_several_of_a_name_changes_alone() -> None:
    wider = program(TURNED.replace("8...64", "8...128"))
    assert [(c.path, c.before, c.after) for c in compare(program(BRANCHES), wider)] == [
        ("spec.searchSpace.width__net.range", "8...64", "8...128")
    ]
    gone = program(BRANCHES.replace("trees: {width: 1...9}", "trees: {}"))
    assert [(c.path, c.before, c.only) for c in compare(program(BRANCHES), gone)] == [
        (
            "spec.searchSpace.width__trees",
            'int 1...9 when family == "trees"',
            "where it took no part, or its value is one that is searched now",
        )
    ]


def test_every_change_has_a_reason() -> None:
    text = other("8...128", "16...64", "seed: 7", "seed: 8", "trials: 8", "trials: 9")
    assert all(c.why for c in compare(program(BASE), program(text)))


def test_the_worst_of_several_fates_counts() -> None:
    assert worst([]) == "kept"
    assert worst(["kept", "imputed", "kept"]) == "imputed"
    assert worst(["imputed", "invalidated"]) == "invalidated"


def test_every_fact_of_a_step_is_compared_or_said_to_follow_from_others() -> None:
    compared = {
        "Prepare": {"source", "target", "split", "features"},
        "Search": {
            "algorithm", "arguments", "space", "goals", "strategy", "budget", "parallelism", "seed",
            "timeout", "retries", "retry", "backoff", "waiting", "stopping", "warm_start", "nodes",
            "devices", "model", "privacy",
        },
        "Serve": {"device", "scale", "rollout", "logger"},
        "Explain": {"method"},
        "Watch": {"monitor"},
    }  # fmt: skip
    follows = {
        "Search": {"worst_case_seconds"},  # from the budget
        "Serve": {"mode"},  # from scale and rollout
        "Train": {"algorithm", "arguments", "seed", "privacy"},  # as those of the search
        "Convert": {"device"},
        "Measure": {"device"},
        "Notify": {"to"},  # nothing in the language makes one
    }
    facts = {f.name for f in dataclasses.fields(StepFacts)}
    for kind in get_args(Step):
        own = {f.name for f in dataclasses.fields(kind)} - facts
        known = compared.get(kind.__name__, set()) | follows.get(kind.__name__, set())
        assert own == known, kind.__name__
    whole = {f.name for f in dataclasses.fields(Program)}
    assert whole == {"name", "digest", "steps", "platform", "labels", "places"}


def test_the_page_tells_the_fate_and_the_reason_of_every_row() -> None:
    page = (ROOT / "docs" / "diff.md").read_text(encoding="utf-8")
    rows = [f"| {r.where} | {r.fate} | {r.why} |" for r in ROWS]
    assert [row for row in rows if row not in page] == []
