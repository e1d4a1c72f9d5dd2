"""Durations on the command line, as the language has them: `90s`, `10m`, `1h30m`."""

from __future__ import annotations

from typing import Final

import click

from omniforce.spec.expression.parse import parse
from omniforce.spec.expression.syntax_problem import SyntaxProblem
from omniforce.spec.expression.tree import Quantity
from omniforce.spec.expression.units import UNITS, to_base

_LONGEST: Final = 30 * 24 * 3600.0


class Duration(click.ParamType[float]):
    """Seconds, from a number with a unit or several of them."""

    name = "duration"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The seconds, or a usage error that says what is wanted."""
        if isinstance(value, float):
            return value
        text = str(value).strip()
        seconds = _seconds(text)
        if seconds is None:
            self.fail(f"`{text}` is no duration: write `90s`, `10m` or `1h30m`", param, ctx)
        if seconds > _LONGEST:
            self.fail(f"`{text}` is longer than 30 days", param, ctx)
        return seconds


def _seconds(text: str) -> float | None:
    try:
        found = parse("quantity", text)
    except SyntaxProblem:
        return None
    if not isinstance(found, Quantity) or UNITS[found.unit].dimension != "time":
        return None
    return to_base(found.value, found.unit) if found.value >= 0 else None


DURATION: Final = Duration()
