"""Say what runs each step: the paper's resource scheduler (section 3.3).

    search(runner=None), train(runner=None), serve(runner=None)
 => search(runner=function), train(runner=pipeline), serve(runner=service)

Needs lowered steps. Promises a runner on every step: what waits for events is a function and goes
to zero, what works once is a pipeline's step, what answers requests is a service. A target that
has no such thing runs a step as a process of its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from omniforce.spec.frozen import dataclass

from ..ir.program import (
    Advise,
    Convert,
    Explain,
    Measure,
    Notify,
    Prepare,
    Program,
    Register,
    Search,
    Serve,
    Step,
    Train,
    Watch,
)
from .context import Context, Outcome


@dataclass(frozen=True, slots=True)
class PlaceSteps:
    """Places steps by their kind; one that is placed already stays."""

    name: str = "place-steps"

    def run(self, program: Program, context: Context) -> Outcome:
        """The program with a runner for every step."""
        steps = (s if s.runner else replace(s, runner=_runner(s)) for s in program.steps)
        return Outcome(replace(program, steps=tuple(steps)))


def _runner(step: Step) -> Literal["function", "pipeline", "service"]:
    match step:
        case Search() | Watch() | Advise() | Notify():
            return "function"
        case Prepare() | Train() | Convert() | Measure() | Register():
            return "pipeline"
        case Serve() | Explain():
            return "service"
