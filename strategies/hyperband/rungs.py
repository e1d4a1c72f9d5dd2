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

from ..points.encoding import axis
from ..protocol import Goal, Outcome, Reward
from ..ranking import is_told, standings

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
        out: whether its trial on the highest rung is pending.
    """

    first: int
    last: int
    point: Assignment
    told: dict[int, Reward]
    out: bool

    def has_left(self, rung: int) -> bool:
        """Whether its trial there is over, whatever became of it."""
        return self.first <= rung < self.last or (rung == self.last and not self.out)


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


def begins(count: int, eta: int, trials: int) -> tuple[int, ...]:
    """How many configurations begin on each rung before it is the lowest one's turn again.

    Li et al. (2018), Hyperband, algorithm 1: each bracket costs about the same. Fewer where the
    budget, in trials, would end before the first bracket has anybody on the highest rung.
    """
    full = [math.ceil(count / (up + 1) * eta**up) for up in range(count - 1, -1, -1)]
    first = full[0]
    while first > 1 and sum(_passing(first, eta, up) for up in range(count)) > trials:
        first -= 1
    return tuple(max(1, each * first // full[0]) for each in full)


def _passing(begun: int, eta: int, up: int) -> int:
    """How many of a bracket's configurations get so many rungs up."""
    share: int = eta**up
    return max(1, begun // share)


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
        out = reward.outcome is Outcome.PENDING
        before = found.get(key)
        if before is None:
            found[key] = Climb(rung, rung, reward.point, told, out)
        else:
            found[key] = Climb(
                min(before.first, rung),
                max(before.last, rung),
                reward.point,
                before.told | told,
                out if rung >= before.last else before.out,
            )
    return found


def without(fidelity: str, point: Assignment) -> Configuration:
    """What the trials of one configuration have in common."""
    return frozenset(each for each in point.items() if each[0] != fidelity)


def rung_of(rungs: Sequence[Value], value: Value) -> int:
    """The highest rung that a fidelity reaches; 0 for less than the lowest."""
    return max((at for at, rung in enumerate(rungs) if float(rung) <= float(value)), default=0)


def promotable(
    found: dict[Configuration, Climb],
    goals: Sequence[Goal],
    top: int,
    eta: int,
    bracket: Sequence[int] | None,
) -> Iterator[Climb]:
    """Who goes up, the highest rung first: the best of all that stand on a rung and were not sent.

    Only trials with figures count among them: what was killed says nothing of anybody's rank.

    Args:
        found: all configurations.
        goals: of the study.
        top: the highest rung.
        eta: of how many one goes up.
        bracket: how many begin on each rung; they go up whenever a rung has so many as its brackets
            bring to it. None: as soon as there are eta times as many as went up before, and no
            more (the asynchronous promotions of Li et al. 2022, Hyper-Tune, section 4.2).
    """
    for rung in range(top - 1, -1, -1):
        here = [each for each in found.values() if rung in each.told]
        sent = sum(1 for each in found.values() if each.first <= rung < each.last)
        over = sum(1 for each in found.values() if each.has_left(rung))
        if bracket is None:
            may = len(here) // eta
        else:
            may = math.ceil(_full(bracket, rung, eta, over) * len(here) / max(over, 1))
        best = [each for each in ranked(here, goals, rung) if each.last == rung]
        yield from best[: max(0, may - sent)]


def _full(bracket: Sequence[int], rung: int, eta: int, over: int) -> int:
    """How many may go up from a rung on which so many are over: a share of each bracket's part."""
    parts = [_passing(each, eta, rung - first) for first, each in enumerate(bracket[: rung + 1])]
    shares = [
        _passing(each, eta, rung + 1 - first) for first, each in enumerate(bracket[: rung + 1])
    ]
    times, left = divmod(over, sum(parts))
    may = times * sum(shares)
    for part, share in zip(parts, shares, strict=True):
        left -= part
        if left < 0:
            break
        may += share
    return may


def stragglers(
    found: dict[Configuration, Climb], goals: Sequence[Goal], top: int
) -> Iterator[Climb]:
    """All that have figures and are not at the top, the highest and best first."""
    for rung in range(top - 1, -1, -1):
        here = [each for each in found.values() if each.last == rung and rung in each.told]
        yield from ranked(here, goals, rung)


def by_merit(found: dict[Configuration, Climb], goals: Sequence[Goal], least: int) -> list[Climb]:
    """All that have figures, best first, whatever rung they are on.

    The highest rung with `least` figures comes first, and there whoever has the best one; then come
    those that went no farther than the rung below it, and so on: they were passed over by what
    stands before them. What is known of a higher rung only, where there are too few to compare
    with, is left out.
    """
    top = max((rung for each in found.values() for rung in each.told), default=0)
    counts = [sum(1 for each in found.values() if rung in each.told) for rung in range(top + 1)]
    first = max((rung for rung, count in enumerate(counts) if count >= least), default=0)
    ordered: list[Climb] = []
    seen: set[int] = set()
    for rung in range(first, -1, -1):
        here = [each for each in found.values() if rung in each.told and id(each) not in seen]
        ordered += ranked(here, goals, rung)
        seen.update(map(id, here))
    return ordered


def ranked(here: Sequence[Climb], goals: Sequence[Goal], rung: int) -> list[Climb]:
    """Best first; of equals the oldest."""
    ranks = standings(goals, [each.told[rung] for each in here])
    return [here[at] for at in sorted(range(len(here)), key=ranks.__getitem__)]
