"""Readers of the values that are expressions: durations, sizes, goals, rules, constraints.

They hold nothing, and the parser is not imported before the first text is read.
"""

from __future__ import annotations

from typing import Literal, cast

from ..fix import NO_FIX, Fix, replaced
from ..nodes import Node, Scalar
from ..readers import INVALID, Invalid, Reading, Schema, called, describe
from ..source import Path
from .form import Tree
from .syntax_problem import SyntaxProblem
from .tree import (
    Expression,
    Goal,
    Literal_,
    Metric,
    ModelChoice,
    Promotion,
    Quantity,
    Requirement,
)
from .units import UNITS, Dimension, to_base

Kind = Literal[
    "condition", "range", "parameter", "goal", "rule", "model", "promotion", "quantity", "prior"
]

DIMENSIONS: dict[str, Dimension] = {"latency": "time", "size": "size", "throughput": "number"}
"""What the figures of a device are measured in."""

_LABELS = {
    "OFC205": "unknown unit",
    "OFC220": "no such function",
    "OFC221": "wrong number of arguments",
    "OFC340": "more than one word is inserted here",
}

_EXAMPLES: dict[Dimension, str] = {"time": "5ms", "size": "2MiB", "share": "10%", "number": "100"}


def read_expression(
    kind: Kind, what: str, example: str, node: Node, path: Path, reading: Reading
) -> Tree | Invalid:
    """The tree of a scalar's text; a number or a truth value is read as it was written."""
    if not isinstance(node, Scalar) or node.value is None:
        return reading.report(
            "OFC103",
            f"{called(path)} is {describe(node)}, expected {what}",
            node.span,
            f"expected {what}",
            f"write it as in {example}",
        )
    from .parse import parse

    try:
        tree = parse(kind, node.text)
        if node.inserted:
            from .inserted import check_inserted

            check_inserted(kind, node.text, node.inserted)
        return tree
    except SyntaxProblem as found:
        problem = found
        if node.inserted:
            from .inserted import blamed

            problem = blamed(found, node.text, node.inserted)
        return reading.report(
            problem.code,
            problem.message,
            node.inside(problem.start, problem.end),
            _LABELS.get(problem.code, f"expected {what}"),
            problem.help,
            fix=_fix(node, problem),
        )


def _fix(node: Scalar, problem: SyntaxProblem) -> Fix:
    if problem.instead is None or not node.exact:
        return NO_FIX
    start, end, text = problem.instead
    return replaced(node.inside(start, end), text)


class _Amount:
    """A number of one dimension, plain or with a unit; the three readers below add bounds."""

    def __init__(self, dimension: Dimension, what: str, example: str) -> None:
        self.dimension = dimension
        self.what = what
        self.example = example

    def read(
        self, node: Node, path: Path, reading: Reading, maximum: float = 2.0**62
    ) -> float | Invalid:
        """The amount in seconds, bytes or as a share; zero or more, at most `maximum`."""
        tree = read_expression("quantity", self.what, f"`{self.example}`", node, path, reading)
        if isinstance(tree, Invalid):
            return tree
        quantity = cast("Literal_ | Quantity", tree)
        unit = quantity.unit if isinstance(quantity, Quantity) else None
        if unit is not None and UNITS[unit].dimension != self.dimension:
            return reading.report(
                "OFC205",
                f"{called(path)} is in `{unit}`, expected {self.what}",
                node.span,
                f"`{unit}` is no unit of this",
                f"write it as in `{self.example}`",
            )
        value = cast("float", quantity.value)
        amount = float(value) if unit is None else to_base(value, unit)
        if not 0 <= amount <= maximum:
            return reading.report(
                "OFC104",
                f"{called(path)} is `{cast('Scalar', node).text}`, expected {self.what}",
                node.span,
                "out of bounds",
                f"write it as in `{self.example}`",
            )
        return amount


_DURATION = _Amount("time", "a duration above zero", "10m")
_SIZE = _Amount("size", "a size in whole bytes", "2MiB")
_SHARE = _Amount("share", "a share from 0% to 100%", "10%")


class Duration:
    """`8s`, `2h`, `1h30m`, or a number of seconds; above zero."""

    def read(self, node: Node, path: Path, reading: Reading) -> float | Invalid:
        """Seconds."""
        seconds = _DURATION.read(node, path, reading)
        if isinstance(seconds, Invalid) or seconds > 0:
            return seconds
        return reading.report(
            "OFC104",
            f"{called(path)} is `{cast('Scalar', node).text}`, it must be above zero",
            node.span,
            "must be above zero",
            "write it as in `10m`",
        )

    def schema(self) -> Schema:
        """Seconds, or a text with a unit."""
        return {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0},
                {
                    "type": "string",
                    "pattern": r"^\s*([0-9.]+([eE][+-]?[0-9]+)? *(us|ms|s|m|h|d))+\s*$",
                },
            ]
        }


LEAST = 2**20
"""Bytes of the smallest size."""


class Size:
    """`2MiB`, `1.5GB`, or a number of bytes; a mebibyte at least."""

    def read(self, node: Node, path: Path, reading: Reading) -> int | Invalid:
        """Bytes."""
        size = _SIZE.read(node, path, reading)
        if isinstance(size, Invalid):
            return size
        if size < 1 or size % 1:
            return reading.report(
                "OFC104",
                f"{called(path)} comes to {size:g} bytes, expected a whole number above zero",
                node.span,
                "no whole number of bytes",
                "write it as in `2MiB`",
            )
        if size < LEAST:
            text = cast("Scalar", node).text.strip()
            return reading.report(
                "OFC104",
                f"{called(path)} comes to {size:g} bytes, expected at least 1MiB",
                node.span,
                "too small",
                f"write it with its unit: `{text}GiB`"
                if text.isdigit()
                else "write it as in `2GiB`",
            )
        return int(size)

    def schema(self) -> Schema:
        """Bytes, or a text with a unit."""
        return {
            "anyOf": [
                {"type": "integer", "minimum": LEAST},
                {"type": "string", "pattern": r"^\s*[0-9.]+([eE][+-]?[0-9]+)? *([KMGT]i?B|B)\s*$"},
            ]
        }


class Percentage:
    """`10%`, or the share `0.1`."""

    def read(self, node: Node, path: Path, reading: Reading) -> float | Invalid:
        """A share from 0 to 1."""
        return _SHARE.read(node, path, reading, maximum=1.0)

    def schema(self) -> Schema:
        """A share, or a text with a percent sign."""
        return {
            "anyOf": [
                {"type": "number", "minimum": 0, "maximum": 1},
                {"type": "string", "pattern": r"^\s*[0-9.]+ *%\s*$"},
            ]
        }


class GoalReader:
    """`maximize accuracy`, `minimize latency.p95 on jetson`, `require size <= 2MiB on jetson`."""

    def read(self, node: Node, path: Path, reading: Reading) -> Goal | Invalid:
        """The objective or requirement."""
        goal = read_expression(
            "goal", "an objective or a requirement", "`maximize accuracy`", node, path, reading
        )
        if isinstance(goal, Invalid):
            return goal
        good = _fits(cast("Goal", goal), node, reading)
        return cast("Goal", goal) if good else INVALID

    def schema(self) -> Schema:
        """A string that begins with one of three words."""
        return {"type": "string", "pattern": r"^\s*(maximize|minimize|require)\s"}


class Rule:
    """`psi > 0.2`."""

    def read(self, node: Node, path: Path, reading: Reading) -> Requirement | Invalid:
        """The bound."""
        rule = read_expression("rule", "a rule", "`psi > 0.2`", node, path, reading)
        if isinstance(rule, Invalid):
            return rule
        return cast("Requirement", rule) if _bounds_fit(rule, node, reading) else INVALID

    def schema(self) -> Schema:
        """A comparison."""
        return {"type": "string", "pattern": "[<>]"}


class ModelChoiceReader:
    """`best`, `knee`, `weighted`, or `pareto(latency.p95 <= 5ms)`."""

    def read(self, node: Node, path: Path, reading: Reading) -> ModelChoice | Invalid:
        """Which of the trials is chosen."""
        choice = read_expression(
            "model",
            "a choice of model",
            "`best`, `knee`, `weighted` or `pareto(latency.p95 <= 5ms)`",
            node,
            path,
            reading,
        )
        if isinstance(choice, Invalid):
            return choice
        bounds = getattr(choice, "requirements", ())
        bad = [r for r in bounds if not _bounds_fit(r, node, reading)]
        return INVALID if bad else cast("ModelChoice", choice)

    def schema(self) -> Schema:
        """A word, or a bound of the front."""
        return {"type": "string", "pattern": r"^\s*(best|knee|weighted|pareto\s*\(.*\))\s*$"}


class PromotionReader:
    """`error_rate < 1% for 10m`."""

    def read(self, node: Node, path: Path, reading: Reading) -> Promotion | Invalid:
        """What must hold, and for how long."""
        promotion = read_expression(
            "promotion", "a bound and a duration", "`error_rate < 1% for 10m`", node, path, reading
        )
        if isinstance(promotion, Invalid):
            return promotion
        good = _bounds_fit(cast("Promotion", promotion).requirement, node, reading)
        return cast("Promotion", promotion) if good else INVALID

    def schema(self) -> Schema:
        """A bound and a duration."""
        return {"type": "string", "pattern": r"[<>].*\sfor\s"}


class ConstraintReader:
    """`backbone_nums_block * nums_channel <= 1024`."""

    def read(self, node: Node, path: Path, reading: Reading) -> Expression | Invalid:
        """The condition; what its names are is looked at once the space is known."""
        tree = read_expression(
            "condition", "a constraint", "`depth * width <= 1024`", node, path, reading
        )
        return tree if isinstance(tree, Invalid) else cast("Expression", tree)

    def schema(self) -> Schema:
        """A string."""
        return {"type": "string"}


def _fits(goal: Goal, node: Node, reading: Reading) -> bool:
    if isinstance(goal, Requirement):
        return _bounds_fit(goal, node, reading)
    if goal.weight == 0.0:
        reading.report(
            "OFC104",
            f"the weight of `{goal.metric.name}` is zero, so that it is no objective",
            node.span,
            "must be above zero",
            "write a weight such as `weight 2`, or remove the objective",
        )
        return False
    return goal.reference is None or _in_dimension(goal.metric, goal.reference, node, reading)


def _bounds_fit(rule: object, node: Node, reading: Reading) -> bool:
    """Whether a device's figure is bounded in its own dimension; reports it where it is not."""
    requirement = cast("Requirement", rule)
    return _in_dimension(requirement.metric, requirement.bound, node, reading)


def _in_dimension(metric: Metric, bound: Quantity | Literal_, node: Node, reading: Reading) -> bool:
    expected = DIMENSIONS.get(metric.name)
    if expected is None or not isinstance(bound, Quantity):
        return True
    if UNITS[bound.unit].dimension == expected:
        return True
    at = bound.at
    reading.report(
        "OFC205",
        f"`{metric.name}` is bounded in `{bound.unit}`",
        cast("Scalar", node).inside(at.start, at.end),
        f"`{bound.unit}` is no unit of `{metric.name}`",
        f"write a bound such as `{_EXAMPLES[expected]}`",
    )
    return False
