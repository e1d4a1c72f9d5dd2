"""The target `local`: this machine, whose only file is the plan of what `ofc run` does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from omniforce.compiler.capabilities import unsupported
from omniforce.compiler.ir.program import Program, Serve
from omniforce.compiler.language_uses import LANGUAGE
from omniforce.spec.blocks.deployment import ScaleTo
from omniforce.spec.diagnostic import Diagnostic

from ...target import File
from .plan import plan, plan_text

SUPPORTS: Final = frozenset(
    {
        "budget.kWh",
        "budget.usd",
        "budget.wallClock",
        "canary",
        "command",
        "estimator",
        "measure:function",
        "precision:fp16",
        "precision:fp32",
        "precision:int8",
        "runtime:onnx",
        "serve",
        "source:file",
        "source:sklearn",
        "stopping",
        "warmStart",
    }
    | LANGUAGE
)
"""The words of `compiler.capabilities` that this machine does."""


@dataclass(frozen=True, slots=True)
class LocalTarget:
    """Trials in processes here, the store in one file, the model served on loopback."""

    name: ClassVar[str] = "local"

    def refuse(self, program: Program) -> tuple[Diagnostic, ...]:
        """All that this machine does not do, each with its place and a way out."""
        return unsupported(self.name, SUPPORTS, program)

    def emit(self, program: Program) -> tuple[File, ...]:
        """The plan as text."""
        return (File("plan.txt", plan_text(plan(program))),)


def notes(program: Program) -> tuple[str, ...]:
    """What of the spec means less here than on a cluster."""
    serve = next((step for step in program.steps if isinstance(step, Serve)), None)
    found = []
    if serve is not None and serve.scale != ScaleTo():
        found.append("`scale` is for a cluster: here one server answers while it runs")
    if serve is not None and serve.rollout is not None:
        found.append("a canary needs a model before it: here the new one gets every request")
    return tuple(found)
