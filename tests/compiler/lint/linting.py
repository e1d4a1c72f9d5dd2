"""Specs to lint: a good one, and what the linter says of it with something else in it."""

from __future__ import annotations

from omniforce.compiler.cli.composition import catalogue
from omniforce.compiler.lint.linter import EVERYTHING, Linted, Selection, lint
from omniforce.compiler.pipeline import compile_study
from omniforce.spec.load import load
from omniforce.spec.source import Source

GOOD = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {name: digits}
spec:
  data:
    source: sklearn://digits
    split: {train: 0.6, valid: 0.2, test: 0.2, seed: 7}
  algorithm: {estimator: "mine:Estimator", metrics: [accuracy]}
  searchSpace:
    width: int 8...128 log, default 32
  objectives: [maximize accuracy]
  search:
    budget: {trials: 8}
"""


def linted(text: str, selection: Selection = EVERYTHING) -> Linted:
    """What the linter says of a spec."""
    loaded = load(Source("spec.yaml", text))
    return lint(loaded, compile_study(loaded, catalogue()), selection)


def codes(text: str) -> list[str]:
    """The codes alone, in the order of the file."""
    return [d.code for d in linted(text).diagnostics]


def with_space(*lines: str) -> str:
    """The good spec with another search space."""
    return GOOD.replace(
        "    width: int 8...128 log, default 32\n", "".join(f"    {line}\n" for line in lines)
    )
