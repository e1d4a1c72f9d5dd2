"""New configurations for brackets: each is drawn with the fidelity that its bracket begins with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random as Generator

from omniforce.spec.expression.tree import Value
from omniforce.spec.space import Assignment, Choice, Space

from ..points.encoding import Key
from ..points.sampling import Sampler
from ..protocol import EmptySpace, SpaceExhausted
from .densities import Densities
from .rungs import Climb

AT_RANDOM = 1 / 3
"""The share of configurations that no model is asked for, so that none can lead astray for good."""


@dataclass(slots=True)
class _Bracket:
    """Where some configurations begin.

    Attributes:
        sampler: of the space in which the fidelity is fixed, so that constraints on it hold.
        value: that fidelity.
        each: how many begin here before the next bracket's turn.
        begun: how many there are.
    """

    sampler: Sampler
    value: Value
    each: int
    begun: int


@dataclass(slots=True)
class Beginnings:
    """Draws new configurations, bracket after bracket, the lowest first.

    The brackets come in Hyperband's own order: whether little is enough to tell is tried first, so
    that a space where it is needs no more.

    Attributes:
        fidelity: the name of the number that is fixed.
        open: the brackets that may still have new ones.
        known: the keys of all configurations, wherever they began; a fidelity that is fixed has
            one place on its axis, so that one key serves all brackets.
        ranked: configurations for a model, best first; none for no model.
    """

    fidelity: str
    open: list[_Bracket]
    known: set[Key]
    ranked: Sequence[Assignment]

    @classmethod
    def of(
        cls,
        space: Space,
        fidelity: str,
        rungs: Sequence[Value],
        begins: Sequence[int],
        climbs: Iterable[Climb],
        ranked: Sequence[Climb] = (),
    ) -> Beginnings:
        """Knowing these configurations; there are as many brackets as `begins`."""
        found, brackets, known = list(climbs), list[_Bracket](), set[Key]()
        last = len(begins) - 1
        for at, (value, each) in enumerate(zip(rungs, begins, strict=False)):
            sampler = Sampler.of(_fixed(space, fidelity, value))
            begun = sum(1 for climb in found if min(climb.first, last) == at)
            brackets.append(_Bracket(sampler, value, each, begun))
            known = known or {sampler.key({**climb.point, fidelity: value}) for climb in found}
        return cls(fidelity, brackets, known, [climb.point for climb in ranked])

    def draw(self, generator: Generator, trial: int) -> Assignment | None:
        """The next configuration, the spec's own defaults first; None where no new one is left.

        Raises:
            EmptySpace: there is none, and there never was.
        """
        while self.open:
            bracket = min(self.open, key=lambda b: b.begun // b.each)
            try:
                point = self._drawn(bracket, generator, trial)
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

    def _drawn(self, bracket: _Bracket, generator: Generator, trial: int) -> Assignment:
        sampler = bracket.sampler
        if trial == 0 and (first := sampler.default(generator, self.known)) is not None:
            return first
        if self.ranked and generator.random() >= AT_RANDOM:
            points = [{**point, self.fidelity: bracket.value} for point in self.ranked]
            model = Densities.of(sampler, points)
            if model is not None:
                return model.draw(generator, self.known)
        return sampler.random(generator, self.known)


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
