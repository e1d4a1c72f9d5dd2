"""The table of parts says what the classes say: the compiler reads only the table."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from omniforce.spec.space import Choice, Coordinate, FloatRange, Space
from omniforce.strategies.bayesian import table
from omniforce.strategies.bayesian.choice import suited
from omniforce.strategies.conformance.spaces import CONDITIONAL, SMALL
from omniforce.strategies.protocol import Goal, Problem

PARTS = [(kind, name) for kind, parts in table.SETS.items() for name in parts]

SPEC = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {name: parts}
spec:
  data: {source: "sklearn://digits", target: target}
  algorithm: {use: tabular/learner@1}
  searchSpace: {learning_rate: 1e-4...1e-1 log}
  objectives: [maximize accuracy]
  search:
    strategy:
      name: bayesian
      options:
        surrogate: gp
        OPTION
        optimizer: lbfgs
    budget: {trials: 40}
"""


def checked(folder: Path, *options: str) -> tuple[int, str]:
    spec = folder / "spec.yaml"
    spec.write_text(SPEC.replace("OPTION", "\n        ".join(options)), "utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "omniforce.compiler.cli.main", "check", str(spec)],
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr


@pytest.mark.parametrize(("kind", "name"), PARTS)
def test_a_part_is_called_and_set_as_the_table_says(kind: str, name: str) -> None:
    module, _, word = table.SETS[kind][name].where.partition(":")
    part = getattr(import_module(f"omniforce.strategies.bayesian.{module}"), word)
    fields = {field.name: field.default for field in dataclasses.fields(part)}
    assert part.name == name
    assert {each.name: each.default for each in table.options_of_part(kind, name)} == fields


@pytest.mark.parametrize("kind", sorted(table.SETS))
@pytest.mark.parametrize("space", [CONDITIONAL, SMALL], ids=["conditional", "small"])
def test_what_auto_stands_for_is_in_the_table(kind: str, space: object) -> None:
    for goals in (("gain",), ("gain", "cost")):
        problem = Problem(space, tuple(Goal(name, "maximize") for name in goals), 1, 20)  # type: ignore[arg-type]
        assert suited(kind, problem) in table.SETS[kind]


def test_the_optimizer_suits_the_space() -> None:
    numbers = tuple(Coordinate(f"x{at}", (), FloatRange(0.0, 1.0)) for at in range(2))
    choices = tuple(Coordinate(f"c{at}", (), Choice(tuple("abcdefgh"))) for at in range(5))
    spaces = {
        "exhaustive": choices[:4],
        "local-search": choices,
        "lbfgs": (*numbers, *choices[:2]),
        "alternating": (*numbers, *choices[:3]),
    }
    goals = (Goal("gain", "maximize"),)
    chosen = {
        name: suited("optimizer", Problem(Space(coordinates), goals, 1, 20))
        for name, coordinates in spaces.items()
    }
    assert chosen == {name: name for name in spaces}


def test_a_spec_may_name_parts_and_set_their_options(tmp_path: Path) -> None:
    code, said = checked(tmp_path, "acquisition: lcb", "acquisition.kappa: 2")
    assert (code, "OFC" in said) == (0, False)


@pytest.mark.parametrize(
    ("options", "message", "help_", "line"),
    [
        (
            ("acquisition: lbc",),
            "option `acquisition` of strategy `bayesian` is `lbc`",
            "`lcb`",
            "spec.yaml:14:9",
        ),
        (
            ("acquisition: lcb", "acquisition.kapa: 2"),
            "strategy `bayesian` has no option `acquisition.kapa`",
            "`acquisition.kappa`",
            "spec.yaml:15:9",
        ),
        (
            ("acquisition: lcb", "acquisition.kappa: -1"),
            "option `acquisition.kappa` of strategy `bayesian` is `-1`",
            "write at least 0",
            "spec.yaml:15:9",
        ),
        (
            ("acquisition: ei", "acquisition.kappa: 2"),
            "strategy `bayesian` has no option `acquisition.kappa`",
            "its options are",
            "spec.yaml:15:9",
        ),
    ],
    ids=["a-part", "an-option", "its-value", "an-option-of-another-part"],
)
def test_a_wrong_part_or_option_is_told_with_its_place(
    tmp_path: Path, options: tuple[str, ...], message: str, help_: str, line: str
) -> None:
    code, said = checked(tmp_path, *options)
    assert code == 3
    assert f"error[OFC331]: {message}" in said
    assert line in said
    assert help_ in said
