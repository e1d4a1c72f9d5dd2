"""Pick how a model server is deployed, and refuse wishes that no mode grants together.

    serve(scale={min: 0, max: 4}, mode=None)  =>  serve(..., mode=Knative)

Needs lowered steps. Promises a mode on every server. Knative is taken wherever the wishes allow
it: it goes to zero, wakes on a request and splits traffic for a canary by itself, where Standard
needs KEDA for the first two and a second predictor for the third.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from omniforce.spec.diagnostic import Diagnostic, Related
from omniforce.spec.frozen import dataclass

from ..ir.program import Program, Serve
from .context import Context, Outcome

SCALE = ("spec", "deployment", "scale")


@dataclass(frozen=True, slots=True)
class PickDeploymentMode:
    """Takes Knative, and cites line against line where wishes contradict.

    Attributes:
        fastest_wake: seconds below which no server wakes from zero. Waking a small function
            took 1.4 to 1.95 s on a real cluster, before any model was loaded.
    """

    name: str = "pick-deployment-mode"
    fastest_wake: float = 1.0

    def run(self, program: Program, context: Context) -> Outcome:
        """The program with a mode for every server."""
        found = [
            d
            for s in program.steps
            if isinstance(s, Serve)
            for d in self._contradictions(s, context)
        ]
        steps = tuple(
            replace(s, mode="Knative") if isinstance(s, Serve) and s.mode is None else s
            for s in program.steps
        )
        return Outcome(replace(program, steps=steps), tuple(found))

    def _contradictions(self, serve: Serve, context: Context) -> Iterator[Diagnostic]:
        scale = serve.scale
        wake = scale.cold_start
        if scale.min == 0 and wake is not None and wake.p95 < self.fastest_wake:
            yield Diagnostic(
                "OFC505",
                f"a cold start of {wake.p95:g} s is wished for, and no server wakes from zero "
                f"in under {self.fastest_wake:g} s",
                context.at(*SCALE, "coldStart", "p95"),
                "faster than waking is",
                "keep one server with `min: 1`, or write `coldStart: {p95: 8s}`",
                related=_cite(context, "min", "sleeps at zero servers"),
            )


def _cite(context: Context, key: str, label: str) -> tuple[Related, ...]:
    """The second line of a contradiction, where it was written and is no default."""
    span = context.at(*SCALE, key)
    return (Related(span, label),) if span and context.written(*SCALE, key) else ()
