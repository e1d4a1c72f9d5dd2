"""What set each value of a spec."""

from __future__ import annotations

from omniforce.spec.layers.origins import origins
from omniforce.spec.load import load
from omniforce.spec.render import render
from omniforce.spec.source import Source
from tests.support.specs import EVERYTHING, loaded

SPEC = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {name: digits}
spec:
  params:
    trials: {type: int, default: 8}
    seed: {type: int, default: 1}
  data: {source: "sklearn://digits", target: label}
  algorithm: {use: vision/classifier@1}
  searchSpace:
    learning_rate: 1e-4...1e-1 log
  objectives: [maximize accuracy]
  search:
    seed: $(params.seed)
    budget: {trials: $(params.trials)}
"""


def test_each_line_says_what_set_it() -> None:
    made = load(
        Source("spec.yaml", SPEC),
        {"seed": "4"},
        overlays=[Source("prod.yaml", "spec:\n  objectives:\n    - maximize f1\n")],
        settings=["spec.search.trial.timeout=5m"],
    )
    found = {line.text.strip(): origin.text for line, origin in origins(made) if origin}
    asked = (
        "source: sklearn://digits",
        "type: float",
        "- maximize f1",
        "seed: $(params.seed)",
        "trials: $(params.trials)",
        "timeout: 5m",
        "retries: 1",
        "default: 4",
        "default: 8",
    )
    assert {line: found[line] for line in asked} == {
        "source: sklearn://digits": "spec.yaml:8",
        "type: float": "spec.yaml:11",
        "- maximize f1": "prod.yaml:3",
        "seed: $(params.seed)": "spec.yaml:14, seed from -p seed",
        "trials: $(params.trials)": "spec.yaml:15, trials from spec.yaml:6",
        "timeout: 5m": "--set spec.search.trial.timeout=5m",
        "retries: 1": "default",
        "default: 4": "-p seed",
        "default: 8": "spec.yaml:6",
    }


def test_the_lines_are_those_of_the_long_form() -> None:
    made = loaded(EVERYTHING)
    assert "".join(f"{line.text}\n" for line, _ in origins(made)) == render(made)


def test_a_line_that_opens_a_block_has_no_origin() -> None:
    opened = [line.text for line, origin in origins(loaded(EVERYTHING)) if origin is None]
    assert "spec:" in opened
    assert "  searchSpace:" in opened
