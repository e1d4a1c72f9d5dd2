"""Find the most that a search can cost, and refuse one without end.

    search(budget: {trials: 24}, retries: 1, timeout: 60)
 => search(..., worst_case_seconds: 2880)

Needs lowered steps. Promises a finite bound of the work of all trials together, in seconds of
one trial's container. A budget in money or energy bounds what `platform.rates` gives a rate for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from omniforce.spec.blocks.platform import Rates
from omniforce.spec.diagnostic import Diagnostic, Related
from omniforce.spec.frozen import dataclass

from ..ir.program import Program, Search, Step
from ..rates import dollars_an_hour, gpus, watts
from .context import Context, Outcome

BUDGET = ("spec", "search", "budget")
HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class BoundBudget:
    """Takes the tightest of the bounds that the budget gives."""

    name: str = "bound-budget"

    def run(self, program: Program, context: Context) -> Outcome:
        """The program with the worst case of each search."""
        found: list[Diagnostic] = []
        notes: list[str] = []
        steps: list[Step] = []
        for step in program.steps:
            if not isinstance(step, Search):
                steps.append(step)
                continue
            rates = program.platform.rates
            bounds = tuple(_bounds(step, rates))
            found += _faults(step, rates, bool(bounds), context)
            worst = min(bounds, default=None)
            if worst is not None and worst != step.worst_case_seconds:
                notes.append(f"at most {worst / HOUR:.4g} hours of trials")
            steps.append(replace(step, worst_case_seconds=worst))
        return Outcome(replace(program, steps=tuple(steps)), tuple(found), tuple(notes))


def _bounds(search: Search, rates: Rates) -> Iterator[float]:
    budget = search.budget
    # What is under way when a clock or an account runs out still ends by its own timeout.
    late = search.parallelism * search.timeout
    if budget.trials is not None:
        yield budget.trials * (1 + search.retries) * search.timeout
    if budget.wall_clock is not None:
        yield search.parallelism * budget.wall_clock + late
    used, nodes = search.resources, search.nodes.most
    if budget.gpu_hours is not None and (gpu := gpus(used, nodes)):
        yield budget.gpu_hours * HOUR / gpu + late
    if budget.usd is not None and (dollars := dollars_an_hour(used, rates, nodes)):
        yield budget.usd * HOUR / dollars + late
    if budget.kwh is not None and (power := watts(used, rates, nodes)):
        yield budget.kwh * 1000.0 * HOUR / power + late


def _faults(search: Search, rates: Rates, bounded: bool, context: Context) -> Iterator[Diagnostic]:
    budget = search.budget
    if budget.gpu_hours is not None and not gpus(search.resources):
        resources = context.at("spec", "search", "trial", "resources")
        yield Diagnostic(
            "OFC502",
            "the budget counts GPU-hours, and no trial has a GPU",
            context.at(*BUDGET, "gpuHours"),
            "never spent",
            "give each trial one with `trial: {resources: {gpu: 1}}`, or remove `gpuHours`",
            related=(Related(resources, "no `gpu` here"),)
            if resources and context.written("spec", "search", "trial", "resources")
            else (),
        )
    elif (lacking := _without_rate(search, rates)) is not None:
        name, rate = lacking
        yield Diagnostic(
            "OFC501",
            f"the budget is bound by `{name}`, and nothing says what running costs",
            context.at(*BUDGET, name),
            "no bound without a rate",
            f"add `platform: {{rates: {{{rate}}}}}`, or bound it by `trials` or `wallClock`",
        )
    elif not bounded:
        yield Diagnostic(
            "OFC501",
            "nothing bounds the search",
            context.at(*BUDGET),
            "needs a bound",
            "add `trials: 24` or `wallClock: 2h` to `budget`",
        )


def _without_rate(search: Search, rates: Rates) -> tuple[str, str] | None:
    """The bound that could never be reached, and the rate that it wants."""
    budget, resources = search.budget, search.resources
    if budget.usd is not None and not dollars_an_hour(resources, rates):
        return "usd", "cpuHour: 0.04, memoryHour: 0.005"
    if budget.kwh is not None and not watts(resources, rates):
        return "kWh", "cpuWatts: 12"
    return None
