"""One search from its first trial to its last."""

from __future__ import annotations

import heapq
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import TypeVar

from omniforce.spec.space import Assignment
from omniforce.strategies.points.sampling import Sampler
from omniforce.strategies.protocol import Problem, SpaceExhausted

from .bench import Bench, Metrics
from .searcher import Searcher

Start = Callable[[Problem, int], Searcher]
"""Makes a searcher for a problem; the number is that of the trials it will be given first."""

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Played:
    """How a search went.

    Attributes:
        lost: after each evaluation, in the order in which they ended.
        ended: the bench's figures of the whole search.
        cpu: seconds that the searcher thought, measuring aside.
        memory: MB that this process had at most.
    """

    lost: tuple[float, ...]
    ended: Metrics
    cpu: float
    memory: float


@dataclass(slots=True)
class Stopwatch:
    """CPU seconds of this process while something of the searcher's runs."""

    spent: float = 0.0

    def time(self, call: Callable[[], Answer]) -> Answer:
        """Runs it."""
        start = time.process_time()
        try:
            return call()
        finally:
            self.spent += time.process_time() - start


def play(bench: Bench, start: Start, seed: int, *, workers: int = 1) -> Played:
    """Searches a bench.

    With several workers there are always as many trials out: whenever one ends a new one is asked
    for. How long a trial takes is drawn, so that they end out of order.
    """
    problem = Problem(bench.space, bench.goals, seed, bench.trials, workers, bench.past)
    sampler, watch = Sampler.of(bench.space), Stopwatch()
    noise, clock = Random(f"{seed}/noise"), Random(f"{seed}/clock")
    searcher = watch.time(lambda: start(problem, bench.given))
    points: list[Assignment] = []
    seen: list[Metrics] = []
    for at, point in enumerate(_given(bench, sampler, seed)):
        seen.append(bench.measure(point, noise))
        searcher.tell(at, point, seen[-1])
        points.append(point)
    known = {sampler.key(point) for point in points}
    asked, out = len(points), list[tuple[float, int, Assignment]]()
    now = 0.0
    while len(points) < bench.trials:
        free = min(workers - len(out), bench.trials - asked)
        try:
            fresh = watch.time(partial(searcher.ask, free)) if free else ()
        except SpaceExhausted:
            if not out:
                break
            fresh = ()
        for point in fresh:
            at_last = bench.snap(point, known) if bench.snap else point
            known.add(sampler.key(at_last))
            heapq.heappush(out, (now + clock.uniform(0.5, 1.5), asked, at_last))
            asked += 1
        now, trial, done = heapq.heappop(out)
        metrics = bench.measure(done, noise)
        watch.time(partial(searcher.tell, trial, done, metrics))
        points.append(done)
        seen.append(metrics)
    return Played(_losses(bench, points, seen), bench.ended(points), watch.spent, peak())


def peak() -> float:
    """MB that this process had at most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _given(bench: Bench, sampler: Sampler, seed: int) -> list[Assignment]:
    return list(sampler.many(bench.given, Random(f"{seed}/given")))


def _losses(bench: Bench, points: list[Assignment], seen: list[Metrics]) -> tuple[float, ...]:
    true = [bench.truth(point) for point in points]
    losses = [bench.lost(seen[:n], true[:n]) for n in range(1, len(true) + 1)]
    # a search that ends early has what it found
    return tuple(losses + losses[-1:] * (bench.trials - len(losses)))
