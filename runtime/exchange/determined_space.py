"""Determined's hyperparameters: `int`, `double`, `log`, `categorical`, `const`, and nested ones."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from omniforce.spec.expression.tree import Value
from omniforce.spec.nodes import MappingNode, Node, Scalar

from .findings import Findings
from .foreign_block import ForeignBlock
from .foreign_study import Bounds, Searched
from .naming import Naming

DEEPEST = 20
MOST_POINTS = 1000
"""Values of one grid."""


def read_space(
    node: MappingNode, naming: Naming, findings: Findings, grid: bool
) -> tuple[tuple[Searched, ...], tuple[tuple[str, Value], ...]]:
    """What is searched, and what has one value only.

    Args:
        node: the block `hyperparameters`.
        naming: gives the names.
        findings: gets what a spec cannot say.
        grid: whether a `count` says how many values are tried.
    """
    walk = _Walk(naming, findings, grid)
    walk.space(node, "", 0)
    if not walk.searched and not findings.has_errors:
        findings.wrong(
            "no hyperparameter is searched",
            node.span,
            "all have one value",
            "a study searches one at least: give it `type`, `minval` and `maxval`",
        )
    return tuple(walk.searched), tuple(walk.constants)


@dataclass(slots=True)
class _Walk:
    naming: Naming
    findings: Findings
    grid: bool
    searched: list[Searched] = field(default_factory=list)
    constants: list[tuple[str, Value]] = field(default_factory=list)

    def space(self, node: MappingNode, above: str, depth: int) -> None:
        if depth > DEEPEST:
            self.findings.wrong("the space is nested too deep", node.span, "too deep", "unnest it")
            return
        for entry in node.entries:
            self.parameter(f"{above}{entry.key.text}", entry.value, depth)

    def parameter(self, origin: str, node: Node, depth: int) -> None:
        if isinstance(node, Scalar):
            self.constant(origin, node)
            return
        kind = node.get("type") if isinstance(node, MappingNode) else None
        if not isinstance(node, MappingNode):
            self.unsayable(origin, node)
            return
        if not isinstance(kind, Scalar):
            self.space(node, f"{origin}.", depth + 1)
            return
        block = ForeignBlock(node, f"hyperparameters.{origin}", self.findings)
        block.passed_over("type")
        match kind.text:
            case "const":
                value = block.node_of("val")
                if isinstance(value, Scalar):
                    self.constant(origin, value)
                else:
                    self.unsayable(origin, node)
            case "categorical":
                self.categorical(origin, block)
            case "int" | "double" | "log":
                self.bounded(origin, kind.text, block)
            case other:
                self.findings.wrong(
                    f"`{origin}` is a `{other}`",
                    kind.span,
                    "no type of Determined's",
                    "write `const`, `int`, `double`, `log` or `categorical`",
                )
        block.finish()

    def constant(self, origin: str, node: Scalar) -> None:
        value = node.value
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            self.unsayable(origin, node)
            return
        self.constants.append((self.naming.parameter(origin, node.span), value))

    def unsayable(self, origin: str, node: Node) -> None:
        self.findings.unsaid(
            f"`{origin}` has a value that a spec cannot say",
            node.span,
            "set it in the estimator itself; a spec has numbers, words and truth values",
        )

    def categorical(self, origin: str, block: ForeignBlock) -> None:
        values: list[Value] = []
        for item in block.items("vals"):
            value = item.value if isinstance(item, Scalar) else None
            if value is None or (isinstance(value, float) and not math.isfinite(value)):
                self.findings.wrong(
                    f"`{origin}` may be a value that a spec cannot say",
                    item.span,
                    "no number, word or truth value",
                    "give it a word, and let the estimator know what it stands for",
                )
                return
            values.append(value)
        if not values or len({(type(v), v) for v in values}) != len(values):
            self.findings.wrong(
                f"`{origin}` has no different `vals`",
                block.span,
                "the same twice",
                "write each once",
            )
            return
        name = self.naming.parameter(origin, block.span)
        if len(values) == 1:
            self.constants.append((name, values[0]))
            return
        self.searched.append(Searched(name=name, origin=origin, range=tuple(values)))

    def bounded(self, origin: str, kind: str, block: ForeignBlock) -> None:
        low, high, count = block.number("minval"), block.number("maxval"), block.whole("count")
        base = block.number("base") if kind == "log" else None
        if low is None or high is None or low > high:
            self.no_range(origin, block)
            return
        name = self.naming.parameter(origin, block.span)
        if kind == "int":
            low, high = math.ceil(low), math.floor(high)
            if low > high:
                self.no_range(origin, block)
                return
        else:
            low, high = float(low), float(high)
        if count is not None and self.grid:
            self.points(name, origin, kind, (low, high, base or 10), count, block)
            return
        if count is not None:
            self.findings.unsaid(
                f"`count` of `{origin}` is for a search of a grid", block.place("count")
            )
        if kind == "log":
            ends = _powers(base or 10, low, high)
            if ends is None:
                self.no_range(origin, block)
                return
            low, high = ends
        if low == high:
            self.constants.append((name, low))
            return
        bounds = Bounds(low, high)
        self.searched.append(Searched(name=name, origin=origin, range=bounds, log=kind == "log"))

    def points(
        self,
        name: str,
        origin: str,
        kind: str,
        ends: tuple[int | float, int | float, int | float],
        count: int,
        block: ForeignBlock,
    ) -> None:
        """The values of a grid: evenly spaced, both ends among them."""
        low, high, base = ends
        if kind == "int":
            count = min(count, int(high - low) + 1)
        if not 1 <= count <= MOST_POINTS:
            self.no_range(origin, block)
            return
        steps = [low + (high - low) * i / max(1, count - 1) for i in range(count)]
        values: list[Value]
        if kind == "int":
            values = list(dict.fromkeys(round(value) for value in steps))
        elif kind == "log":
            if _powers(base, low, high) is None:
                self.no_range(origin, block)
                return
            values = [float(f"{base**value:.12g}") for value in steps]
        else:
            values = [float(f"{value:.12g}") for value in steps]
        if len(values) == 1:
            self.constants.append((name, values[0]))
            return
        self.searched.append(Searched(name=name, origin=origin, range=tuple(values), ordered=True))

    def no_range(self, origin: str, block: ForeignBlock) -> None:
        self.findings.wrong(
            f"`{origin}` has no range from `minval` to `maxval`",
            block.span,
            "no range",
            "write both as numbers, the lower one first; those of a `log` are exponents",
        )


def _powers(base: int | float, low: float, high: float) -> tuple[float, float] | None:
    """The ends of a logarithmic range; None where no computer holds them."""
    try:
        ends = float(f"{base**low:.12g}"), float(f"{base**high:.12g}")
    except (OverflowError, ZeroDivisionError, ValueError, TypeError):
        return None
    return ends if 0 < ends[0] <= ends[1] < math.inf else None
