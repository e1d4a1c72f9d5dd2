"""Successive halving as trials tell it: who climbed how high, and who may climb on.

Li et al. (2020), A system for massively parallel hyperparameter tuning, algorithm 2: whoever is
among the best 1/eta of a rung goes up at once, and nobody waits for the rung to fill. A
configuration begins where its bracket does and is known by what it is without its fidelity, so
that brackets, rungs and promotions all follow from the trials.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from omniforce.spec.expression.tree import Value
from omniforce.spec.space import Assignment, Choice, Space

from .encoding import axis
from .protocol import Goal, Reward
from .ranking import is_told, standings

Configuration = frozenset[tuple[str, Value]]

_UNBOUNDED_STEPS = 3
"""Steps below the top where the lowest fidelity is 0, so that no ratio leads there."""


@dataclass(frozen=True, slots=True)
class Climb:
    """One configuration on its way up.

    Attributes:
        first: the rung where it began, which is its bracket.
        last: the highest rung that it was sent to.
        point: as it was last asked for.
        told: its trials that have figures, by rung.
    """

    first: int
    last: int
    point: Assignment
    told: dict[int, Reward]


def levels(space: Space, fidelity: str, eta: int) -> tuple[Value, ...]:
    """The fidelities of the rungs, lowest first: the highest, and eta times less each step down.

    Empty where no number of the space has this name.
    """
    found = [c for c in space if c.id == fidelity and not isinstance(c.domain, Choice)]
    if not found or isinstance(domain := found[0].domain, Choice):
        return ()
    low, high = float(domain.low), float(domain.high)
    steps = int(math.log(high / low, eta) + 1e-9) if low > 0 else _UNBOUNDED_STEPS
    place = axis(domain)
    rungs = [place.decode(place.encode(high / eta**down)) for down in range(steps, -1, -1)]
    return tuple(dict.fromkeys(rungs))


def shares(count: int, eta: int) -> tuple[float, ...]:
    """How many of the new configurations each bracket gets, by its first rung; in all 1.

    Li et al. (2018), Hyperband, algorithm 1: each bracket costs about the same.
    """
    weights = [count / (up + 1) * eta**up for up in range(count - 1, -1, -1)]
    return tuple(weight / sum(weights) for weight in weights)


def climbs(
    fidelity: str,
    rungs: Sequence[Value],
    rewards: Sequence[Reward],
    goals: Sequence[Goal],
) -> dict[Configuration, Climb]:
    """Every configuration of the trials, in the order of their first ones."""
    found: dict[Configuration, Climb] = {}
    for reward in rewards:
        if fidelity not in reward.point:
            continue
        key, rung = without(fidelity, reward.point), rung_of(rungs, reward.point[fidelity])
        told = {rung: reward} if is_told(goals, reward) else {}
        before = found.get(key)
        if before is None:
            found[key] = Climb(rung, rung, reward.point, told)
        else:
            found[key] = Climb(
                min(before.first, rung), max(before.last, rung), reward.point, before.told | told
            )
    return found


def without(fidelity: str, point: Assignment) -> Configuration:
    """What the trials of one configuration have in common."""
    return frozenset(each for each in point.items() if each[0] != fidelity)


def rung_of(rungs: Sequence[Value], value: Value) -> int:
    """The highest rung that a fidelity reaches; 0 for less than the lowest."""
    return max((at for at, rung in enumerate(rungs) if float(rung) <= float(value)), default=0)


def promotable(
    found: dict[Configuration, Climb], goals: Sequence[Goal], top: int, eta: int
) -> Iterator[Climb]:
    """Who is among the best 1/eta of its rung and has not been sent on; the highest rung first.

    Only trials with figures count in a rung: what was killed says nothing of anybody's rank.
    """
    for rung in range(top - 1, -1, -1):
        for first in range(rung + 1):
            here = [each for each in found.values() if each.first == first and rung in each.told]
            best = ranked(here, goals, rung)[: len(here) // eta]
            yield from (each for each in best if each.last == rung)


def stragglers(
    found: dict[Configuration, Climb], goals: Sequence[Goal], top: int
) -> Iterator[Climb]:
    """All that have figures and are not at the top, the highest and best first."""
    for rung in range(top - 1, -1, -1):
        here = [each for each in found.values() if each.last == rung and rung in each.told]
        yield from ranked(here, goals, rung)


def ranked(here: Sequence[Climb], goals: Sequence[Goal], rung: int) -> list[Climb]:
    """Best first; of equals the oldest."""
    ranks = standings(goals, [each.told[rung] for each in here])
    return [here[at] for at in sorted(range(len(here)), key=ranks.__getitem__)]
