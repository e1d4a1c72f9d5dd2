"""What Katib cannot be told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from omniforce.compiler.capabilities import unsupported
from omniforce.compiler.ir.program import Program
from omniforce.spec.diagnostic import Diagnostic

from ..foreign_search.refusals import shared_refusals
from ..kubernetes.steps import search_of
from .algorithm import undrawable

TARGET: Final = "katib"

SUPPORTS: Final = frozenset(
    {
        "image",
        "objectives.device",
        "precision:fp16",
        "precision:fp32",
        "precision:int8",
        "runtime:onnx",
        "source:file",
        "source:sklearn",
        "space.derived",
        "space.step",
        "strategy:bayesian",
        "strategy:random",
        "strategy:sobol",
    }
)
"""The words of `compiler.capabilities` that an Experiment has a place for, or our own trial does:
it computes derived values, and measures on devices."""


def refusals(program: Program) -> Iterator[Diagnostic]:
    """What an Experiment has no word for, then what Katib would draw or pass on otherwise."""
    yield from unsupported(TARGET, SUPPORTS, program)
    yield from shared_refusals(TARGET, SUPPORTS, program)
    yield from undrawable(program, search_of(program))
