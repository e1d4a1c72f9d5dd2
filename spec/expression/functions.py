"""The functions of expressions: what they are called, what they take, and what comes of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, cast

from .syntax_problem import SyntaxProblem
from .tree import Function, Offsets

Number = int | float

EXAMPLES: dict[Function, str] = {
    "abs": "abs(a - b)",
    "ceil": "ceil(width / 2)",
    "floor": "floor(width / 2)",
    "log2": "log2(width)",
    "max": "max(a, b)",
    "min": "min(a, b)",
    "position": "position(order, conv)",
    "round": "round(width / 3)",
    "size": "size(augment)",
    "sqrt": "sqrt(width)",
    "sum": "sum(channels)",
}
"""Those that a spec can call, and how."""

_ARITIES: dict[Function, int] = {"position": 2, "given": 2}

OF_ONE: Mapping[str, Callable[[Number], Number]] = {
    "abs": abs,
    "ceil": math.ceil,
    "floor": math.floor,
    "log2": math.log2,
    "round": round,
    "sqrt": math.sqrt,
}
"""Functions of one number; a ValueError where they have no value."""

OF_MANY: Mapping[str, Callable[[list[Number]], Number]] = {"max": max, "min": min, "sum": sum}
"""Functions of any number of numbers, one at least."""


def function_of(name: Any, arguments: int, at: Offsets) -> Function:
    """The function that a token calls.

    Raises:
        SyntaxProblem: there is none, or it takes another number of arguments.
    """
    function = cast("Function", str(name))
    if function not in EXAMPLES and function not in ("defined", "given"):
        from ..readers import nearest, or_list

        meant = nearest(function, tuple(EXAMPLES))
        raise SyntaxProblem(
            f"there is no function `{function[:40]}`",
            name.start_pos,
            name.end_pos,
            f"write `{EXAMPLES[cast('Function', meant)]}`"
            if meant
            else f"write {or_list(tuple(EXAMPLES))}",
            code="OFC220",
        )
    wanted = None if function in OF_MANY else _ARITIES.get(function, 1)
    if wanted is not None and arguments != wanted:
        raise SyntaxProblem(
            f"`{function}` takes {'one argument' if wanted == 1 else f'{wanted} arguments'} "
            f"and has {arguments}",
            at.start,
            at.end,
            f"write it as in `{EXAMPLES.get(function, function)}`",
            code="OFC221",
        )
    return function


@lru_cache(maxsize=64)
def arrangement(digits: tuple[int, ...]) -> tuple[int, ...]:
    """The numbers from 0 to `len(digits)` in the order that Lehmer's code gives them."""
    left = list(range(len(digits) + 1))
    return tuple(left.pop(digit) for digit in (*digits, 0))
