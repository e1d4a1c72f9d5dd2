"""Which failures are tried again, how often, and after which wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from omniforce.compiler.ir.program import Search

    from .trial.contract import FailureClass

LONGEST_WAIT = 600.0
"""Seconds: a doubling wait would soon be longer than anybody's patience."""

PREEMPTIONS = 5
"""A node that is taken away says nothing about the trial, so this is more than `retries`."""


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a trial is tried again, by class of failure; a class that is not there, never.

    Attributes:
        backoff: seconds before the second try; they double with each one after.
    """

    most: Mapping[FailureClass, int] = field(default_factory=dict)
    backoff: float = 0.0

    def allow(self, failure: FailureClass, retried: Mapping[str, int]) -> bool:
        """Whether a trial that has been tried again so often, by class, is tried once more."""
        return retried.get(failure, 0) < self.most.get(failure, 0)

    def wait(self, retried: Mapping[str, int]) -> float:
        """Seconds before the next try of a trial that has been tried again so often."""
        doublings = min(sum(retried.values()), 30)
        return float(min(LONGEST_WAIT, self.backoff * 2**doublings))


NEVER = Retries()


def retries_of(search: Search) -> Retries:
    """What the spec says of retries: `retries` for what was lost, `retry` for each class."""
    most: dict[FailureClass, int] = {
        "lost-worker": search.retries,
        "preempted": max(search.retries, PREEMPTIONS),
    }
    for failure, count in search.retry:
        most[cast("FailureClass", failure)] = count  # the language knows no other
    return Retries(most, search.backoff)
