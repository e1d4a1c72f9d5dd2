"""What a study may still spend: the spec's budget, what people added, and what was used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from omniforce.compiler.ir.program import Program
from omniforce.compiler.rates import dollars_an_hour, gpus, watts
from omniforce.spec.blocks.search import Budget

from .rewards import search_of
from .store.trial import EndReason, StudyRecord, Usage

HOUR = 3600.0
JOULES = 3.6e6
"""Of one kWh."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound of the budget that is reached by use.

    Attributes:
        an_hour: what one trial's container uses up of it in an hour.
        used: so far.
        most: the bound, in the same unit.
    """

    reason: EndReason
    an_hour: float
    used: float
    most: float

    @property
    def is_reached(self) -> bool:
        """Whether nothing is left."""
        return self.used >= self.most

    def seconds_left(self, running: int) -> float | None:
        """Seconds until it is reached with so many trials at once; None for never."""
        if running <= 0 or self.an_hour <= 0.0:
            return None
        return max(0.0, self.most - self.used) / (self.an_hour * running) * HOUR


def budget_of(program: Program, extra: Mapping[str, float]) -> Budget:
    """The spec's budget with what people added; what the spec does not bound stays unbounded."""
    budget = search_of(program).budget

    def more(bound: float | None, name: str) -> float | None:
        return None if bound is None else bound + extra.get(name, 0.0)

    return replace(
        budget,
        trials=None if budget.trials is None else budget.trials + int(extra.get("trials", 0)),
        wall_clock=more(budget.wall_clock, "wall_clock"),
        gpu_hours=more(budget.gpu_hours, "gpu_hours"),
        usd=more(budget.usd, "usd"),
        kwh=more(budget.kwh, "kwh"),
    )


def is_metered(budget: Budget) -> bool:
    """Whether it hangs on what trials use, and not on their number or the clock alone."""
    return not budget.gpu_hours is budget.usd is budget.kwh is None


def limits(program: Program, budget: Budget, usage: Usage) -> Iterator[Limit]:
    """The bounds in GPU-hours, money and energy, as far as the budget has them."""
    search, rates = search_of(program), program.platform.rates
    resources, nodes = search.resources, search.nodes.most
    hours = usage.seconds / HOUR
    if budget.gpu_hours is not None:
        used_at_once = gpus(resources, nodes)
        yield Limit("gpu-hours", used_at_once, used_at_once * hours, budget.gpu_hours)
    if budget.usd is not None:
        dollars = dollars_an_hour(resources, rates, nodes)
        yield Limit("usd", dollars, dollars * hours, budget.usd)
    if budget.kwh is not None:
        power = watts(resources, rates, nodes)
        used = usage.joules + power * usage.unmeasured
        yield Limit("energy", power / 1000.0, used / JOULES, budget.kwh)


def end_of(budget: Budget, study: StudyRecord) -> float | None:
    """When the wall clock ends the study."""
    return None if budget.wall_clock is None else study.started + budget.wall_clock
