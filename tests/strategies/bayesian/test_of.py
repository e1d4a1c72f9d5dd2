"""OF: its kernel, its fit, how it grows, and that it solves a small space of cells."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from scipy.optimize import check_grad

from omniforce.spec.blocks.search import StrategyChoice
from omniforce.spec.space import Assignment, Choice, Coordinate, FloatRange, Graph, IntRange, Space
from omniforce.strategies.bayesian.fallbacks import Fallbacks, NoFit
from omniforce.strategies.bayesian.parts import Training
from omniforce.strategies.bayesian.rows import Rows
from omniforce.strategies.bayesian.surrogates.of import base, fit, sheet, surrogate, table
from omniforce.strategies.bayesian.surrogates.of.base import Base
from omniforce.strategies.bayesian.surrogates.of.density import apart, negative_log_evidence
from omniforce.strategies.bayesian.surrogates.of.fit import Prior, fitted_until
from omniforce.strategies.bayesian.surrogates.of.kernel import Shape, covariance
from omniforce.strategies.bayesian.surrogates.of.posterior import Posterior
from omniforce.strategies.bayesian.surrogates.of.surrogate import OF
from omniforce.strategies.bayesian.surrogates.of.view import View, view_of
from omniforce.strategies.conformance.spaces import CONDITIONAL
from omniforce.strategies.knowledge import Knowledge
from omniforce.strategies.points.sampling import Sampler
from omniforce.strategies.protocol import Goal, Outcome, Problem, Reward
from omniforce.strategies.table import make

OPERATIONS = ("none", "skip", "narrow", "wide")
EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
CELL = Space(
    tuple(Coordinate("edge", (at,), Choice(OPERATIONS)) for at in range(6)),
    graphs=(Graph("edge", (), EDGES, ("none",), ("skip",)),),
)
MIXED = Space(
    (
        Coordinate("kind", (), Choice(("a", "b", "c"))),
        Coordinate("depth", (), IntRange(1, 9)),
        Coordinate("rate", (), FloatRange(1e-4, 1.0, "log")),
    )
)
GAIN = (Goal("gain", "maximize"),)


@pytest.fixture(autouse=True)
def _as_in_a_suggestion() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with torch.no_grad():
        yield
    torch.set_num_threads(threads)


def seen(space: Space, count: int) -> tuple[View, torch.Tensor, torch.Tensor]:
    """A view of a space, rows of random points, and figures drawn at random."""
    sampler = Sampler.of(space)
    rows = Rows(sampler.encoding).of(sampler.many(count, random.Random(3)))
    figures = torch.from_numpy(np.random.default_rng(3).standard_normal(count))
    return view_of(sampler.encoding), rows, figures


def drawn(view: View) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Parameters drawn from the prior."""
    prior = Prior.of(view)
    noise = np.random.default_rng(5).standard_normal(len(prior.mean))
    return prior.mean + prior.deviation * noise


@pytest.mark.parametrize("space", [CELL, MIXED, CONDITIONAL], ids=["cell", "mixed", "conditional"])
class TestTheKernel:
    def test_is_positive_semidefinite(self, space: Space) -> None:
        view, rows, _ = seen(space, 120)
        shape = Shape.of(drawn(view), view)
        columns = view.columns(rows) * shape.roots
        matrix = covariance(columns, columns, shape)
        assert torch.allclose(matrix, matrix.T)
        assert torch.allclose(matrix.diagonal(), torch.tensor(shape.variance).double())
        assert float(torch.linalg.eigvalsh(matrix).min()) > -1e-9 * len(rows)

    def test_has_the_slopes_of_finite_differences(self, space: Space) -> None:
        view, rows, figures = seen(space, 25)
        squared = apart(view.columns(rows).numpy(), view)

        def value(theta: Any) -> float:
            found = negative_log_evidence(theta, squared, figures.numpy())
            assert found is not None
            return found[0]

        def slope(theta: Any) -> Any:
            found = negative_log_evidence(theta, squared, figures.numpy())
            assert found is not None
            return found[1]

        theta = drawn(view)
        assert check_grad(value, slope, theta) < 1e-4 * (1.0 + np.linalg.norm(slope(theta)))

    def test_gives_random_points_the_distance_that_the_prior_counts_on(self, space: Space) -> None:
        view, rows, _ = seen(space, 400)
        shape = Shape.of(Prior.of(view).mean, view)
        columns = view.columns(rows) * shape.roots
        squared = torch.cdist(columns, columns).square()
        # Conditional numbers are inactive half of the time, so that they are less far apart.
        assert 0.5 * fit.WIDTH < float(squared.mean()) < 1.5 * fit.WIDTH


class TestGrowing:
    def test_by_one_trial_equals_taking_all_at_once(self) -> None:
        view, rows, figures = seen(CELL, 40)
        shape = Shape.of(Prior.of(view).mean, view)
        whole = Base.of(view, shape, view.columns(rows))
        grown = Base.of(view, shape, view.columns(rows[:37]))
        for columns in view.columns(rows[37:]):
            grown = grown.grown(columns)
        assert torch.allclose(grown.root, whole.root, atol=1e-9)
        _, elsewhere, _ = seen(CELL, 90)
        one, other = (Posterior(each, figures, 0.0, 1.0) for each in (whole, grown))
        for left, right in zip(one.moments(elsewhere), other.moments(elsewhere), strict=True):
            assert torch.allclose(left, right, atol=1e-7)

    def test_a_kept_table_says_what_the_rows_say_one_by_one(self) -> None:
        view, rows, figures = seen(CELL, 40)
        shape = Shape.of(Prior.of(view).mean, view)
        base_ = Base.of(view, shape, view.columns(rows[:38]))
        for columns in view.columns(rows[38:]):
            base_ = base_.grown(columns)
        believed = Posterior(base_, figures, 0.3, 2.0)
        _, many, _ = seen(CELL, 1500)
        mean, variance = believed.moments(many)
        few = [believed.moments(piece) for piece in torch.split(many, 500)]
        assert torch.allclose(mean, torch.cat([each[0] for each in few]), atol=1e-3)
        assert torch.allclose(variance, torch.cat([each[1] for each in few]), atol=1e-3)

    def test_a_rebuilt_study_goes_on_as_the_one_that_ran_through(self) -> None:
        problem = Problem(CELL, GAIN, 4, 40)
        strategy = make(StrategyChoice("of")).bind_space(problem)
        rewards = _searched(problem, 22)
        for cached in (fit.densest, base.base_from_bytes, sheet.sheet_from_bytes, table.table):
            cached.cache_clear()
        for told in (20, 21, 22):
            (point,) = strategy.handle_rewards(rewards[:told]).generate_tasks(1)
            assert told == 22 or point == rewards[told].point

    def test_refits_ever_more_rarely(self) -> None:
        ends = [fitted_until(told, 3) for told in range(2, 501)]
        assert [fitted_until(told, 3) for told in (2, 3, 5, 6, 100, 101)] == [2, 3, 3, 6, 99, 96]
        assert all(0 < end <= told for told, end in enumerate(ends, start=2))
        assert len(set(ends)) < 120


class TestTheFit:
    def test_reads_no_more_than_its_most_telling_trials(self) -> None:
        figures = np.arange(600.0) % 400
        kept = fit.telling(figures)
        assert len(kept) == fit.MOST
        assert 599 in kept
        assert 399 in kept

    def test_falls_back_on_its_prior_and_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def failing(*_: Any) -> Any:
            raise NoFit("as if")

        monkeypatch.setattr(surrogate, "fit", failing)
        fallbacks = Fallbacks(0)
        believed = OF().fit(_training(CELL, 12, fallbacks))
        assert fallbacks.count == 1
        assert torch.isfinite(believed.moments(seen(CELL, 30)[1])[0]).all()

    def test_takes_figures_that_are_all_the_same(self) -> None:
        given = _training(CELL, 9, Fallbacks(0))
        believed = OF().fit(replace(given, y=torch.zeros(9).double()))
        mean, variance = believed.moments(seen(CELL, 30)[1])
        assert torch.allclose(mean, torch.zeros(30).double())
        assert (variance > 0.0).all()


class TestStructure:
    def test_dead_edges_bring_two_cells_close(self) -> None:
        view = view_of(Sampler.of(CELL).encoding)
        plain = view_of(Sampler.of(CELL).encoding, structure=False)
        rows = Rows(Sampler.of(CELL).encoding)
        # What edge 2 does is lost: nothing comes in at node 1, so that it has nothing to hand on.
        one = ("none", "wide", "narrow", "skip", "none", "wide")
        same = ("none", "wide", "wide", "skip", "wide", "wide")
        other = ("narrow", "wide", "narrow", "skip", "wide", "wide")
        x = rows.of([_cell(one), _cell(same), _cell(other)])

        def nearer(each: View) -> bool:
            shape = Shape.of(Prior.of(each).mean, each)
            columns = each.columns(x) * shape.roots
            matrix = covariance(columns, columns, shape)
            return bool(matrix[0, 1] > matrix[0, 2] + 0.1)

        assert nearer(view)
        assert not nearer(plain)

    def test_solves_a_small_space_of_cells(self) -> None:
        best = max(_depth(_cell(each)) for each in _all_cells())
        found = [
            max(reward.metrics["gain"] for reward in _searched(Problem(CELL, GAIN, seed, 40), 40))
            for seed in (0, 1)
        ]
        assert found == [best, best]


def _cell(operations: tuple[str, ...]) -> dict[str, str]:
    return {f"edge[{at}]": each for at, each in enumerate(operations)}


def _all_cells() -> Iterator[tuple[str, ...]]:
    for number in range(4**6):
        yield tuple(OPERATIONS[number // 4**at % 4] for at in range(6))


def _depth(point: Assignment) -> float:
    """How much is computed on the way from the input to the output, by the best of the paths."""
    worth = {"skip": 0.3, "narrow": 1.0, "wide": 1.7}
    reached = {0: 0.0}
    for at, (source, target) in enumerate(EDGES):
        operation = str(point[f"edge[{at}]"])
        if source in reached and operation in worth:
            gain = reached[source] + worth[operation]
            reached[target] = max(reached.get(target, gain), gain)
    return reached.get(3, -2.0)


def _searched(problem: Problem, count: int) -> list[Reward]:
    strategy = make(StrategyChoice("of")).bind_space(problem)
    rewards = list[Reward]()
    while len(rewards) < count:
        (point,) = strategy.handle_rewards(rewards).generate_tasks(1)
        rewards.append(Reward(len(rewards), point, Outcome.COMPLETED, {"gain": _depth(point)}))
    return rewards


def _training(space: Space, count: int, fallbacks: Fallbacks) -> Training:
    study = Knowledge.of(Problem(space, GAIN, 1, 50))
    points = study.sampler.many(count, random.Random(0))
    raw = np.array([_depth(point) for point in points])
    y = torch.from_numpy((raw - raw.mean()) / raw.std())
    rows = Rows(study.sampler.encoding)
    places = tuple(range(count))
    return Training(study, rows, GAIN[0], places, rows.of(points), y, raw, "`gain`", fallbacks)
