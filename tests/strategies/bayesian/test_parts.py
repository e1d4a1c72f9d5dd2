"""Every part works with others of every kind, on every conformance space."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from omniforce.spec.blocks.search import StrategyChoice
from omniforce.spec.expression.tree import Value
from omniforce.spec.space import Assignment, Space, validate
from omniforce.strategies.bayesian.table import SETS
from omniforce.strategies.conformance.spaces import CONDITIONAL, LISTS, SMALL, figures, sizes
from omniforce.strategies.conformance.study import GOALS
from omniforce.strategies.points.sampling import Sampler
from omniforce.strategies.protocol import Goal, Outcome, Problem, Reward
from omniforce.strategies.table import make

SPACES = {"conditional": CONDITIONAL, "lists": LISTS, "small": SMALL}
ONE = (GOALS[0],)
LIMITED = (GOALS[0], Goal("size", "minimize", 40.0))
DONE = {"conditional": 12, "lists": 12, "small": 3}


def measured(space: Space, point: Assignment) -> dict[str, float]:
    if space is CONDITIONAL:
        return figures(point)
    if space is LISTS:
        return sizes(point)
    size = float(point["b"]) + (point["a"] == "x")
    return {"accuracy": size, "latency": 2.0 - size, "size": 10.0 * size}


def study(name: str) -> tuple[Reward, ...]:
    """Some trials that came out, one that failed and one that is out."""
    space = SPACES[name]
    sampler, generator = Sampler.of(space), random.Random(3)
    known: set[tuple[float | None, ...]] = set()
    rewards: tuple[Reward, ...] = ()
    for trial in range(DONE[name] + 2):
        point = sampler.random(generator, known)
        known.add(sampler.key(point))
        # A failure, one that is out, and then figures.
        outcome = {0: Outcome.FAILED, 1: Outcome.PENDING}.get(trial, Outcome.COMPLETED)
        metrics = measured(space, point) if outcome is Outcome.COMPLETED else {}
        rewards += (Reward(trial, point, outcome, metrics, seconds=1.0 + trial),)
    return rewards


def suggested(
    space: str, goals: tuple[Goal, ...], parts: Mapping[str, str], count: int
) -> tuple[Assignment, ...]:
    options: tuple[tuple[str, Value], ...] = (("candidates", 48), ("initial", 1), *parts.items())
    if parts["suggester"] == "fantasies":
        options += (("suggester.samples", 2),)
    if parts["optimizer"] in ("alternating", "lbfgs"):
        options += (("optimizer.steps", 5), ("optimizer.starts", 2))
    strategy = make(StrategyChoice("bayesian", options))
    bound = strategy.bind_space(Problem(SPACES[space], goals, 5, 40))
    return bound.handle_rewards(study(space)).generate_tasks(count)


def pairs() -> list[tuple[str, dict[str, str]]]:
    """Each acquisition with each optimizer; generators, suggesters and spaces take turns."""
    kinds = ("generator", "suggester")
    return [
        (
            list(SPACES)[(row + column) % len(SPACES)],
            {
                "acquisition": acquisition,
                "optimizer": optimizer,
                "surrogate": "gp",
                **{
                    kind: sorted(SETS[kind])[(row * (at + 1) + column) % len(SETS[kind])]
                    for at, kind in enumerate(kinds)
                },
            },
        )
        for row, acquisition in enumerate(sorted(SETS["acquisition"]))
        for column, optimizer in enumerate(sorted(SETS["optimizer"]))
    ]


def spelled(each: str | dict[str, str]) -> str:
    return each if isinstance(each, str) else "-".join(each.values())


@pytest.mark.parametrize(("space", "parts"), pairs(), ids=spelled)
@pytest.mark.parametrize("goals", [ONE, GOALS], ids=["one", "several"])
def test_any_parts_together_give_new_valid_points(
    space: str, parts: dict[str, str], goals: tuple[Goal, ...], caplog: pytest.LogCaptureFixture
) -> None:
    points = suggested(space, goals, parts, 1 if space == "small" else 2)
    assert [validate(SPACES[space], point) for point in points] == [()] * len(points)
    sampler = Sampler.of(SPACES[space])
    keys = [sampler.key(point) for point in points]
    known = {sampler.key(reward.point) for reward in study(space)}
    assert (len(set(keys)), set(keys) & known) == (len(points), set())
    assert caplog.messages == []
