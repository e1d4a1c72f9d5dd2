"""Numbers and quantities as they are written: `1e-3`, `2MiB`, `1h30m`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from string import ascii_letters

from .syntax_problem import SyntaxProblem
from .tree import Offsets, Quantity
from .units import SPELLINGS, UNITS, to_base

LARGEST_INT = 2**63 - 1
"""Whole numbers fit 64 bits, as they must wherever a trial's parameters go."""


def number_of(text: str, start: int, end: int) -> int | float:
    """The number that stands from `start` to `end`; reports one that is too large."""
    value = float(text)
    if value == float("inf"):
        raise SyntaxProblem(
            f"the number `{shortened(text)}` is too large", start, end, "write a smaller one"
        )
    if not text.isdigit():
        return value
    if len(text) > 19 or int(text) > LARGEST_INT:
        raise SyntaxProblem(
            f"the whole number `{shortened(text)}` does not fit 64 bits",
            start,
            end,
            f"write it as `{value:g}`",
        )
    return int(text)


def shortened(text: str) -> str:
    """A text as a message shows it."""
    return text if len(text) <= 24 else f"{text[:24]}..."


def quantity_of(text: str, start: int) -> Quantity:
    """One quantity; `1h30m` becomes ninety of its last unit."""
    end = start + len(text)
    parts: list[tuple[str, str]] = []
    for piece in _pieces(text):
        number = piece.rstrip("µμ%" + ascii_letters)
        parts.append((number.strip(), piece[len(number) :]))
    for number, unit in parts:
        number_of(number, start, end)
        if _our(unit) not in UNITS:
            raise _unknown_unit(number, unit, start, end)
    if len(parts) == 1:
        number, unit = parts[0]
        return Quantity(float(number), _our(unit), at=Offsets(start, end))
    return _compound(parts, start, end)


def _pieces(text: str) -> list[str]:
    """`1h30m` in pieces of a number and a unit; an exponent's `e` belongs to its number."""
    return re.findall(r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)? *(?:[A-Za-zµμ]+|%)", text)


def _our(unit: str) -> str:
    # Only the two signs for micro are another way to write a unit of ours.
    return "us" if unit in ("µs", "μs") else unit


def _unknown_unit(number: str, unit: str, start: int, end: int) -> SyntaxProblem:
    meant = SPELLINGS.get(unit)
    known = ", ".join(f"`{u}`" for u in UNITS)
    return SyntaxProblem(
        f"`{shortened(unit)}` is no unit",
        start,
        end,
        f"write `{number}{meant}`" if meant else f"the units are {known}",
        code="OFC205",
        instead=(start, end, f"{number}{meant}") if meant else None,
    )


def _compound(parts: Sequence[tuple[str, str]], start: int, end: int) -> Quantity:
    sizes = [UNITS[_our(unit)] for _, unit in parts]
    falling = all(a.times * b.over > b.times * a.over for a, b in pairwise(sizes))
    if any(s.dimension != "time" for s in sizes) or not falling:
        raise SyntaxProblem(
            "only durations are written in parts, the larger unit first",
            start,
            end,
            "write `1h30m`, or one number with one unit",
            code="OFC205",
        )
    last = sizes[-1]
    seconds = sum(to_base(float(number), _our(unit)) for number, unit in parts)
    return Quantity(seconds * last.over / last.times, _our(parts[-1][1]), at=Offsets(start, end))
