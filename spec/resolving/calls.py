"""What the arguments of a function mean: numbers, arrays, or a list that is asked about."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..expression.functions import EXAMPLES, OF_MANY
from ..expression.print import to_text, value_to_text
from ..expression.tree import Call, Expression, Literal_, Name, Places, Value
from .meaning import NOUNS, Kind, Listing, kind_of
from .values import can_be

if TYPE_CHECKING:
    from .resolve import Resolving


def call(resolving: Resolving, node: Call) -> tuple[Expression, Kind]:
    """The call with its arguments resolved, and the kind of what comes of it."""
    match node.function:
        case "position":
            return _position(resolving, node), "number"
        case "size":
            (argument,) = node.arguments
            _listing(resolving, node, argument, "subset")
            return node, "number"
        case "defined" | "given":
            resolving.fault(
                "OFC220",
                f"there is no function `{node.function}`",
                node.at,
                "no such function",
                f"write `{EXAMPLES['sum']}`, or another function of numbers",
            )
            return node, "any"
        case function:
            many = function in OF_MANY
            made = tuple(_number(resolving, a, many=many) for a in node.arguments)
            return replace(node, arguments=made), "number"


def _number(resolving: Resolving, argument: Expression, *, many: bool) -> Expression:
    if not many or not isinstance(argument, Places):
        return resolving.expect("number", argument)
    meaning = resolving.meaning(Name(argument.name, at=argument.at))
    kind = kind_of(meaning) if meaning is not None else "any"
    if kind not in ("number", "any") or isinstance(meaning, Listing):
        resolving.fault(
            "OFC209",
            f"`{argument.name}` is {NOUNS[kind]}, expected a number",
            argument.at,
            "expected numbers",
            "name an array of numbers",
        )
    return argument


def _position(resolving: Resolving, node: Call) -> Expression:
    """`position(order, conv)`, its word a value of the permutation."""
    list_, value = node.arguments
    listing = _listing(resolving, node, list_, "permutation")
    if listing is None or not isinstance(list_, Name):
        return node
    if not isinstance(value, Literal_ | Name) or (isinstance(value, Name) and value.index):
        resolving.fault(
            "OFC222",
            f"`{to_text(value)}` is no value of `{list_.name}`",
            value.at,
            "expected a value",
            f"write it as in `position({list_.name}, {value_to_text(listing.values[0])})`",
        )
        return node
    sought: Value = value.name if isinstance(value, Name) else value.value
    can_be(resolving, list_.name, listing, sought, value.at)
    return replace(node, arguments=(list_, Literal_(sought, at=value.at)))


def _listing(resolving: Resolving, node: Call, argument: Expression, wanted: str) -> Listing | None:
    """The permutation or subset that a function asks about; reports what is none."""
    meaning = resolving.meaning(argument) if isinstance(argument, Name) else None
    if isinstance(argument, Name) and meaning is None:
        return None
    if isinstance(meaning, Listing) and meaning.kind == wanted:
        return meaning
    resolving.fault(
        "OFC222",
        f"`{to_text(argument)}` is no {wanted}",
        argument.at,
        f"expected a {wanted}",
        f"`{node.function}` asks about a {wanted}, as in `{EXAMPLES[node.function]}`",
    )
    return None
