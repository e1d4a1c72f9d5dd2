"""Two specs that differ in one place, and what the difference means."""

from __future__ import annotations

from omniforce.compiler.cli.composition import catalogue
from omniforce.compiler.diff.change import Change
from omniforce.compiler.diff.compare import compare
from omniforce.compiler.ir.program import Program
from omniforce.compiler.pipeline import compile_study
from omniforce.spec.load import load
from omniforce.spec.source import Source

BASE = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {name: digits}
spec:
  data: {source: sklearn://digits, target: label, split: {seed: 7}}
  algorithm: {estimator: "mine:Estimator", metrics: [accuracy, loss], arguments: {epochs: 20}}
  searchSpace:
    family: {mlp, cnn}
    width: int 8...128 log, default 32
    depth: int 1...4 when family == mlp
    kernel: {type: ordinal, range: {3, 5, 7}, when: family == cnn}
  constraints: [width * depth <= 256]
  objectives: [maximize accuracy, minimize latency.p95 on server]
  search: {budget: {trials: 8}, strategy: random}
  devices: {server: {runtime: onnx}}
"""


def program(text: str) -> Program:
    """The program of a spec that has no errors."""
    compiled = compile_study(load(Source("spec.yaml", text)), catalogue())
    assert compiled.program is not None, compiled.diagnostics
    return compiled.program


def other(*pairs: str) -> str:
    """The base with texts replaced: old, new, old, new..."""
    text = BASE
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        assert old in text, old
        text = text.replace(old, new)
    return text


def changes(*pairs: str) -> tuple[Change, ...]:
    """What differs after the replacements."""
    return compare(program(BASE), program(other(*pairs)))


def told(*pairs: str) -> list[tuple[str, str | None, str | None, str, str]]:
    """The same as plain tuples, without the reasons."""
    return [(c.path, c.before, c.after, c.fate, c.only) for c in changes(*pairs)]


BRANCHES = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {name: digits}
spec:
  data: {source: sklearn://digits}
  algorithm: {estimator: "mine:Estimator", metrics: [accuracy]}
  searchSpace:
    family:
      type: choice
      range: {net, trees}
      submodule:
        net: {width: 8...64, deep: bool when width > 16}
        trees: {width: 1...9}
  objectives: [maximize accuracy]
  search: {budget: {trials: 8}}
"""
"""One argument in two branches that exclude each other."""

TURNED = BRANCHES.replace(
    """\
        net: {width: 8...64, deep: bool when width > 16}
        trees: {width: 1...9}
""",
    """\
        trees: {width: 1...9}
        net: {width: 8...64, deep: bool when width > 16}
""",
)
