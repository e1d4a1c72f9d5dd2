"""Put the description of the algorithm in the place of its name, and hold the spec against it.

    search(algorithm=vision/classifier@1)
 => search(algorithm=vision/classifier@1: arguments {depth, ...}, metrics {accuracy, loss})

Needs lowered steps. Promises that every figure of an objective is reported, every parameter is
read, every argument without a default is set, and every choice is known to the algorithm.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from omniforce.spec.blocks.algorithm import AlgorithmInterface, Argument, ReportedMetric
from omniforce.spec.blocks.devices import DEVICE_METRICS
from omniforce.spec.diagnostic import Diagnostic, Related, Severity
from omniforce.spec.expression.tree import Metric, Objective, ParetoModel, Quantity, Value
from omniforce.spec.expression.units import UNITS
from omniforce.spec.fix import NO_FIX, respelled
from omniforce.spec.frozen import dataclass
from omniforce.spec.readers import nearest, or_list
from omniforce.spec.source import Path, Span
from omniforce.spec.space import Choice, Domain, FloatRange, IntRange

from ..ir.program import Program, Search, Train
from .context import Context, Outcome

CUSTOM = "custom/"
"""How lowering calls an estimator of the writer's own, of which only names are known."""


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
            *_arguments(search, interface, context),
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


def _arguments(
    search: Search, interface: AlgorithmInterface, context: Context
) -> Iterator[Diagnostic]:
    """Parameters nobody reads, arguments nobody sets, and values that do not fit."""
    fixed = dict(search.arguments)
    searched = {c.name: c.domain for c in search.space}
    known = {a.name: a for a in interface.arguments}
    for name in (n for n in fixed if n in searched):
        yield Diagnostic(
            "OFC326",
            f"`{name}` is fixed under `arguments` and searched as well",
            context.key_at("spec", "algorithm", "arguments", name),
            "fixed here",
            f"remove `{name}` from `arguments`, or from `searchSpace`",
            related=_related(_parameter(name, context), "searched here"),
        )
    if not known:
        return
    for name in (*searched, *fixed):
        if name not in known:
            where = (
                _parameter(name, context)
                if name in searched
                else context.key_at("spec", "algorithm", "arguments", name)
            )
            yield _unread(name, known, interface, where, name not in searched)
    if interface.name.startswith(CUSTOM):
        return
    for name, argument in known.items():
        if name in searched:
            span = context.at(*_path(name, context), "range")
            yield from _misfit(argument, searched[name], span)
        elif name in fixed:
            span = context.at("spec", "algorithm", "arguments", name)
            yield from _misfit(argument, Choice((fixed[name],)), span)
        elif argument.default is None:
            yield Diagnostic(
                "OFC323",
                f"nothing sets `{name}`, which `{interface.name}` needs",
                context.key_at("spec", "algorithm"),
                f"`{name}` has no default",
                f"search it, or fix it with `arguments: {{{name}: ...}}`",
            )


def _parameter(name: str, context: Context) -> Span | None:
    return context.key_at(*_path(name, context))


def _path(name: str, context: Context) -> Path:
    """Where a parameter stands, however deep in the tree of the search space."""
    root: Path = ("spec", "searchSpace")
    paths = (p for p in context.spans if p[:2] == root and p[-1] == name)
    return min(paths, key=len, default=root)


def _related(span: Span | None, label: str) -> tuple[Related, ...]:
    return (Related(span, label),) if span is not None else ()


def _unread(
    name: str,
    known: dict[str, Argument],
    interface: AlgorithmInterface,
    span: Span | None,
    fixed: bool,
) -> Diagnostic:
    meant = nearest(name, known)
    # A parameter of the space may be named in conditions as well, so only a fixed one is sure.
    fix = respelled(span, name, meant, known) if fixed and span is not None else NO_FIX
    return Diagnostic(
        "OFC322",
        f"`{interface.name}` does not read `{name}`",
        span,
        f"did you mean `{meant}`?" if meant else "nothing reads it",
        f"write `{meant}`" if meant else f"it reads {or_list(known)}",
        edits=fix.edits,
        applicable=fix.applicable,
    )


def _misfit(argument: Argument, domain: Domain, span: Span | None) -> Iterator[Diagnostic]:
    """What of a domain the argument cannot take: a wrong type, or a choice it does not know."""
    if not _fits(argument, domain):
        yield Diagnostic(
            "OFC325",
            f"`{argument.name}` takes {_WORDS[argument.type]}, not {_describe(domain)}",
            span,
            f"expected {_WORDS[argument.type]}",
            f"the algorithm knows {_values(argument.values)}"
            if argument.values
            else f"give it {_FORMS[argument.type]}",
        )
    elif argument.values:
        for value in _listed(domain):
            if value not in argument.values:
                word = _text(value)
                meant = nearest(word, tuple(map(_text, argument.values)))
                yield Diagnostic(
                    "OFC324",
                    f"`{argument.name}` cannot be `{word}`",
                    span,
                    f"did you mean `{meant}`?" if meant else f"`{word}` is not known",
                    f"the algorithm knows {_values(argument.values)}",
                )


_WORDS = {
    "int": "whole numbers",
    "float": "numbers",
    "bool": "`true` and `false`",
    "choice": "one of its choices",
}


_FORMS = {
    "int": "`type: int` and a range such as `1...8`",
    "float": "`type: float` and a range such as `0.1...1`",
    "bool": "`type: choice` and the range `{true, false}`",
    "choice": "`type: choice`",
}


def _fits(argument: Argument, domain: Domain) -> bool:
    match domain:
        case IntRange():
            return argument.type in ("int", "float") or _is_listed(argument, domain)
        case FloatRange():
            return argument.type == "float"
        case Choice(values=values):
            return all(_takes(argument, v) for v in values)


def _is_listed(argument: Argument, domain: IntRange) -> bool:
    values = range(domain.low, domain.high + 1, domain.step)
    return argument.type == "choice" and all(v in argument.values for v in values)


def _takes(argument: Argument, value: Value) -> bool:
    match argument.type:
        case "int":
            return type(value) is int
        case "float":
            return type(value) in (int, float)
        case "bool":
            return type(value) is bool
        case "choice":
            return True


def _listed(domain: Domain) -> tuple[Value, ...]:
    return domain.values if isinstance(domain, Choice) else ()


def _describe(domain: Domain) -> str:
    match domain:
        case IntRange():
            return "a range of whole numbers"
        case FloatRange():
            return "a range of real numbers"
        case Choice(values=values):
            return _values(values) if len(values) <= 6 else "these choices"


def _values(values: tuple[Value, ...]) -> str:
    return or_list(tuple(map(_text, values)))


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
