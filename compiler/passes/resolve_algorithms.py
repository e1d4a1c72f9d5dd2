"""Put the description of the algorithm in the place of its name, and hold the spec against it.

    search(algorithm=vision/classifier@1)
 => search(algorithm=vision/classifier@1: arguments {depth, ...}, metrics {accuracy, loss})

Needs lowered steps. Promises that every figure of an objective is reported, every parameter is
read, every argument without a default is set, and every choice is known to the algorithm.
"""

from __future__ import annotations

from dataclasses import replace

from omniforce.spec.blocks.algorithm import AlgorithmInterface
from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.frozen import dataclass
from omniforce.spec.readers import nearest, or_list

from ..ir.program import Program, Search, Train
from .algorithm_arguments import argument_faults
from .algorithm_metrics import metric_faults
from .context import Context, Outcome


@dataclass(frozen=True, slots=True)
class ResolveAlgorithms:
    """Looks each algorithm up and checks what the spec asks of it."""

    name: str = "resolve-algorithms"

    def run(self, program: Program, context: Context) -> Outcome:
        """The program with whole interfaces; an unknown algorithm stays a name."""
        search = next(s for s in program.steps if isinstance(s, Search))
        interface = self._find(search.algorithm, context)
        if interface is None:
            return Outcome(program, (_unknown(search.algorithm, context),))
        steps = tuple(
            replace(s, algorithm=interface) if isinstance(s, (Search, Train)) else s
            for s in program.steps
        )
        found = (
            *metric_faults(search, interface, context),
            *argument_faults(search, interface, context),
        )
        return Outcome(replace(program, steps=steps), found)

    def _find(self, wanted: AlgorithmInterface, context: Context) -> AlgorithmInterface | None:
        if wanted.estimator:
            return wanted
        return context.catalogue.algorithms(f"{wanted.name}@{wanted.version}")


def _unknown(wanted: AlgorithmInterface, context: Context) -> Diagnostic:
    name = f"{wanted.name}@{wanted.version}"
    known = context.catalogue.algorithm_names()
    meant = nearest(name, known)
    listed = or_list(known) if known else "none is installed"
    fix = context.respelled(name, meant, known, "spec", "algorithm", "use")
    return Diagnostic(
        "OFC320",
        f"there is no algorithm `{name}`",
        context.at("spec", "algorithm", "use"),
        f"did you mean `{meant}`?" if meant else "unknown algorithm",
        f"write `use: {meant}`" if meant else f"the library has {listed}",
        edits=fix.edits,
        applicable=fix.applicable,
    )
