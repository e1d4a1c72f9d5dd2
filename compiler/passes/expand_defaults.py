"""Write out the arguments that neither the space nor the spec sets.

    search(arguments={}, algorithm reads depth=2, dropout=0.0; space {depth})
 => search(arguments={dropout: 0.0})

Needs resolved algorithms. Promises that a trial's arguments are all in the program, so that a new
default in the library is a change that one sees in `ofc.lock` and in every cache key.
"""

from __future__ import annotations

from dataclasses import replace

from omniforce.spec.expression.tree import Value
from omniforce.spec.frozen import dataclass

from ..ir.program import Program, Search, Step, Train
from .context import Context, Outcome


@dataclass(frozen=True, slots=True)
class ExpandDefaults:
    """Completes the fixed arguments, the written ones first."""

    name: str = "expand-defaults"

    def run(self, program: Program, context: Context) -> Outcome:
        """The program with every default argument."""
        spaces = [s.space for s in program.steps if isinstance(s, Search)]
        searched = {c.argument for space in spaces for c in (*space, *space.derived)}
        return Outcome(
            replace(program, steps=tuple(self._expanded(s, searched) for s in program.steps))
        )

    def _expanded(self, step: Step, searched: set[str]) -> Step:
        if not isinstance(step, (Search, Train)):
            return step
        written = dict(step.arguments)
        added: tuple[tuple[str, Value], ...] = tuple(
            (a.name, a.default)
            for a in step.algorithm.arguments
            if a.default is not None and a.name not in written and a.name not in searched
        )
        return replace(step, arguments=step.arguments + added)
