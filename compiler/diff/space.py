"""The search space: parameters by name, each of their properties, and the constraints."""

from __future__ import annotations

from collections.abc import Iterator

from omniforce.spec.expression.print import to_text
from omniforce.spec.expression.tree import Expression, Value
from omniforce.spec.space import Coordinate, contains

from ..ir.program import Program
from .change import Change
from .domains import domain_change, prior_text, range_text
from .leaves import text_of
from .setup import Setup, pairs, setup_of

ARGUMENTS = "spec.algorithm.arguments"
SPACE = "spec.searchSpace"


def space_changes(before: Program, after: Program) -> Iterator[Change]:
    """What differs in arguments, parameters, derived values and constraints."""
    old, new = setup_of(before), setup_of(after)
    yield from _arguments(old, new)
    for was, now in pairs(old, new):
        if was is None and now is not None:
            yield _added(now, new.parameters[now][0], old, new)
        elif now is None and was is not None:
            yield _removed(was, old.parameters[was][0], old, new)
        elif was is not None and now is not None:
            yield from _changed(was, now, old, new)
    yield from _derived(old, new)
    yield from _constraints(old, new)


def _arguments(old: Setup, new: Setup) -> Iterator[Change]:
    computed = {d[0].argument for each in (old, new) for d in each.derived.values()}
    searched = old.searched | new.searched | computed
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
    path, text = f"{SPACE}.{name}", _text(name, new)
    fixed, computed = old.arguments.get(now.argument), old.computed(now.argument)
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
    if computed is not None:
        only = "where the value that was computed is one of the range"
        why = "finished trials were trained with the computed value"
        return Change(path, to_text(computed.expression), text, "imputed", why, only)
    if now.argument in old.searched:
        only = "where it takes no part, or the value that the trial had is one of the range"
        why = f"`{now.argument}` was searched before, under other conditions"
        return Change(path, None, text, "kept", why, only)
    if now.default is not None:
        why = f"finished trials count as if they had the default {_value(now.default)}"
        return Change(path, None, text, "imputed", why)
    only = "where it takes no part" if now.conditions else ""
    why = "it has no default, so nobody can say what finished trials had"
    return Change(path, None, text, "kept" if only else "invalidated", why, only)


def _removed(name: str, was: Coordinate, old: Setup, new: Setup) -> Change:
    path, text = f"{SPACE}.{name}", _text(name, old)
    fixed, computed = new.arguments.get(was.argument), new.computed(was.argument)
    if fixed is not None:
        value = _value(fixed)
        why = f"it is {value} for every trial now"
        return Change(path, text, value, "kept", why, f"where it was {value}")
    if computed is not None:
        why = "it is computed now"
        value = to_text(computed.expression)
        return Change(path, text, value, "kept", why, "where it was what is computed now")
    only = "where it took no part" if was.conditions else ""
    why = "finished trials were trained with it, and the next ones do without"
    if was.argument in new.searched:
        only = "where it took no part, or its value is one that is searched now"
        why = f"`{was.argument}` is searched under other conditions now"
    return Change(path, text, None, "kept" if only else "invalidated", why, only)


def _changed(name: str, other: str, old: Setup, new: Setup) -> Iterator[Change]:
    """What differs in one parameter; `other` is what `new` calls it."""
    was, now = old.parameters[name], new.parameters[other]
    path, first, then = f"{SPACE}.{other}", was[0], now[0]
    texts: tuple[str | None, str | None]
    if old.lists.get(name) != new.lists.get(other):
        texts = _range(name, old), _range(other, new)
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
    texts = old.graphs.get(name), new.graphs.get(other)
    if texts[0] != texts[1]:
        why = "a graph says what the places are to one another; the values stay"
        yield Change(f"{path}.graph", *texts, "kept", why)
    if first.lengths != then.lengths:
        texts = " ".join(first.lengths) or None, " ".join(then.lengths) or None
        why = "the array has another length"
        only = "where it is as long as before"
        yield Change(f"{path}.count", *texts, "kept", why, only)
    elif old.when(was) != new.when(now):
        texts = _when(first.conditions, old), _when(then.conditions, new)
        why = "it takes part in other trials now"
        yield Change(f"{path}.when", *texts, "kept", why, "where it takes part as it did")


def _derived(old: Setup, new: Setup) -> Iterator[Change]:
    for name in dict.fromkeys((*old.derived, *new.derived)):
        was, now = old.derived.get(name), new.derived.get(name)
        either = was or now
        if was == now or either is None:
            continue
        argument = either[0].argument
        if argument in old.searched or argument in new.searched:
            continue  # the parameter tells
        before = old.arguments.get(argument) if was is None else was[0].expression
        after = new.arguments.get(argument) if now is None else now[0].expression
        path = f"{SPACE}.{name}"
        texts = _either(before), _either(after)
        if before is None or after is None:
            why = "finished trials were not given it" if before is None else "they were given it"
            yield Change(path, *texts, "invalidated", why)
        else:
            why, only = "it is computed otherwise", "where the same value comes out"
            yield Change(path, *texts, "kept", why, only)


def _constraints(old: Setup, new: Setup) -> Iterator[Change]:
    was, now = _collapsed(old), _collapsed(new)
    for text in was:
        if text not in now:
            why = "trials that were allowed still are"
            yield Change("spec.constraints", text, None, "kept", why)
    for text in now:
        if text not in was:
            why = "what breaks it can no longer be chosen"
            yield Change("spec.constraints", None, text, "kept", why, "where it holds")


def _collapsed(setup: Setup) -> dict[str, None]:
    """The constraints as they are written: once for all places of an array, and all branches."""
    return dict.fromkeys(map(setup.text, setup.space.constraints))


def _text(name: str, setup: Setup) -> str:
    first = setup.parameters[name][0]
    default, when = first.default, _when(first.conditions, setup)
    parts = [_range(name, setup)]
    parts += [f", default {_value(default)}"] if default is not None else []
    parts += [f" when {when}"] if when is not None else []
    return "".join(parts)


def _range(name: str, setup: Setup) -> str:
    return range_text(setup.parameters[name][0].domain, setup.lists.get(name))


def _when(conditions: tuple[Expression, ...], setup: Setup) -> str | None:
    return " and ".join(dict.fromkeys(map(setup.text, conditions))) or None


def _value(value: Value | None) -> str | None:
    return None if value is None else text_of(value)


def _either(value: Value | Expression | None) -> str | None:
    if value is None or isinstance(value, bool | int | float | str):
        return _value(value)
    return to_text(value)
