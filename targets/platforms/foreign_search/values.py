"""Values as text, since another system proposes them as text: written here, read in the trial."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Final

from omniforce.spec.expression.tree import Value
from omniforce.spec.space import Choice, Domain, FloatRange, IntRange, Space, contains

PREFIX: Final = "KUBEFLOW_TRAINER_OPT_"
"""Kubeflow Trainer's own name for what it searches; Katib's template sets the same variables."""

_MARGIN: Final = 1e-9
"""Share of a range that a sampler on a logarithmic scale may round past its ends."""


_WHOLE: Final = re.compile(r"-?[0-9]{1,30}")


class NoPoint(Exception):  # noqa: N818 - what the environment holds
    """The environment holds no point of the space."""


def variable(name: str) -> str:
    """The environment variable of a parameter."""
    return PREFIX + name.upper()


def value_text(value: Value) -> str:
    """A value as Katib and Trainer list it: `true`, `0.001`, `sgd`."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def listed(domain: Domain) -> tuple[Value, ...] | None:
    """All values of a choice or a grid, in their order; None for what has no list."""
    match domain:
        case Choice(values=values):
            return values
        case IntRange(low=low, high=high, step=step) if step != 1:
            return tuple(range(low, high + 1, step))
        case FloatRange(low=low, high=high, step=step) if step is not None:
            count = math.floor((high - low) / step + 1e-9) + 1
            # through decimal text, so that 0.1 + 2 * 0.1 is 0.3 to whoever reads it
            return tuple(float(f"{low + i * step:.12g}") for i in range(count))
        case IntRange() | FloatRange():
            return None


def read_point(space: Space, environment: Mapping[str, str]) -> dict[str, Value]:
    """The point that the environment's variables say.

    Raises:
        NoPoint: a variable is missing, or what it holds is not in the parameter's range.
    """
    found = {c.name: environment.get(variable(c.name)) for c in space}
    missing = [variable(name) for name, text in found.items() if text is None]
    if missing:
        raise NoPoint(f"{', '.join(missing)} must be set")
    return {c.name: read_value(c.name, c.domain, found[c.name] or "") for c in space}


def read_value(name: str, domain: Domain, text: str) -> Value:
    """The value of a domain that a text says.

    Raises:
        NoPoint: none of them.
    """
    for value in _readings(domain, text):
        if contains(domain, value):
            return value
    raise NoPoint(f"{variable(name)} is `{text[:80]}`, which `{name}` cannot be")


def _readings(domain: Domain, text: str) -> Iterator[Value]:
    """What a text may say: samplers write `3.0` for a whole number and miss an end by a hair."""
    if isinstance(domain, Choice):
        yield from (value for value in domain.values if value_text(value) == text)
    if isinstance(domain, IntRange) and _WHOLE.fullmatch(text):
        yield int(text)  # which no float holds beyond 2**53
        return
    try:
        number = float(text)
    except ValueError:
        return
    if not math.isfinite(number):
        return
    match domain:
        case Choice(values=values):
            yield from (v for v in values if not isinstance(v, bool | str) and v == number)
        case IntRange():
            if number.is_integer():
                yield int(number)
        case FloatRange(low=low, high=high):
            nearest = min(max(number, low), high)
            if abs(nearest - number) <= _MARGIN * max(abs(low), abs(high)):
                yield nearest
