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
        sampler: of the space in which the fidelity is fixed, so that constraints on it hold.
        share: of all new configurations.
        begun: how many there are.
    """

    sampler: Sampler
    share: float
    begun: int


@dataclass(slots=True)
class Beginnings:
    """Draws new configurations, for whichever bracket has fallen behind its share.

    Attributes:
        open: the brackets that may still have new ones.
        known: the keys of all configurations, wherever they began; a fidelity that is fixed has
            one place on its axis, so that one key serves all brackets.
    """

    open: list[_Bracket]
    known: set[Key]

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
        found, brackets, known = list(climbs), list[_Bracket](), set[Key]()
        last = len(shares) - 1
        for at, (value, share) in enumerate(zip(begins, shares, strict=False)):
            sampler = Sampler.of(_fixed(space, fidelity, value))
            begun = sum(1 for each in found if min(each.first, last) == at)
            brackets.append(_Bracket(sampler, share, begun))
            known = known or {sampler.key({**each.point, fidelity: value}) for each in found}
        return cls(brackets, known)

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
                point = self._drawn(bracket.sampler, generator, trial)
            except SpaceExhausted:
                self.open.remove(bracket)
            except EmptySpace:
                self.open.remove(bracket)
                if not self.open and not self.known:
                    raise
            else:
                bracket.begun += 1
                self.known.add(bracket.sampler.key(point))
                return point
        return None

    def _drawn(self, sampler: Sampler, generator: Generator, trial: int) -> Assignment:
        first = sampler.default(generator, self.known) if trial == 0 else None
        return sampler.random(generator, self.known) if first is None else first


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
