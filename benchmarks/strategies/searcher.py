"""What searches: one face for our strategies and for the peers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from omniforce.spec.space import Assignment


class Unavailable(Exception):  # noqa: N818 - a state of this machine, not a fault
    """A searcher is not installed, or does not do problems of this kind; says which and why."""


class Searcher(Protocol):
    """Asked for points, told how they came out; trials are numbered from 0 in order of asking.

    The trials that a bench gives come first: they are told before anything is asked for.
    """

    def ask(self, count: int) -> tuple[Assignment, ...]:
        """Points to try next, while those asked for before may still be out."""
        ...

    def tell(self, trial: int, point: Assignment, metrics: Mapping[str, float]) -> None:
        """What a trial found; `point` is what was measured, which a bench may have moved."""
        ...
