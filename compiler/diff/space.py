"""The search space: parameters by name, each of their properties, and the constraints."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from omniforce.spec.expression.print import to_text
from omniforce.spec.expression.tree import Expression, Value
from omniforce.spec.frozen import dataclass
from omniforce.spec.space import Coordinate, Derived, Space, contains

from ..ir.program import Program, Search
from .blocks import step
from .change import Change
from .domains import domain_change, prior_text, range_text
from .leaves import text_of

ARGUMENTS = "spec.algorithm.arguments"
SPACE = "spec.searchSpace"


@dataclass(frozen=True, slots=True)
class Setup:
    """What a trial of a program is given, by name.

    Attributes:
        parameters: the coordinates of each searched name, the first place of an array first.
        derived: values that are computed, likewise.
        arguments: values that are the same for every trial.
        lists: the values of those parameters that are a permutation or a subset.
    """

    space: Space
    parameters: Mapping[str, tuple[Coordinate, ...]]
    derived: Mapping[str, tuple[Derived, ...]]
    arguments: Mapping[str, Value]
    lists: Mapping[str, tuple[str, tuple[Value, ...]]]


def setup_of(program: Program) -> Setup:
    """The search of a program by names."""
    search = step(program, Search)
    space = search.space if search is not None else Space(())
    parameters: dict[str, list[Coordinate]] = {}
    for coordinate in space.coordinates:
        parameters.setdefault(coordinate.name, []).append(coordinate)
    derived: dict[str, list[Derived]] = {}
    for each in space.derived:
        derived.setdefault(each.name, []).append(each)
    return Setup(
        space,
        {name: tuple(places) for name, places in parameters.items()},
        {name: tuple(places) for name, places in derived.items()},
        dict(search.arguments) if search is not None else {},
        {c.name: (c.kind, c.values) for c in space.composites},
    )


def space_changes(before: Program, after: Program) -> Iterator[Change]:
    """What differs in arguments, parameters, derived values and constraints."""
    old, new = setup_of(before), setup_of(after)
    yield from _arguments(old, new)
    for name in dict.fromkeys((*old.parameters, *new.parameters)):
        was, now = old.parameters.get(name), new.parameters.get(name)
        if was is None and now is not None:
            yield _added(name, now[0], old, new)
        elif now is None and was is not None:
            yield _removed(name, was[0], old, new)
        elif was is not None and now is not None:
            yield from _changed(name, was, now, old, new)
    yield from _derived(old, new)
    yield from _constraints(old.space, new.space)


def _arguments(old: Setup, new: Setup) -> Iterator[Change]:
    searched = {*old.parameters, *new.parameters, *old.derived, *new.derived}
    for name in dict.fromkeys((*old.arguments, *new.arguments)):
        was, now = old.arguments.get(name), new.arguments.get(name)
        if name in searched or (was == now and type(was) is type(now)):
            continue  # of what was, or is, searched, the parameter itself tells
        why = "every finished trial was trained with another value"
        if was is None or now is None:
            why = "finished trials were trained with what the estimator does by itself"
            why = why if was is None else "every finished trial was trained with it"
        yield Change(f"{ARGUMENTS}.{name}", _value(was), _value(now), "invalidated", why)


def _added(name: str, now: Coordinate, old: Setup, new: Setup) -> Change:
    path, text = f"{SPACE}.{name}", _text(name, now, new)
    fixed = old.arguments.get(name)
    if fixed is not None:
        inside = contains(now.domain, fixed) and not now.index
        return Change(
            path,
            _value(fixed),
            text,
            "imputed" if inside else "invalidated",
            f"every finished trial was trained with {_value(fixed)}"
            + ("" if inside else ", which the range does not hold"),
        )
    if name in old.derived:
        only = "where the value that was computed is one of the range"
        why = "finished trials were trained with the computed value"
        return Change(path, to_text(old.derived[name][0].expression), text, "imputed", why, only)
    if now.default is not None:
        why = f"finished trials count as if they had the default {_value(now.default)}"
        return Change(path, None, text, "imputed", why)
    only = "where it takes no part" if now.conditions else ""
    why = "it has no default, so nobody can say what finished trials had"
    return Change(path, None, text, "kept" if only else "invalidated", why, only)


def _removed(name: str, was: Coordinate, old: Setup, new: Setup) -> Change:
    path, text = f"{SPACE}.{name}", _text(name, was, old)
    fixed = new.arguments.get(name)
    if fixed is not None:
        value = _value(fixed)
        why = f"it is {value} for every trial now"
        return Change(path, text, value, "kept", why, f"where it was {value}")
    if name in new.derived:
        why = "it is computed now"
        value = to_text(new.derived[name][0].expression)
        return Change(path, text, value, "kept", why, "where it was what is computed now")
    only = "where it took no part" if was.conditions else ""
    why = "finished trials were trained with it, and the next ones do without"
    return Change(path, text, None, "kept" if only else "invalidated", why, only)


def _changed(
    name: str, was: tuple[Coordinate, ...], now: tuple[Coordinate, ...], old: Setup, new: Setup
) -> Iterator[Change]:
    path, first, then = f"{SPACE}.{name}", was[0], now[0]
    texts: tuple[str | None, str | None]
    if old.lists.get(name) != new.lists.get(name):
        texts = _range(name, first, old), _range(name, then, new)
        why = "the values of the list are others, or stand in another order"
        yield Change(f"{path}.range", *texts, "invalidated", why)
    else:
        yield from domain_change(path, first.domain, then.domain)
    if first.default != then.default:
        why = "a default is where a search begins"
        texts = _value(first.default), _value(then.default)
        yield Change(f"{path}.default", *texts, "kept", why)
    if first.prior != then.prior:
        why = "a prior says where to look first"
        texts = prior_text(first.prior), prior_text(then.prior)
        yield Change(f"{path}.prior", *texts, "kept", why)
    if first.lengths != then.lengths:
        texts = " ".join(first.lengths) or None, " ".join(then.lengths) or None
        why = "the array has another length"
        only = "where it is as long as before"
        yield Change(f"{path}.count", *texts, "kept", why, only)
    elif _conditions(was) != _conditions(now):
        texts = _when(first.conditions), _when(then.conditions)
        why = "it takes part in other trials now"
        yield Change(f"{path}.when", *texts, "kept", why, "where it takes part as it did")


def _conditions(coordinates: tuple[Coordinate, ...]) -> set[str]:
    return {re.sub(r"\[\d+\]", "", to_text(c)) for each in coordinates for c in each.conditions}


def _derived(old: Setup, new: Setup) -> Iterator[Change]:
    for name in dict.fromkeys((*old.derived, *new.derived)):
        was, now = old.derived.get(name), new.derived.get(name)
        if was == now or name in old.parameters or name in new.parameters:
            continue
        before = old.arguments.get(name) if was is None else was[0].expression
        after = new.arguments.get(name) if now is None else now[0].expression
        path = f"{SPACE}.{name}"
        texts = _either(before), _either(after)
        if before is None or after is None:
            why = "finished trials were not given it" if before is None else "they were given it"
            yield Change(path, *texts, "invalidated", why)
        else:
            why, only = "it is computed otherwise", "where the same value comes out"
            yield Change(path, *texts, "kept", why, only)


def _constraints(old: Space, new: Space) -> Iterator[Change]:
    was, now = _collapsed(old), _collapsed(new)
    for text in was:
        if text not in now:
            why = "trials that were allowed still are"
            yield Change("spec.constraints", text, None, "kept", why)
    for text in now:
        if text not in was:
            why = "what breaks it can no longer be chosen"
            yield Change("spec.constraints", None, text, "kept", why, "where it holds")


def _collapsed(space: Space) -> dict[str, None]:
    """The constraints as they are written: once for all places of an array."""
    return dict.fromkeys(re.sub(r"\[\d+\]", "", to_text(c)) for c in space.constraints)


def _text(name: str, coordinate: Coordinate, setup: Setup) -> str:
    default, when = coordinate.default, _when(coordinate.conditions)
    parts = [_range(name, coordinate, setup)]
    parts += [f", default {_value(default)}"] if default is not None else []
    parts += [f" when {when}"] if when is not None else []
    return "".join(parts)


def _range(name: str, coordinate: Coordinate, setup: Setup) -> str:
    return range_text(coordinate.domain, setup.lists.get(name))


def _when(conditions: tuple[Expression, ...]) -> str | None:
    texts = [re.sub(r"\[\d+\]", "", to_text(c)) for c in conditions]
    return " and ".join(dict.fromkeys(texts)) or None


def _value(value: Value | None) -> str | None:
    return None if value is None else text_of(value)


def _either(value: Value | Expression | None) -> str | None:
    if value is None or isinstance(value, bool | int | float | str):
        return _value(value)
    return to_text(value)
