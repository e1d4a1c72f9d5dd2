"""The options of a strategy: how it declares them, and how a spec's values are checked."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omniforce.spec.space import FloatRange, IntRange

if TYPE_CHECKING:
    from omniforce.spec.expression.tree import Value
    from omniforce.spec.space import Space


@dataclass(frozen=True, slots=True)
class Option:
    """What the spec may write under `search.strategy.options`.

    Attributes:
        name: the key.
        kind: `int`, `float`, `bool` or `str`; an int is taken where a float is asked for.
        doc: one sentence.
        default: what holds where the spec is silent; None means that the strategy decides.
        minimum: the smallest number allowed, or None.
        words: the strings allowed; empty means any.
        number: whether its value is the name of a number that the space has at every point; such
            an option must be given.
        parts: where its value is the name of a part, the options of the part of that name; the
            spec writes them as `surrogate.trees`.
    """

    name: str
    kind: type[bool] | type[int] | type[float] | type[str]
    doc: str
    default: Value | None
    minimum: float | None = None
    words: tuple[str, ...] = ()
    number: bool = False
    parts: Callable[[str], Sequence[Option]] | None = None


class StrategyFault(Exception):  # noqa: N818 - the compiler makes a diagnostic of it
    """A choice of strategy that cannot be met.

    Attributes:
        option: the option to blame, or None where the name is.
        help: what to write instead.
    """

    def __init__(self, message: str, help: str, option: str | None = None) -> None:
        super().__init__(message)
        self.option = option
        self.help = help


class UnknownStrategy(StrategyFault):
    """No strategy has this name."""


class StrategyClash(StrategyFault):
    """Two packages claim one name."""


class UnknownOption(StrategyFault):
    """The strategy has no option of this name."""


class WrongOption(StrategyFault):
    """The option's value has the wrong type or is out of bounds."""


def option(
    kind: type[bool] | type[int] | type[float] | type[str],
    doc: str,
    default: Value | None,
    *,
    minimum: float | None = None,
    words: tuple[str, ...] = (),
    number: bool = False,
    parts: Callable[[str], Sequence[Option]] | None = None,
) -> Any:
    """A dataclass field that the spec may set."""
    declared = Option("", kind, doc, default, minimum, words, number, parts)
    return dataclasses.field(default=default, metadata={"option": declared})


def options_of(strategy: type) -> tuple[Option, ...]:
    """All options of a strategy's class, in the order of its fields."""
    fields = dataclasses.fields(strategy) if dataclasses.is_dataclass(strategy) else ()
    return tuple(
        dataclasses.replace(field.metadata["option"], name=field.name)
        for field in fields
        if "option" in field.metadata
    )


def check_options(
    name: str, options: Sequence[Option], given: Sequence[tuple[str, Value]]
) -> dict[str, Value]:
    """The given values by name, with ints made floats where a float is asked for.

    Raises:
        UnknownOption: a name that neither the strategy has nor the parts that were chosen.
        WrongOption: a value of another type or out of bounds.
    """
    known = {each.name: each for each in options}
    chosen = {each.name: each.default for each in options} | dict(given)
    for each in options:
        part = chosen[each.name]
        if each.parts is not None and isinstance(part, str) and part in each.words:
            more = each.parts(part)
            known |= {f"{each.name}.{one.name}": one for one in more}
    return {key: _checked(name, known, key, value) for key, value in given}


def check_numbers(
    name: str, options: Sequence[Option], given: Sequence[tuple[str, Value]], space: Space
) -> None:
    """Checks the options that name a number of the space.

    Raises:
        WrongOption: one is missing, or names nothing that every point of the space has as a number.
    """
    numbers = [
        each.id
        for each in space.coordinates
        if isinstance(each.domain, IntRange | FloatRange) and not each.conditions and not each.index
    ]
    offered = ", ".join(f"`{each}`" for each in numbers)
    help_ = f"name one of {offered}" if numbers else "the space has none: add an int or a float"
    for each in options:
        if not each.number:
            continue
        value = dict(given).get(each.name)
        if value is None:
            message = f"strategy `{name}` has no option `{each.name}`: {each.doc}"
            raise WrongOption(message, f"set `{each.name}`; {help_}", each.name)
        if value not in numbers:
            message = f"option `{each.name}` of strategy `{name}` is `{_text(value)}`"
            why = "no number of the search space that every trial has"
            raise WrongOption(f"{message}, {why}", help_, each.name)


def _checked(name: str, known: dict[str, Option], key: str, value: Value) -> Value:
    declared = known.get(key)
    if declared is None:
        words = ", ".join(f"`{each}`" for each in known)
        help_ = f"its options are {words}" if known else "leave `options` out"
        raise UnknownOption(f"strategy `{name}` has no option `{key}`", help_, key)
    if not _is_a(value, declared.kind):
        wanted = {"int": "a whole number", "float": "a number", "bool": "true or false"}
        kind = wanted.get(declared.kind.__name__, "a string")
        raise WrongOption(
            f"option `{key}` of strategy `{name}` is `{_text(value)}`",
            f"write {kind}: {declared.doc}",
            key,
        )
    if declared.words and value not in declared.words:
        words = ", ".join(f"`{word}`" for word in declared.words)
        raise WrongOption(
            f"option `{key}` of strategy `{name}` is `{value}`", f"write one of {words}", key
        )
    if declared.minimum is not None and not isinstance(value, str) and value < declared.minimum:
        raise WrongOption(
            f"option `{key}` of strategy `{name}` is `{value}`",
            f"write at least {declared.minimum:g}",
            key,
        )
    return float(value) if declared.kind is float else value


def _is_a(value: Value, kind: type) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, kind)


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
