"""The files of a compiled study, as text."""

from __future__ import annotations

from dataclasses import replace

from omniforce.compiler.canonical import canonical
from omniforce.compiler.ir.program import Program
from omniforce.spec.plain.values import to_plain

from .tick import tick


def study_files(program: Program) -> dict[str, str]:
    """What functions and trials read, by file name."""
    return {"study.json": study_json(program), "tick.json": canonical(tick(program))}


def study_json(program: Program) -> str:
    """The program as canonical JSON, without the places in the file that it came from.

    A comment more in the spec, or another directory, must not make a new revision.
    """
    steps = tuple(replace(step, span=None) for step in program.steps)
    return canonical(to_plain(replace(program, steps=steps, places=())))
