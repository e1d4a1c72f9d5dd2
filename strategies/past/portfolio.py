"""The first points of a study that has a past: few configurations that did well, each elsewhere.

A greedy portfolio: each next point is the one that, with those before it, gives the past studies
the best standing on average, every study counted by the point that suits it best (Feurer et al.
2022, Auto-sklearn 2.0, section 4.2). What a study would say of a configuration that it has not
tried is read from its trials nearby.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from random import Random as Generator
from typing import TYPE_CHECKING

from omniforce.spec.space import Assignment

from ..points.encoding import Axis, Encoding, Key, Labels
from ..points.sampling import Sampler
from ..protocol import EmptySpace, Problem, SpaceExhausted
from .tasks import Question, Task, tasks_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

BEST = 5
"""So many configurations of each past study compete."""

MOST = 3
"""So many points at most: a past that misleads costs a study no more than these."""

REACH = 0.12
"""How far a trial speaks for what is around it, of each axis; times the root of their number, as
the distance between two trials grows."""

DOUBT = 0.05
"""The weight of knowing nothing, which is a standing in the middle, beside one trial's."""


def first_points(problem: Problem, sampler: Sampler) -> tuple[Assignment, ...]:
    """Feasible points to begin with, the most promising first; none without a past of use."""
    return _first_points(Question.of(problem), sampler) if problem.past else ()


@lru_cache(maxsize=4)
def _found(question: Question) -> tuple[Key, ...]:
    """The keys of the chosen configurations, None where nothing is known."""
    problem = question.problem
    tasks = tasks_of(problem)
    if not tasks:
        return ()
    encoding = Encoding.of(problem.space)
    candidates = list(dict.fromkeys(key for task in tasks for key in _best(task)))
    # A tenth of the budget is what a past that misleads may cost.
    wanted = max(1, min(MOST, problem.budget // 10))
    return tuple(
        candidates[at]
        for at in _greedy(expected_standings(encoding.axes, tasks, candidates), wanted)
    )


def _first_points(question: Question, sampler: Sampler) -> tuple[Assignment, ...]:
    points: list[Assignment] = []
    known = set[Key]()
    for key in _found(question):
        generator = Generator(f"{question.problem.seed}/past/{len(points)}")  # noqa: S311
        try:
            point = sampler.near(_whole(sampler, key), generator, known)
        except (SpaceExhausted, EmptySpace):
            break
        known.add(sampler.key(point))
        points.append(point)
    return tuple(points)


def _best(task: Task) -> list[Key]:
    order = sorted(range(len(task.keys)), key=lambda at: -task.standings[at])
    return list(dict.fromkeys(task.keys[at] for at in order))[:BEST]


def _whole(sampler: Sampler, key: Key) -> list[float]:
    """A place for what the past does not know: the writer's own guess, or the middle."""
    unit: list[float] = []
    for at, place in enumerate(key):
        if place is not None:
            unit.append(place)
            continue
        coordinate, axis = sampler.space.coordinates[at], sampler.encoding.axes[at]
        wish = sampler.spreads[at]
        if coordinate.default is not None:
            unit.append(axis.encode(coordinate.default))
        else:
            unit.append(0.5 if wish is None else wish.place(0.5))
    return unit


def expected_standings(
    axes: Sequence[Axis], tasks: Sequence[Task], candidates: Sequence[Key]
) -> Array:
    """What standing each candidate should have in each past study  # studies x candidates."""
    import numpy as np

    rows = []
    for task in tasks:
        apart = np.zeros((len(candidates), len(task.keys)))
        for at in task.known:
            apart += _apart(axes[at], [key[at] for key in candidates], [k[at] for k in task.keys])
        weights = np.exp(-apart / len(task.known))
        sums = weights @ np.array(task.standings) + 0.5 * DOUBT
        rows.append(sums / (weights.sum(axis=1) + DOUBT))
    return np.array(rows)


def _apart(axis: Axis, here: Sequence[float | None], there: Sequence[float | None]) -> Array:
    """Squared distances along one axis, in units of `REACH`  # candidates x trials."""
    import numpy as np

    one = np.array([np.nan if place is None else place for place in here])
    other = np.array([np.nan if place is None else place for place in there])
    gap = np.abs(one[:, None] - other[None, :])
    if isinstance(axis, Labels) and not axis.ordered:
        gap = np.where(gap > 0.0, 1.0, gap)
    both = np.isnan(one)[:, None] & np.isnan(other)[None, :]
    # What is inactive here and active there is as far apart as the ends of the axis.
    found: Array = (np.where(both, 0.0, np.nan_to_num(gap, nan=1.0)) / REACH) ** 2
    return found


def _greedy(scores: Array, wanted: int) -> list[int]:
    import numpy as np

    chosen: list[int] = []
    covered = np.full(len(scores), -np.inf)
    while len(chosen) < min(wanted, scores.shape[1]):
        gains = np.maximum(covered[:, None], scores).mean(axis=0)
        gains[chosen] = -np.inf
        chosen.append(int(gains.argmax()))
        covered = np.maximum(covered, scores[:, chosen[-1]])
    return chosen
