"""What a target is: it says what it cannot express, and writes the rest as files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from omniforce.compiler.ir.program import Program
from omniforce.spec.diagnostic import Diagnostic


@dataclass(frozen=True, slots=True)
class File:
    """One file of the output. `path` is relative, with forward slashes."""

    path: str
    text: str


class Target(Protocol):
    """Where a program goes."""

    @property
    def name(self) -> str:
        """What `--target` calls it."""
        ...

    def refuse(self, program: Program) -> tuple[Diagnostic, ...]:
        """All that this target cannot express, each with its place and a way out."""
        ...

    def emit(self, program: Program) -> tuple[File, ...]:
        """The files, sorted by path; the same program gives the same bytes.

        Called only for a program that `refuse` let pass.
        """
        ...
