"""What trials that are out mean: each suggester spreads a batch, and none asks for one again."""

from __future__ import annotations

import math
import random

import pytest
import torch

from omniforce.spec.space import Choice, Coordinate, FloatRange, Space
from omniforce.strategies.bayesian.acquisitions.log_ei import LogEI
from omniforce.strategies.bayesian.acquisitions.thompson import Thompson
from omniforce.strategies.bayesian.belief import Belief, believe
from omniforce.strategies.bayesian.fallbacks import Fallbacks
from omniforce.strategies.bayesian.parts import Suggester
from omniforce.strategies.bayesian.rows import Rows
from omniforce.strategies.bayesian.suggesters.fantasies import saying
from omniforce.strategies.bayesian.suggesters.local_penalisation import distances, steepest
from omniforce.strategies.bayesian.surrogates.gaussian_process.surrogate import GaussianProcess
from omniforce.strategies.bayesian.table import SUGGESTERS, make_part
from omniforce.strategies.conformance.spaces import CONDITIONAL
from omniforce.strategies.knowledge import Knowledge
from omniforce.strategies.points.encoding import Encoding
from omniforce.strategies.points.sampling import Sampler
from omniforce.strategies.protocol import Goal, Outcome, Problem, Reward

LINE = Space((Coordinate("x", (), FloatRange(0.0, 1.0)),))
GRID = torch.linspace(0.0, 1.0, 401, dtype=torch.float64).unsqueeze(-1)
SPREADING = sorted(set(SUGGESTERS) - {"sequential"})


def suggester(name: str, **options: object) -> Suggester:
    made: Suggester = make_part("suggester", name, options)  # type: ignore[arg-type]
    return made


def belief() -> Belief:
    """Two hills, the higher one between 0.2 and 0.4; there is much to learn still."""
    rewards = tuple(
        Reward(at, {"x": x}, Outcome.COMPLETED, {"gain": math.sin(7 * x) * (1.3 - x)})
        for at, x in enumerate((0.0, 0.5, 0.7, 1.0))
    )
    study = Knowledge.of(Problem(LINE, (Goal("gain", "maximize"),), 1, 20)).knowing(rewards)
    return believe(study, GaussianProcess(), Fallbacks(4))


def batch(name: str, count: int, acquisition: str = "log-ei") -> list[float]:
    """Points of one batch, chosen one after another."""
    known, chosen = belief(), list[float]()
    torch.manual_seed(0)
    for _ in range(count):
        pending = torch.tensor(chosen, dtype=torch.float64).reshape(-1, 1)
        part = make_part("acquisition", acquisition, {})
        with torch.no_grad():
            scores = suggester(name).score(part, known, pending)(GRID)
        chosen.append(float(GRID[scores.argmax(), 0]))
    return chosen


@pytest.mark.parametrize("acquisition", ["log-ei", "lcb", "log-nei", "mc-ei", "joint-entropy"])
@pytest.mark.parametrize("name", SPREADING)
def test_a_batch_spreads(name: str, acquisition: str) -> None:
    points = batch(name, 4, acquisition)
    # What is out already is left out of what may be proposed; three are somewhere else at least.
    assert len({round(point, 2) for point in points}) >= (2 if acquisition == "lcb" else 3)
    assert max(points) - min(points) > 0.02


def test_sequential_pays_no_heed_to_what_is_out() -> None:
    assert len(set(batch("sequential", 3))) == 1


def test_draws_spread_by_themselves() -> None:
    assert len(set(batch("sequential", 4, Thompson.name))) > 1


@pytest.mark.parametrize("name", sorted(SUGGESTERS))
def test_with_nothing_out_the_score_is_the_acquisitions_own(name: str) -> None:
    known = belief()
    with torch.no_grad():
        plain = LogEI().build(known, GRID[:0])(GRID)
        torch.testing.assert_close(suggester(name).score(LogEI(), known, GRID[:0])(GRID), plain)


def test_the_bolder_the_lie_the_more_is_hoped_for_around_it() -> None:
    known, pending = belief(), torch.tensor([[0.7]], dtype=torch.float64)
    with torch.no_grad():
        best, mean, worst = (
            suggester("constant-liar", lie=lie).score(LogEI(), known, pending)(pending + 0.02)
            for lie in ("best", "mean", "worst")
        )
    assert float(best) > float(mean) > float(worst)


def test_fantasies_are_the_mean_over_what_may_come() -> None:
    known, pending = belief(), torch.tensor([[0.3], [0.7]], dtype=torch.float64)
    rows = GRID[::40]
    with torch.no_grad():
        torch.manual_seed(0)
        found = suggester("fantasies", samples=200).score(LogEI(), known, pending)(rows).exp()
        mean, covariance = known.objectives[0].joint(pending)
        root = torch.linalg.cholesky(covariance + 1e-9 * torch.eye(2))
        utilities = []
        for noise in torch.randn(200, 2, dtype=torch.float64):
            told = known.believing(pending, saying((mean + root @ noise).unsqueeze(-1)))
            utilities.append(LogEI().build(told, pending[:0])(rows).exp())
    wanted = torch.stack(utilities)
    error = 4 * wanted.std(0) / math.sqrt(200) + 1e-6
    assert bool(((found - wanted.mean(0)).abs() <= 1.5 * error).all())


def test_a_penalty_is_largest_at_what_is_out_and_fades() -> None:
    known, pending = belief(), torch.tensor([[0.3]], dtype=torch.float64)
    with torch.no_grad():
        plain = LogEI().build(known, pending[:0])(GRID)
        penalty = suggester("local-penalisation").score(LogEI(), known, pending)(GRID) - plain
    assert int(penalty.argmin()) == 120
    away = penalty[120:]
    assert bool((away.diff() >= -1e-9).all())
    assert float(penalty[-1]) > -1e-3


def test_labels_and_activity_are_apart_by_one() -> None:
    rows = Rows(Encoding.of(CONDITIONAL))
    generator = random.Random(0)
    points = Sampler.of(CONDITIONAL).many(30, generator)
    net = next(point for point in points if point["family"] == "net" and "units[1]" not in point)
    trees = {"family": "trees", "rate": net["rate"], "leaves": 20, "share": net["share"]}
    (apart,) = distances(rows, rows.of([net]), rows.of([trees]))
    # The family, the depth, the units and the leaves.
    assert float(apart[0]) == pytest.approx(2.0)
    assert float(distances(rows, rows.of([net]), rows.of([net]))[0, 0]) == pytest.approx(
        0.0, abs=1e-5
    )


def test_the_steepest_slope_is_found_along_numbers_and_between_labels() -> None:
    space = Space((*LINE.coordinates, Coordinate("c", (), Choice(("a", "b")))))

    class Slope:
        def moments(self, places: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return 3.0 * places[:, 0] + 5.0 * (places[:, 1] > 0.5), torch.ones(len(places))

    rows = Rows(Encoding.of(space))
    places = torch.tensor([[0.1, 0.25], [0.1, 0.75], [0.4, 0.25]], dtype=torch.float64)
    assert steepest(rows, Slope(), places[:1]) == pytest.approx(3.0)  # type: ignore[arg-type]
    assert steepest(rows, Slope(), places) == pytest.approx(5.0, rel=1e-3)  # type: ignore[arg-type]
