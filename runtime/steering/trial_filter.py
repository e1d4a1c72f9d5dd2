"""Which trials are wanted: by state, by number, by what they were given and what they reached."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from omniforce.spec.problem import Problem

if TYPE_CHECKING:
    from ..store.trial import Fate, Origin, Trial, TrialState

Comparison = Literal["<=", ">=", "!=", "==", "=", "<", ">"]
_COMPARE: dict[Comparison, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "!=": operator.ne,
    "==": operator.eq,
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}

NO_FILTER = "OFC848"
MOST_CONDITIONS = 20


@dataclass(frozen=True, slots=True)
class Condition:
    """`accuracy>=0.9`, `model.kind=cnn`: a metric, else a parameter, held against a value.

    Attributes:
        key: of a metric, or of a coordinate of the space.
        value: a number where it reads as one; text can only be `=` or `!=`.
    """

    key: str
    comparison: Comparison
    value: float | str

    @classmethod
    def read(cls, text: str) -> Condition:
        """A condition out of its text.

        Raises:
            Problem: it is none.
        """
        found: list[Comparison] = [sign for sign in _COMPARE if sign in text]
        if not found:
            raise _no_condition(text)
        sign = min(found, key=lambda each: (text.find(each), -len(each)))
        place = text.find(sign)
        key, value = text[:place].strip(), text[place + len(sign) :].strip()
        if not key or not value:
            raise _no_condition(text)
        try:
            number = float(value)
        except ValueError:
            if sign not in ("=", "==", "!="):
                raise _no_condition(text) from None
            return cls(key, sign, value)
        return cls(key, sign, number if math.isfinite(number) else value)

    def __str__(self) -> str:
        value = self.value if isinstance(self.value, str) else f"{self.value!r}"
        return f"{self.key}{self.comparison}{value}"

    def holds(self, trial: Trial) -> bool:
        """Whether the trial has it so; one that has no such metric or parameter has not."""
        found = trial.metrics.get(self.key, trial.point.get(self.key))
        if found is None:
            return False
        if isinstance(found, bool):
            found = "true" if found else "false"
        if isinstance(found, str) or isinstance(self.value, str):
            same = str(found) == _text(self.value)
            return {"=": same, "==": same, "!=": not same}.get(self.comparison, False)
        return _COMPARE[self.comparison](found, self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialFilter:
    """Which trials are wanted; a tuple that is empty asks for nothing.

    Attributes:
        states: one of these.
        failures: failed as one of these classes.
        origins: proposed by one of these.
        fates: counts so under the present spec.
        where: all of these hold.
        after: only numbers above it.
        most: so many at most, the first of them.
    """

    states: tuple[TrialState, ...] = ()
    failures: tuple[str, ...] = ()
    origins: tuple[Origin, ...] = ()
    fates: tuple[Fate, ...] = ()
    where: tuple[Condition, ...] = ()
    after: int = -1
    most: int | None = None

    def wants(self, trial: Trial) -> bool:
        """Whether this one is wanted; how many there are already is not looked at."""
        return (
            trial.number > self.after
            and (not self.states or trial.state in self.states)
            and (not self.failures or trial.failure in self.failures)
            and (not self.origins or trial.origin in self.origins)
            and (not self.fates or trial.fate in self.fates)
            and all(condition.holds(trial) for condition in self.where)
        )


def _text(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _no_condition(text: str) -> Problem:
    return Problem(
        NO_FILTER,
        f"`{text[:100]}` is no condition on trials",
        "write a metric or a parameter, one of < <= > >= == !=, and a value: `accuracy>=0.9`",
    )
