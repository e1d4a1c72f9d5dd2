"""The long form: everything written out, and still the same study."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from omniforce.spec.blocks.long_form import plain
from omniforce.spec.render import render
from omniforce.spec.source import Source
from omniforce.spec.yaml.reader import read_yaml
from omniforce.spec.yaml.text import to_yaml
from tests.support.specs import EVERYTHING, SMALL, loaded

EXAMPLES = Path(__file__).parents[2] / "examples"
SPECS = {"small": SMALL, "everything": EVERYTHING} | {
    p.parent.name: p.read_text(encoding="utf-8") for p in sorted(EXAMPLES.glob("*/omniforce.yaml"))
}

LONG = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata:
  name: digits
  labels: {}
spec:
  data:
    source: sklearn://digits
    target: label
    split:
      train: 0.6
      valid: 0.2
      test: 0.2
      stratify: false
      seed: 0
    features: []
  algorithm:
    use: vision/classifier@1
    command: []
    arguments: {}
    metrics: []
    parameters: []
  searchSpace:
    learning_rate:
      type: float
      range: 0.0001...0.1
      scale: log
  objectives:
    - maximize accuracy
  search:
    budget:
      trials: 8
    strategy:
      name: auto
      options: {}
    parallelism: 1
    seed: 0
    trial:
      timeout: 10m
      retries: 1
      resources:
        cpu: 1.0
        memory: 2GiB
        gpu: 0
      nodes: 1
      retry: {}
      backoff: 10s
    waiting:
      by: deviation
      deviations: 3.0
      least: 30s
      after: 3
    warmStart: "off"
  params: {}
  constraints: []
  devices: {}
  platform:
"""


def test_every_default_is_written_out() -> None:
    text = render(loaded(SMALL))
    assert text[: text.index("    kubernetes:")] == LONG


@pytest.mark.parametrize("text", SPECS.values(), ids=SPECS)
def test_the_long_form_is_the_same_study(text: str) -> None:
    first = loaded(text)
    assert first.diagnostics == ()
    again = loaded(render(first))
    assert again.diagnostics == ()
    assert again.study == first.study
    assert render(again) == render(first)


def test_the_long_form_has_the_values_of_the_run() -> None:
    first = loaded(EVERYTHING, trials="12", target="digit", high="0.5")
    text = render(first)
    assert "trials: $(params.trials)" in text
    again = loaded(text)
    assert again.study == first.study


def test_only_what_could_be_read_has_a_long_form() -> None:
    with pytest.raises(ValueError, match="only a spec that could be read has a long form"):
        render(loaded("a: 1"))


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(_VALUES)
def test_yaml_is_read_as_it_was_meant(value: object) -> None:
    text = to_yaml(value)  # type: ignore[arg-type]
    node, found = read_yaml(Source("f", text))
    assert found == ()
    assert node is not None
    assert plain(node) == value


@given(st.text("ab #:-'\n\t ", max_size=12))
def test_texts_of_several_lines_are_read_as_they_were_meant(text: str) -> None:
    written = to_yaml({"a": text, "b": [{"c": text}]})
    assert yaml.safe_load(written) == {"a": text, "b": [{"c": text}]}
    node, _ = read_yaml(Source("f", written))
    assert node is not None
    assert plain(node) == {"a": text, "b": [{"c": text}]}


def test_a_query_stays_legible() -> None:
    query = "select *,\n       1 as one\n\nfrom data\n"
    assert (
        to_yaml({"features": [{"sql": query}]})
        == """\
features:
  - sql: |
      select *,
             1 as one

      from data
"""
    )


_TRAPS = (
    "y n yes no on off true null ~ 1.10 0755 0o17 0x1F 1e-4 1_000 12:30 2001-12-14 .inf .nan <<"
    " = - -- --- ... ? : , [ ] { } # & * ! | > ' % @ ` 2h 10% 2...5 1e5 1.5GiB 0b1 a:b a: :a a#b"
)


@given(st.sampled_from(_TRAPS.split(" ")) | st.text("0123456789.eExo+-:_ abfn#'\"%,", max_size=8))
def test_a_string_is_a_string_by_the_rules_of_yaml_1_1_too(text: str) -> None:
    written = to_yaml({"a": text, "b": [text]})
    assert yaml.safe_load(written) == {"a": text, "b": [text]}
    node, _ = read_yaml(Source("f", written))
    assert node is not None
    assert plain(node) == {"a": text, "b": [text]}
