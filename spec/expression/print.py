"""Tree to text, with no bracket too many: `parse(to_text(e)) == e`."""

from __future__ import annotations

import json
import re
from typing import assert_never

from .form import Bell, ParameterForm, Shares, Tree
from .tree import (
    And,
    BestModel,
    Binary,
    Call,
    Compare,
    Expression,
    Interval,
    KneeModel,
    Literal_,
    Metric,
    Name,
    Negate,
    Not,
    Objective,
    Or,
    ParetoModel,
    Places,
    Promotion,
    Quantity,
    Requirement,
    SetOf,
    Value,
    WeightedModel,
)

_OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _UNARY, _POWER, _ATOM = range(9)
_BINARY = {
    "+": _SUM,
    "-": _SUM,
    "*": _PRODUCT,
    "/": _PRODUCT,
    "//": _PRODUCT,
    "%": _PRODUCT,
    "**": _POWER,
}


def to_text(tree: Tree) -> str:
    """The text of any tree. A requirement is written as a goal, with `require`."""
    match tree:
        case Interval(low=low, high=high):
            return f"{number_to_text(low)}...{number_to_text(high)}"
        case ParameterForm():
            return _parameter(tree)
        case Bell(name=name, numbers=numbers):
            return f"{name}({', '.join(map(number_to_text, numbers))})"
        case Shares(items=items):
            shares = (f"{value_to_text(v)}: {number_to_text(s)}" for v, s in items)
            return f"{{{', '.join(shares)}}}"
        case Objective(direction=direction, metric=metric):
            return f"{direction} {_metric(metric)}{_wishes(tree)}"
        case Requirement():
            return f"require {rule_to_text(tree)}"
        case BestModel():
            return "best"
        case KneeModel():
            return "knee"
        case WeightedModel():
            return "weighted"
        case ParetoModel(requirements=requirements):
            return f"pareto({', '.join(map(rule_to_text, requirements))})"
        case Promotion(requirement=requirement, seconds=seconds):
            return f"{rule_to_text(requirement)} for {duration_to_text(seconds)}"
        case _:
            return _expression(tree, _OR)


def _wishes(objective: Objective) -> str:
    weight, reference = objective.weight, objective.reference
    said = "" if weight is None else f", weight {number_to_text(_shortest(weight))}"
    return said if reference is None else f"{said}, reference {_expression(reference, _UNARY)}"


def _shortest(value: float) -> int | float:
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def rule_to_text(requirement: Requirement) -> str:
    """`size <= 2MiB on jetson`, as it stands in a rule or in `pareto(...)`."""
    metric = requirement.metric
    figure = f"{metric.name}.{metric.statistic}" if metric.statistic else metric.name
    device = f" on {metric.device}" if metric.device else ""
    return f"{figure} {requirement.operator} {_expression(requirement.bound, _UNARY)}{device}"


def number_to_text(value: int | float) -> str:
    """The shortest text that reads back as the same number of the same type."""
    return repr(value)


def value_to_text(value: Value) -> str:
    """A value as it stands in a set: a word where it is one, else quoted."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return number_to_text(value)
    plain = value not in ("true", "false") and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_./@-]*", value)
    return value if plain else json.dumps(value, ensure_ascii=False)


def quantity_to_text(quantity: Quantity) -> str:
    """`2MiB`; whole numbers without a point."""
    value = quantity.value
    whole = value.is_integer() and abs(value) < 2**53 and str(value) != "-0.0"
    return f"{int(value) if whole else number_to_text(value)}{quantity.unit}"


def duration_to_text(seconds: float) -> str:
    """Seconds in the largest unit that divides them: `10m`, `90s`, `0.25s`."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{int(seconds // size)}{unit}"
    return quantity_to_text(Quantity(float(seconds), "s"))


def size_to_text(size: int) -> str:
    """Bytes in the largest unit that divides them: `2MiB`, `1500B`."""
    for unit, width in (("TiB", 2**40), ("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if size and size % width == 0:
            return f"{size // width}{unit}"
    return f"{size}B"


def _metric(metric: Metric) -> str:
    statistic = f".{metric.statistic}" if metric.statistic else ""
    device = f" on {metric.device}" if metric.device else ""
    return f"{metric.name}{statistic}{device}"


def _parameter(form: ParameterForm) -> str:
    head = [f"= {to_text(form.value)}"] if form.value is not None else []
    head += [form.type] if form.type else []
    head += [to_text(form.domain)] if form.domain is not None else []
    head += [form.scale] if form.scale else []
    rest = [f"step {number_to_text(form.step)}"] if form.step is not None else []
    rest += [f"default {value_to_text(form.default)}"] if form.default is not None else []
    rest += [f"prior {to_text(form.prior)}"] if form.prior is not None else []
    rest += [f"size {_size(form.size)}"] if form.size is not None else []
    rest += [f"count {form.count}"] if form.count is not None else []
    rest += ["shared"] if form.shared else []
    rest += [f"when {to_text(form.when)}"] if form.when is not None else []
    return ", ".join([" ".join(head), *rest])


def _size(size: int | float | Interval) -> str:
    return to_text(size) if isinstance(size, Interval) else number_to_text(size)


def _expression(tree: Expression, least: int) -> str:
    """The text of `tree` where anything weaker than `least` needs brackets."""
    text, strength = _written(tree)
    return text if strength >= least else f"({text})"


def _written(tree: Expression) -> tuple[str, int]:
    """The text, and how strongly its outermost operator binds."""
    match tree:
        case Literal_(value=str(value)):
            return json.dumps(value, ensure_ascii=False), _ATOM
        case Literal_(value=value):
            text = value_to_text(value)
            return text, _UNARY if text.startswith("-") else _ATOM
        case Quantity():
            text = quantity_to_text(tree)
            return text, _UNARY if text.startswith("-") else _ATOM
        case Name():
            return tree.id, _ATOM
        case Places(name=name, index=index, ranges=ranges):
            inner = "".join(f"[{first}...{last}]" for first, last in ranges)
            return f"{Name(name, index).id}{inner}", _ATOM
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(_expression(a, _OR) for a in arguments)})", _ATOM
        case SetOf(items=items):
            return f"{{{', '.join(map(value_to_text, items))}}}", _ATOM
        case Negate(operand=operand):
            return f"-{_signed(operand)}", _UNARY
        case Binary(operator="**", left=left, right=right):
            return f"{_expression(left, _ATOM)} ** {_expression(right, _UNARY)}", _POWER
        case Binary(operator=operator, left=left, right=right):
            strength = _BINARY[operator]
            left_text = _expression(left, strength)
            return f"{left_text} {operator} {_expression(right, strength + 1)}", strength
        case Compare(operator=operator, left=left, right=right):
            return f"{_expression(left, _SUM)} {operator} {_expression(right, _SUM)}", _COMPARE
        case Not(operand=operand):
            return f"not {_expression(operand, _NOT)}", _NOT
        case And(operands=operands):
            return " and ".join(_expression(o, _NOT) for o in operands), _AND
        case Or(operands=operands):
            return " or ".join(_expression(o, _AND) for o in operands), _OR
        case _:
            assert_never(tree)


def _signed(operand: Expression) -> str:
    # Behind a sign, a number in brackets stays a number and does not become a negative one.
    text = _expression(operand, _UNARY)
    return f"({text})" if isinstance(operand, Literal_ | Quantity) else text
