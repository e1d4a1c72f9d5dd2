"""NNI's search space: its kinds of draws, and choices that open spaces of their own."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from omniforce.spec.expression.print import number_to_text, value_to_text
from omniforce.spec.expression.tree import Value
from omniforce.spec.nodes import MappingNode, Node, Scalar, SequenceNode

from .findings import Findings
from .foreign_block import number_of
from .foreign_study import Bounds, Searched
from .naming import Naming

DEVIATIONS = 4
"""How many of them beyond the mean the range of an unbounded draw goes."""

DEEPEST = 20


def read_space(
    node: MappingNode, naming: Naming, findings: Findings
) -> tuple[tuple[Searched, ...], tuple[tuple[str, Value], ...]]:
    """What is searched, and what has one value only."""
    walk = _Walk(naming, findings)
    walk.space(node, "", None, 0)
    if not walk.searched and not findings.has_errors:
        findings.wrong(
            "nothing is searched", node.span, "an empty space", "write one parameter at least"
        )
    return tuple(walk.searched), tuple(walk.constants)


@dataclass(slots=True)
class _Walk:
    naming: Naming
    findings: Findings
    searched: list[Searched] = field(default_factory=list)
    constants: list[tuple[str, Value]] = field(default_factory=list)

    def space(self, node: MappingNode, above: str, when: str | None, depth: int) -> None:
        if depth > DEEPEST:
            self.findings.wrong("the space is nested too deep", node.span, "too deep", "unnest it")
            return
        for entry in node.entries:
            if entry.key.text != "_name":
                self.parameter(entry.key.text, entry.value, above, when, depth)

    def parameter(self, key: str, node: Node, above: str, when: str | None, depth: int) -> None:
        origin = f"{above}{key}"
        kind = node.get("_type") if isinstance(node, MappingNode) else None
        value = node.get("_value") if isinstance(node, MappingNode) else None
        if not isinstance(kind, Scalar) or not isinstance(value, SequenceNode):
            self.findings.wrong(
                f"`{origin}` has no `_type` with a list `_value`",
                node.span,
                "no parameter of NNI's",
                'write `{"_type": "uniform", "_value": [0, 1]}`',
            )
            return
        if kind.text == "choice":
            self.choice(origin, value, when, depth)
            return
        numbers = [number_of(item) for item in value.items]
        wanted = _NUMBERS.get(kind.text)
        if wanted is None or len(numbers) != wanted or None in numbers:
            self.findings.wrong(
                f"`{origin}` is `{kind.text}` of {len(numbers)} values",
                node.span,
                f"expected {wanted} numbers" if wanted else "no kind of NNI's",
                f"write one of choice, {', '.join(_NUMBERS)}",
            )
            return
        self.draw(origin, kind.text, [n for n in numbers if n is not None], when, node)

    def choice(self, origin: str, value: SequenceNode, when: str | None, depth: int) -> None:
        words: list[Value] = []
        inner: list[tuple[Value, MappingNode]] = []
        for item in value.items:
            found = self.option(origin, item)
            if found is None:
                return
            words.append(found)
            if isinstance(item, MappingNode):
                inner.append((found, item))
        if not words or len({(type(w), w) for w in words}) != len(words):
            self.findings.wrong(
                f"`{origin}` has no different values",
                value.span,
                "the same twice",
                "write each once",
            )
            return
        name = self.naming.parameter(origin, value.span)
        if len(words) == 1 and not inner:
            self.constant(name, words[0], when)
            return
        self.searched.append(Searched(name=name, origin=origin, range=tuple(words), when=when))
        for word, item in inner:
            here = f"{name} == {value_to_text(word)}"
            self.space(item, f"{origin}.{word}.", here, depth + 1)

    def option(self, origin: str, item: Node) -> Value | None:
        """One value of a choice; the name of a space of its own."""
        name = item.get("_name") if isinstance(item, MappingNode) else item
        if isinstance(name, Scalar) and name.value is not None and _is_finite(name.value):
            return name.value
        self.findings.wrong(
            f"`{origin}` may be a value that a spec cannot say",
            item.span,
            "no number, word or truth value",
            "give it a word, and let the estimator know what it stands for",
        )
        return None

    def draw(
        self, origin: str, kind: str, numbers: list[int | float], when: str | None, node: Node
    ) -> None:
        name = self.naming.parameter(origin, node.span)
        made = _drawn(kind, numbers)
        if made is None:
            self.findings.wrong(
                f"`{origin}` has no range: {', '.join(map(number_to_text, numbers))}",
                node.span,
                "no range",
                "the lower end goes first, and is above zero on a logarithmic scale",
            )
            return
        if made.note:
            self.findings.otherwise(f"`{origin}` {made.note}", node.span, "otherwise in the spec")
        if made.low == made.high:
            self.constant(name, made.low, when)
            return
        self.searched.append(
            Searched(
                name=name,
                origin=origin,
                range=Bounds(made.low, made.high),
                log=made.log,
                step=made.step,
                prior=made.prior,
                when=when,
            )
        )

    def constant(self, name: str, value: Value, when: str | None) -> None:
        if when is None:
            self.constants.append((name, value))
            return
        self.searched.append(Searched(name=name, origin=name, range=(value,), when=when))


_NUMBERS = {
    "randint": 2,
    "uniform": 2,
    "quniform": 3,
    "loguniform": 2,
    "qloguniform": 3,
    "normal": 2,
    "qnormal": 3,
    "lognormal": 2,
    "qlognormal": 3,
}
"""How many numbers each kind takes."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    low: int | float
    high: int | float
    log: bool = False
    step: int | float | None = None
    prior: str | None = None
    note: str = ""


def _drawn(kind: str, numbers: list[int | float]) -> _Drawn | None:
    """The range of a draw; None where there is none."""
    match kind, numbers:
        case "randint", [low, high]:  # NNI leaves the upper end out
            low, high = math.ceil(low), math.ceil(high) - 1
            return _Drawn(low, high) if low <= high else None
        case "uniform", [low, high]:
            return _Drawn(float(low), float(high)) if low <= high else None
        case "loguniform", [low, high]:
            return _Drawn(float(low), float(high), log=True) if 0 < low <= high else None
        case "quniform", [low, high, step] if low <= high and step > 0:
            return _grid(low, high, step)
        case "qloguniform", [low, high, step] if 0 < low <= high and step > 0:
            if step == 1 and float(low).is_integer() and float(high).is_integer():
                return _Drawn(int(low), int(high), log=True)
            note = f"has steps of {step:g} on a logarithmic scale; the spec has all between"
            return _Drawn(float(low), float(high), log=True, note=note)
        case ("normal" | "qnormal", [mean, deviation, *step]) if deviation > 0:
            return _bell(mean, deviation, step)
        case ("lognormal" | "qlognormal", [mean, deviation, *step]) if 0 < deviation < 20:
            return _log_bell(mean, deviation, step)
        case _:
            return None


def _grid(low: int | float, high: int | float, step: int | float) -> _Drawn:
    """Multiples of a step, clipped to the bounds, where ours begin at the lower one."""
    first, last = math.ceil(low / step - 1e-9) * step, math.floor(high / step + 1e-9) * step
    first, last = _tidy(first), _tidy(last)
    if last <= first:
        return _Drawn(
            float(low), float(high), note="has one step at most; the spec has all between"
        )
    exact = math.isclose(first, low, abs_tol=1e-12) and math.isclose(last, high, abs_tol=1e-12)
    note = "" if exact else f"ends at {first:g} and {last:g}, the multiples of its step"
    if float(step).is_integer() and float(first).is_integer():
        whole = int(step)
        return _Drawn(int(first), int(last), step=None if whole == 1 else whole, note=note)
    return _Drawn(float(first), float(last), step=float(step), note=note)


def _bell(mean: float, deviation: float, step: list[int | float]) -> _Drawn | None:
    low, high = _tidy(mean - DEVIATIONS * deviation), _tidy(mean + DEVIATIONS * deviation)
    prior = f"normal({number_to_text(mean)}, {number_to_text(deviation)})"
    note = f"has no bounds; in the spec {DEVIATIONS} deviations from its mean"
    if not step:
        return _Drawn(float(low), float(high), prior=prior, note=note)
    made = _grid(low, high, step[0]) if step[0] > 0 else None
    return None if made is None else _Drawn(made.low, made.high, False, made.step, prior, note)


def _log_bell(mean: float, deviation: float, step: list[int | float]) -> _Drawn | None:
    try:
        low = _tidy(math.exp(mean - DEVIATIONS * deviation))
        high = _tidy(math.exp(mean + DEVIATIONS * deviation))
        median, factor = _tidy(math.exp(mean)), _tidy(math.exp(deviation))
    except OverflowError:
        return None
    if not 0 < low < high:
        return None
    prior = f"lognormal({number_to_text(median)}, {number_to_text(factor)})"
    note = f"has no upper bound; in the spec {DEVIATIONS} deviations from its median"
    if step:
        note += ", and all between its steps"
    return _Drawn(float(low), float(high), log=True, prior=prior, note=note)


def _tidy(value: float) -> float:
    return float(f"{value:.10g}")


def _is_finite(value: Value) -> bool:
    return not isinstance(value, float) or math.isfinite(value)
