"""The words behind a parameter or an objective: `log`, `default 3`, `weight 2`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..frozen import dataclass
from .syntax_problem import SyntaxProblem
from .tree import Offsets


@dataclass(frozen=True, slots=True)
class Modifier:
    """One of them, by the field that it sets."""

    name: str
    value: object
    at: Offsets


def once(modifiers: Sequence[Modifier]) -> dict[str, Any]:
    """The values by name.

    Raises:
        SyntaxProblem: one stands there twice.
    """
    given: dict[str, Any] = {}
    for modifier in modifiers:
        if modifier.name in given:
            raise SyntaxProblem(
                f"`{modifier.name}` is written twice",
                modifier.at.start,
                modifier.at.end,
                f"keep one `{modifier.name}`",
            )
        given[modifier.name] = modifier.value
    return given
