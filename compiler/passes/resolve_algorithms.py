"""Put the description of the algorithm in the place of its name, and hold the spec against it.

    search(algorithm=vision/classifier@1)
 => search(algorithm=vision/classifier@1: arguments {depth, ...}, metrics {accuracy, loss})

Needs lowered steps. Promises that every figure of an objective is reported, every parameter is
read, every argument without a default is set, and every choice is known to the algorithm.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from omniforce.spec.blocks.algorithm import AlgorithmInterface, ReportedMetric
from omniforce.spec.blocks.devices import DEVICE_METRICS
from omniforce.spec.diagnostic import Diagnostic, Severity
from omniforce.spec.expression.tree import Metric, Objective, ParetoModel, Quantity
from omniforce.spec.expression.units import UNITS
from omniforce.spec.frozen import dataclass
from omniforce.spec.readers import nearest, or_list

from ..ir.program import Program, Search, Train
from .algorithm_arguments import CUSTOM, argument_faults
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
            *_metrics(search, interface, context),
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


def _metrics(
    search: Search, interface: AlgorithmInterface, context: Context
) -> Iterator[Diagnostic]:
    """Figures that the algorithm never reports, and objectives against their meaning."""
    if interface.name.startswith(CUSTOM):
        return  # `spec.rules.metrics` has held them against `algorithm.metrics`
    reported = {m.name: m for m in interface.metrics}
    for i, goal in enumerate(search.goals):
        if goal.metric.device is not None or goal.metric.name in DEVICE_METRICS:
            continue
        metric = reported.get(goal.metric.name)
        if metric is None:
            yield _unreported(goal.metric, interface, context, "spec", "objectives", i)
        elif isinstance(goal, Objective) and (goal.direction == "maximize") != (
            metric.better == "higher"
        ):
            right = "maximize" if metric.better == "higher" else "minimize"
            yield Diagnostic(
                "OFC328",
                f"`{metric.name}` is better when it is {metric.better}, "
                f"and this would {goal.direction} it",
                context.at("spec", "objectives", i),
                f"{metric.better} is better",
                f"write `{right} {metric.name}`",
                Severity.WARNING,
            )
        if metric is not None:
            amount = goal.reference if isinstance(goal, Objective) else goal.bound
            yield from _unit(metric, amount, context, "spec", "objectives", i)
    if not isinstance(search.model, ParetoModel):
        return
    for rule in search.model.requirements:
        if rule.metric.device is not None or rule.metric.name in DEVICE_METRICS:
            continue
        metric = reported.get(rule.metric.name)
        if metric is None:
            yield _unreported(rule.metric, interface, context, "spec", "deployment", "model")
        else:
            yield from _unit(metric, rule.bound, context, "spec", "deployment", "model")


_DIMENSIONS = {"s": "time", "B": "size"}


def _unit(
    metric: ReportedMetric, amount: object, context: Context, *path: str | int
) -> Iterator[Diagnostic]:
    """A bound or reference in a unit of something else than what the algorithm reports."""
    if not isinstance(amount, Quantity):
        return
    dimension = UNITS[amount.unit].dimension
    if dimension == _DIMENSIONS.get(metric.unit, "share"):
        return
    known = {"s": "a time, as in `5ms`", "B": "a size, as in `2MiB`"}
    what = known.get(metric.unit, "a plain number or a share")
    yield Diagnostic(
        "OFC205",
        f"`{metric.name}` is {what.partition(',')[0]}, and `{amount.unit}` is no unit of it",
        context.part_at(amount.at, *path),
        f"`{amount.unit}` is no unit of `{metric.name}`",
        f"write {what}",
    )


def _unreported(
    metric: Metric, interface: AlgorithmInterface, context: Context, *path: str | int
) -> Diagnostic:
    names = tuple(m.name for m in interface.metrics)
    meant = nearest(metric.name, names)
    listed = f"it reports {or_list(names)}" if names else "it reports nothing"
    fix = context.respelled(metric.name, meant, names, *path, at=metric.at)
    return Diagnostic(
        "OFC321",
        f"`{interface.name}` does not report `{metric.name}`",
        context.part_at(metric.at, *path),
        f"did you mean `{meant}`?" if meant else "never reported",
        f"write `{meant}`" if meant else listed,
        edits=fix.edits,
        applicable=fix.applicable,
    )
