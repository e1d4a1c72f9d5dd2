"""The most that a study can take: trials, hours, GPU-hours and money."""

from __future__ import annotations

from collections.abc import Iterable

from omniforce.compiler.ir.program import Program, Search
from omniforce.compiler.prices import HOUR, Prices
from omniforce.spec.blocks.search import Resources
from omniforce.spec.frozen import dataclass

from ...pipelines.surroundings import both
from ...steps import search_of, serve_of


@dataclass(frozen=True, slots=True)
class Amounts:
    """Upper bounds. Money is None where no prices are known.

    Attributes:
        trials: None where only time bounds the search.
        attempts: with every retry.
        trial_hours: of all trials together.
        hours: from the first trial to the last.
        gpu_hours: of the trials.
        search_usd: of the trials.
        release_usd: of preparing, training, converting and measuring once.
        serving_usd: of an hour of serving, with as few and as many servers as allowed.
        unpriced: why money is not known, although there are prices.
    """

    trials: int | None
    attempts: int | None
    trial_hours: float
    hours: float
    gpu_hours: float
    search_usd: float | None = None
    release_usd: float | None = None
    serving_usd: tuple[float, float] | None = None
    unpriced: str = ""


def amounts(program: Program, prices: Prices | None) -> Amounts:
    """The bounds of a compiled study."""
    search = search_of(program)
    resources = search.resources or Resources()
    worst = search.worst_case_seconds or 0.0
    budget = search.budget
    made = Amounts(
        trials=budget.trials,
        attempts=None if budget.trials is None else budget.trials * (1 + search.retries),
        trial_hours=worst / HOUR,
        hours=_elapsed(search, worst) / HOUR,
        gpu_hours=worst / HOUR * resources.gpu,
    )
    if prices is None:
        return made
    money = _usd(prices, worst, resources)
    if money is None:
        return _and(made, unpriced="trials have a GPU, and `gpuHour` has no price")
    return _and(
        made,
        search_usd=money,
        release_usd=_sum(
            _usd(prices, t.timeout * (t.retries + 1), t.resources, t.device)
            for t in both(program)[1].tasks
        ),
        serving_usd=_serving(program, prices),
    )


def _elapsed(search: Search, worst: float) -> float:
    """Seconds that go by: trials fill their places, and a clock that runs out lets them end."""
    least = worst / max(1, search.parallelism)
    clock = search.budget.wall_clock
    return least if clock is None else min(least, clock + search.timeout)


def _serving(program: Program, prices: Prices) -> tuple[float, float] | None:
    serve = serve_of(program)
    if serve is None:
        return None
    one = _usd(prices, HOUR, serve.resources or Resources(), serve.device.name)
    return None if one is None else (one * serve.scale.min, one * serve.scale.max)


def _usd(prices: Prices, seconds: float, used: Resources, device: str = "") -> float | None:
    return prices.usd(seconds, used.cpu, used.memory, used.gpu, device)


def _sum(each: Iterable[float | None]) -> float | None:
    known = tuple(each)
    return None if None in known else sum(k for k in known if k is not None)


def _and(amounts: Amounts, **more: object) -> Amounts:
    from dataclasses import replace

    return replace(amounts, **more)  # type: ignore[arg-type]
