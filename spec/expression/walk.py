"""What an expression holds: its nodes, the names in it, and those that it cannot do without."""

from __future__ import annotations

from collections.abc import Iterator

from .evaluate import names
from .functions import OF_MANY
from .tree import And, Binary, Call, Compare, Expression, Name, Negate, Not, Or, Places


def walk(expression: Expression) -> Iterator[Expression]:
    """Every node, from left to right."""
    waiting: list[Expression] = [expression]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(parts(node))


def parts(node: Expression) -> tuple[Expression, ...]:
    """What a node is made of, from left to right."""
    match node:
        case Binary(left=left, right=right) | Compare(left=left, right=right):
            return (left, right)
        case And(operands=operands) | Or(operands=operands):
            return operands
        case Negate(operand=operand) | Not(operand=operand):
            return (operand,)
        case Call(arguments=arguments):
            return arguments
        case _:
            return ()


def mentions(expression: Expression) -> tuple[Name | Places, ...]:
    """Every name and every range of places in it."""
    return tuple(n for n in walk(expression) if isinstance(n, Name | Places))


def open_names(expression: Expression) -> tuple[Name, ...]:
    """The names that must be active for it to have a value: those outside of `sum` and its like."""
    match expression:
        case Call(function=function, arguments=arguments):
            if function in OF_MANY:
                return ()
            return tuple(n for a in arguments for n in open_names(a))
        case Binary(left=left, right=right) | Compare(left=left, right=right):
            return open_names(left) + open_names(right)
        case And(operands=operands) | Or(operands=operands):
            return tuple(n for o in operands for n in open_names(o))
        case Negate(operand=operand) | Not(operand=operand):
            return open_names(operand)
        case _:
            return names(expression)
