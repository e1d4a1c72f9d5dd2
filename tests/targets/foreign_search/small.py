"""A study that Katib and Trainer can search, and its parts to change."""

from __future__ import annotations

from typing import Any

from omniforce.compiler.cli.composition import PLATFORMS, catalogue
from omniforce.compiler.ir.program import Program
from omniforce.compiler.pipeline import compile_study
from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.load import load
from omniforce.spec.source import Source

SMALL = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {name: digits}
spec:
  data: {source: "sklearn://digits", target: label}
  algorithm: {use: vision/classifier@1, arguments: {family: mlp, epochs: 2}}
  searchSpace:
    layers: int 1...3
    dropout: 0...0.5
    learning_rate: 1e-4...1e-1 log
    batch_size: {32, 64}
  objectives: [maximize accuracy]
  search:
    strategy: random
    budget: {trials: 8}
    parallelism: 4
    seed: 7
"""


def compiled(text: str, target: str) -> tuple[Program | None, tuple[Diagnostic, ...]]:
    """A spec's program for a target, and what is said of it."""
    platform = PLATFORMS[target]()
    made = compile_study(load(Source("spec.yaml", text)), catalogue(), platform.target)
    return made.program, made.diagnostics


def objects(text: str, target: str) -> list[dict[str, Any]]:
    """What is emitted for a spec, as trees in the order of their files."""
    import yaml

    program, found = compiled(text, target)
    assert program is not None, [d.message for d in found]
    files = PLATFORMS[target]().target.emit(program)
    return [yaml.safe_load(f.text) for f in files if f.path != "kustomization.yaml"]


def one(text: str, target: str, kind: str) -> dict[str, Any]:
    """The one object of a kind."""
    (found,) = (o for o in objects(text, target) if o["kind"] == kind)
    return found


def refused(text: str, target: str) -> list[tuple[str, str, str, str]]:
    """What is refused: code, place, message and way out."""
    _, found = compiled(text, target)
    return [(d.code, str(d.span), d.message, d.help) for d in found if d.is_error]
