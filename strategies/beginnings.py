"""New configurations for brackets: each is drawn with the fidelity that its bracket begins with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random as Generator

from omniforce.spec.expression.tree import Value
from omniforce.spec.space import Assignment, Choice, Space

from .encoding import Key
from .protocol import EmptySpace, SpaceExhausted
from .rungs import Climb
from .sampling import Sampler


@dataclass(slots=True)
class _Bracket:
    """Where some configurations begin.

    Attributes:
        value: the fidelity.
        sampler: of the space in which the fidelity is fixed, so that constraints on it hold.
        share: of all new configurations.
        begun: how many there are.
        known: all configurations, wherever they began.
    """

    value: Value
    sampler: Sampler
    share: float
    begun: int
    known: set[Key]


@dataclass(slots=True)
class Beginnings:
    """Draws new configurations, for whichever bracket has fallen behind its share."""

    fidelity: str
    open: list[_Bracket]
    feasible: bool

    @classmethod
    def of(
        cls,
        space: Space,
        fidelity: str,
        begins: Sequence[Value],
        shares: Sequence[float],
        climbs: Iterable[Climb],
    ) -> Beginnings:
        """Knowing these configurations; there are as many brackets as shares."""
        found, brackets = list(climbs), list[_Bracket]()
        last = len(shares) - 1
        for at, (value, share) in enumerate(zip(begins, shares, strict=False)):
            sampler = Sampler.of(_fixed(space, fidelity, value))
            begun = sum(1 for each in found if min(each.first, last) == at)
            known = {sampler.key({**each.point, fidelity: value}) for each in found}
            brackets.append(_Bracket(value, sampler, share, begun, known))
        return cls(fidelity, brackets, bool(found))

    def draw(self, generator: Generator, trial: int) -> Assignment | None:
        """The next configuration, the spec's own defaults first; None where no new one is left.

        Raises:
            EmptySpace: there is none, and there never was.
        """
        while self.open:
            total = sum(each.begun for each in self.open) + 1
            weight = sum(each.share for each in self.open)
            bracket = max(self.open, key=lambda b: b.share / weight * total - b.begun)
            try:
                point = self._drawn(bracket, generator, trial)
            except SpaceExhausted:
                self.open.remove(bracket)
                self.feasible = True
            except EmptySpace:
                self.open.remove(bracket)
            else:
                self._remember(bracket, point)
                return point
        if not self.feasible:
            raise EmptySpace("no point satisfies all constraints, as far as could be found")
        return None

    def _drawn(self, bracket: _Bracket, generator: Generator, trial: int) -> Assignment:
        sampler, known = bracket.sampler, bracket.known
        first = sampler.default(generator, known) if trial == 0 else None
        return sampler.random(generator, known) if first is None else first

    def _remember(self, bracket: _Bracket, point: Assignment) -> None:
        bracket.begun += 1
        self.feasible = True
        for each in self.open:
            each.known.add(each.sampler.key({**point, self.fidelity: each.value}))


def _fixed(space: Space, fidelity: str, value: Value) -> Space:
    """The space with one value for the fidelity."""
    return replace(
        space,
        coordinates=tuple(
            replace(each, domain=Choice((value,)), default=None, prior=None)
            if each.id == fidelity
            else each
            for each in space
        ),
    )
