"""Durations on the command line: `90s`, `10m`, `1h30m`."""

from __future__ import annotations

import re
from typing import Final

import click

_UNITS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0}
_WHOLE: Final = re.compile(r"(?:\d+(?:\.\d+)?[hms])+", re.ASCII)
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)([hms])", re.ASCII)
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
        if _WHOLE.fullmatch(text) is None:
            self.fail(f"`{text}` is no duration: write `90s`, `10m` or `1h30m`", param, ctx)
        seconds = sum(float(n) * _UNITS[unit] for n, unit in _PART.findall(text))
        if seconds > _LONGEST:
            self.fail(f"`{text}` is longer than 30 days", param, ctx)
        return float(seconds)


DURATION: Final = Duration()
