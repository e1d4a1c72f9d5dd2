"""What a parameter may be: the text of it, and which finished trials another range still holds."""

from __future__ import annotations

from collections.abc import Iterator

from omniforce.spec.expression.print import number_to_text
from omniforce.spec.expression.tree import Value
from omniforce.spec.space import (
    Choice,
    Domain,
    FloatRange,
    IntRange,
    LogNormal,
    Normal,
    Prior,
    Weights,
    contains,
)

from .change import Change
from .leaves import set_of

OUTSIDE = "what lies outside can no longer be proposed, nor chosen"


def range_text(domain: Domain, listed: tuple[str, tuple[Value, ...]] | None = None) -> str:
    """`int 2...5`, `1e-4...1e-1 log`, `{a, b}`, `bool`, `permutation {a, b}`."""
    if listed is not None:
        return f"{listed[0]} {set_of(listed[1])}"
    match domain:
        case Choice(values=(False, True)):
            return "bool"
        case Choice(values=values, ordered=ordered):
            return f"{'ordinal ' if ordered else ''}{set_of(values)}"
        case IntRange() | FloatRange():
            kind = "int " if isinstance(domain, IntRange) else ""
            scale = "" if domain.scale == "linear" else f" {domain.scale}"
            step = "" if domain.step in (None, 1) else f" step {number_to_text(domain.step or 1)}"
            return f"{kind}{_bounds(domain)}{scale}{step}"


def prior_text(prior: Prior | None) -> str | None:
    """As a spec writes it."""
    match prior:
        case None:
            return None
        case Normal(mean=mean, deviation=deviation):
            return f"normal({mean:g}, {deviation:g})"
        case LogNormal(median=median, factor=factor):
            return f"lognormal({median:g}, {factor:g})"
        case Weights(shares=shares):
            return f"weights({', '.join(f'{s:g}' for s in shares)})"


def domain_change(path: str, old: Domain, new: Domain) -> Iterator[Change]:
    """What differs between two domains of one parameter."""
    if old == new:
        return
    match old, new:
        case Choice(), Choice():
            yield from _choices(path, old, new)
        case ((IntRange() | FloatRange()), (IntRange() | FloatRange())) if type(old) is type(new):
            yield from _ranges(path, old, new)
        case _:
            only = f"where its value is one of `{range_text(new)}`"
            why = "it is of another type"
            yield Change(f"{path}.range", range_text(old), range_text(new), "kept", why, only)


def _choices(path: str, old: Choice, new: Choice) -> Iterator[Change]:
    gone = tuple(v for v in old.values if not contains(new, v))
    come = tuple(v for v in new.values if not contains(old, v))
    texts = set_of(old.values), set_of(new.values)
    if gone:
        only = f"where it is none of {set_of(gone)}"
        yield Change(f"{path}.range", *texts, "kept", OUTSIDE, only)
    elif come:
        yield Change(f"{path}.range", *texts, "kept", "every finished trial is one of it still")
    elif new.ordered and old.values != new.values:
        why = "the values are the same ones, in another order"
        yield Change(f"{path}.range", *texts, "kept", why)
    if old.ordered != new.ordered:
        words = {True: "ordinal", False: "choice"}
        why = "a strategy is told of an order; the values stay"
        yield Change(f"{path}.type", words[old.ordered], words[new.ordered], "kept", why)


def _ranges(path: str, old: IntRange | FloatRange, new: IntRange | FloatRange) -> Iterator[Change]:
    was, now = _bounds(old), _bounds(new)
    if was != now:
        wider = new.low <= old.low and old.high <= new.high
        # The steps are counted from the low end.
        grid = new.step not in (None, 1) and new.low != old.low
        why = "every finished trial lies inside still" if wider else OUTSIDE
        only = "" if wider else f"where it lies in `{now}`"
        only = f"where it is one of `{range_text(new)}`" if grid else only
        yield Change(f"{path}.range", was, now, "kept", why, only)
    if old.step != new.step:
        coarser = new.step not in (None, 1)
        only = "where it is a multiple of the new step from the low end" if coarser else ""
        why = "other values are steps now" if coarser else "every value is a step"
        texts = _number(old.step), _number(new.step)
        yield Change(f"{path}.step", *texts, "kept", why, only)
    if old.scale != new.scale:
        why = "a scale says how the search walks; the values stay"
        yield Change(f"{path}.scale", old.scale, new.scale, "kept", why)


def _bounds(domain: IntRange | FloatRange) -> str:
    return f"{number_to_text(domain.low)}...{number_to_text(domain.high)}"


def _number(value: int | float | None) -> str | None:
    return None if value is None else number_to_text(value)
