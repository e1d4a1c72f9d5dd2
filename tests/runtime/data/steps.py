"""A prepare step written as short as a test wants it."""

from __future__ import annotations

from omniforce.compiler.ir.program import Prepare
from omniforce.spec.blocks.data import Feature, Split


def step(
    source: str,
    *features: Feature,
    target: str | None = None,
    split: Split = Split(seed=7),  # noqa: B008 - a frozen value
) -> Prepare:
    return Prepare(name="prepare", source=source, target=target, split=split, features=features)
