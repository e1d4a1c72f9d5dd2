"""Each acquisition against what brute force says of a small Gaussian process."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from omniforce.spec.space import Coordinate, FloatRange, Space
from omniforce.strategies.bayesian.acquisitions.joint_entropy import TOLD_APART, drawn_optima
from omniforce.strategies.bayesian.acquisitions.max_value_entropy import best_figures, told
from omniforce.strategies.bayesian.belief import Belief, believe
from omniforce.strategies.bayesian.fallbacks import Fallbacks
from omniforce.strategies.bayesian.front import reference_point
from omniforce.strategies.bayesian.parts import Acquisition, Score
from omniforce.strategies.bayesian.surrogates.gaussian_process.surrogate import GaussianProcess
from omniforce.strategies.bayesian.table import make_part
from omniforce.strategies.knowledge import Knowledge
from omniforce.strategies.points.sampling import Sampler
from omniforce.strategies.protocol import Goal, Outcome, Problem, Reward

SQUARE = Space(tuple(Coordinate(name, (), FloatRange(0.0, 1.0)) for name in "xy"))
GAIN = Goal("gain", "maximize")
COST = Goal("cost", "minimize")
ROWS = torch.rand(40, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(4))
DRAWS = 60_000


def part(name: str, **options: float) -> Acquisition:
    made: Acquisition = make_part("acquisition", name, options)
    return made


def belief(
    goals: Sequence[Goal] = (GAIN,), *, several: bool = True, failing: bool = False
) -> Belief:
    """What ten trials let one believe; the gain is best in a corner, which costs."""
    generator = random.Random(2)
    rewards = tuple(
        Reward(
            at,
            point,
            Outcome.FAILED if failing and float(point["y"]) > 0.7 else Outcome.COMPLETED,
            {
                "gain": math.sin(4 * float(point["x"])) + float(point["y"]) ** 2,
                "cost": 1 + float(point["y"]) ** 2,
            },
            seconds=math.exp(float(point["x"])),
        )
        for at, point in enumerate(Sampler.of(SQUARE).many(10, generator))
    )
    study = Knowledge.of(Problem(SQUARE, tuple(goals), 1, 20)).knowing(rewards)
    return believe(study, GaussianProcess(), Fallbacks(10), timed=True, several=several)


def scores(score: Score, rows: Tensor = ROWS) -> Tensor:
    torch.manual_seed(0)
    with torch.no_grad():
        return score(rows)


def drawn(known: Belief, rows: Tensor, which: int = 0) -> Tensor:
    """Marginal draws of one objective  # DRAWS x n."""
    mean, variance = known.objectives[which].moments(rows)
    noise = torch.randn(DRAWS, len(rows), dtype=torch.float64)
    return mean + variance.sqrt() * noise


def improvements(known: Belief) -> Tensor:
    torch.manual_seed(1)
    best = known.objectives[0].moments(known.baseline)[0].max()
    return (drawn(known, ROWS) - best).clamp_min(0.0).mean(0)


def test_expected_improvement_is_the_mean_of_what_draws_improve() -> None:
    known = belief()
    plain = scores(part("ei").build(known, ROWS[:0]))
    logged = scores(part("log-ei").build(known, ROWS[:0]))
    torch.testing.assert_close(plain, improvements(known), atol=0.01, rtol=0.05)
    torch.testing.assert_close(logged.exp(), plain, atol=1e-9, rtol=1e-6)


def test_expected_improvement_counts_by_the_chance_to_keep_what_is_required() -> None:
    known = belief((GAIN, Goal("cost", "minimize", 1.3)), failing=True)
    free = scores(part("log-ei").build(known, ROWS[:0])).exp()
    limit, success = known.limits[0], known.success
    assert success is not None
    torch.manual_seed(1)
    noise = torch.randn(DRAWS, len(ROWS), dtype=torch.float64)
    mean, variance = limit.fitted.moments(ROWS)
    kept = (limit.sign * (mean + variance.sqrt() * noise - limit.bound) > 0).double().mean(0)
    mean, variance = success.moments(ROWS)
    through = (mean + variance.sqrt() * noise > 0.5).double().mean(0).clamp_min(1e-3)
    required = scores(part("ei").build(known, ROWS[:0]))
    torch.testing.assert_close(required, free * kept * through, atol=0.01, rtol=0.05)


def test_the_bound_is_the_mean_and_some_deviations() -> None:
    known = belief()
    mean, variance = known.objectives[0].moments(ROWS)
    torch.testing.assert_close(
        scores(part("lcb", kappa=2.0).build(known, ROWS[:0])), mean + 2.0 * variance.sqrt()
    )
    grown = scores(part("lcb").build(known, ROWS[:0]))
    torch.testing.assert_close(grown, mean + math.sqrt(0.4 * math.log(20)) * variance.sqrt())


def test_the_bound_rules_out_what_not_even_hope_makes_feasible() -> None:
    known = belief((GAIN, Goal("cost", "minimize", 1.2)))
    rows = torch.tensor([[0.4, 0.1], [0.4, 0.95]], dtype=torch.float64)
    allowed, ruled_out = scores(part("lcb", kappa=1.0).build(known, rows[:0]), rows)
    assert -10.0 < allowed < 10.0
    assert ruled_out < -100.0


def test_feasibility_is_what_the_chance_says_and_else_what_is_unknown() -> None:
    limited = belief((GAIN, Goal("cost", "minimize", 1.3)))
    assert not scores(part("feasibility").build(limited, ROWS[:0])).any()
    free = belief()
    best = int(scores(part("feasibility").build(free, ROWS[:0])).argmax())
    assert best == int(free.objectives[0].moments(ROWS)[1].argmax())


def test_what_is_told_of_the_best_figure_is_the_entropy_lost() -> None:
    # The entropy of a normal distribution cut off above, by a sum over a fine grid.
    mean, variance = torch.tensor([0.2, -1.0]).double(), torch.tensor([0.5, 2.0]).double()
    best = torch.tensor([0.9, 0.1]).double()
    grid = torch.linspace(-12.0, 0.9, 200_001, dtype=torch.float64)
    lost = []
    for m, v in zip(mean, variance, strict=True):
        each = []
        for top in best:
            logs = -0.5 * (grid - m).square() / v
            density = torch.where(grid <= top, logs.exp(), 0.0)
            density = density / torch.trapezoid(density, grid)
            entropy = -torch.trapezoid(torch.special.xlogy(density, density), grid)
            each.append(0.5 * torch.log(2 * math.pi * math.e * v) - entropy)
        lost.append(torch.stack(each).mean())
    torch.testing.assert_close(told(mean, variance, best), torch.stack(lost), atol=1e-3, rtol=1e-3)


def test_the_best_figures_are_those_of_independent_draws() -> None:
    known = belief()
    shares = torch.tensor([0.25, 0.5, 0.75], dtype=torch.float64)
    torch.manual_seed(1)
    bests = drawn(known, ROWS).amax(-1)
    found = best_figures(known.objectives[0], ROWS, shares)
    torch.testing.assert_close(found, torch.quantile(bests, shares), atol=0.03, rtol=0.03)


@pytest.mark.parametrize("name", ["max-value-entropy", "joint-entropy"])
def test_entropy_searches_ask_where_the_best_may_be(name: str) -> None:
    known = belief()
    generator = torch.Generator().manual_seed(1)
    rows = torch.rand(400, 2, dtype=torch.float64, generator=generator)
    found = scores(part(name, samples=64).build(known, rows[:0]), rows)
    torch.manual_seed(3)
    mean, covariance = known.objectives[0].joint(rows)
    root = torch.linalg.cholesky(covariance + 1e-8 * torch.eye(400))
    places = (mean + (root @ torch.randn(400, 2000).double()).T).argmax(-1)
    chances = torch.bincount(places, minlength=400) / 2000
    asked = found.topk(40).indices
    # A tenth of the rows holds most of where the best is drawn.
    assert float(chances[asked].sum()) > 0.5
    assert bool(torch.isfinite(found).all())


def test_joint_entropy_is_what_the_two_moments_of_a_cut_off_figure_say() -> None:
    known = belief()
    fitted = known.objectives[0]
    acquisition = part("joint-entropy", samples=1)
    torch.manual_seed(0)
    score = acquisition.build(known, ROWS[:0])
    with torch.no_grad():
        lost = score(ROWS).exp()
    # The same draw again, and its rows' figures cut off one by one.
    torch.manual_seed(0)
    places = torch.cat([ROWS, known.baseline])
    ((model, best),) = drawn_optima(fitted, places, 1)
    mean, variance = model.moments(ROWS)
    figures = mean + variance.sqrt() * torch.randn(DRAWS, len(ROWS), dtype=torch.float64)
    kept = figures <= best
    count = kept.sum(0)
    middle = torch.where(kept, figures, 0.0).sum(0) / count
    spread = torch.where(kept, (figures - middle).square(), 0.0).sum(0) / count
    before = (fitted.moments(ROWS)[1] + TOLD_APART).log()
    wanted = 0.5 * (before - (spread + TOLD_APART).log())
    enough = count > 2000
    assert int(enough.sum()) > 20
    torch.testing.assert_close(lost[enough], wanted[enough], atol=0.05, rtol=0.05)


@pytest.mark.parametrize("name", ["mc-ei", "log-nei"])
def test_a_batch_improves_as_much_as_its_joint_draws(name: str) -> None:
    known = belief()
    fitted, pending = known.objectives[0], torch.tensor([[0.4, 0.9], [0.9, 0.9]]).double()
    found = scores(part(name, samples=2048).build(known, pending)).exp()
    wanted = []
    for row in ROWS:
        torch.manual_seed(1)
        places = torch.cat([row.unsqueeze(0), pending, known.baseline])
        mean, covariance = fitted.joint(places)
        root = torch.linalg.cholesky(covariance + 1e-9 * torch.eye(len(places)))
        figures = mean + (root @ torch.randn(len(places), 20_000).double()).T
        if name == "mc-ei":
            bar = fitted.moments(known.baseline)[0].max()
            gains = (figures[:, :3].amax(-1) - bar).clamp_min(0.0)
        else:
            gains = (figures[:, 0] - figures[:, 1:].amax(-1)).clamp_min(0.0)
        wanted.append(gains.mean())
    torch.testing.assert_close(found, torch.stack(wanted), atol=0.01, rtol=0.1)


def test_the_noisy_volume_grows_as_it_does_over_draws_of_the_front() -> None:
    known = belief((GAIN, COST))
    found = scores(part("log-nehvi", samples=1024).build(known, ROWS[:0]), ROWS[:12]).exp()
    means = torch.stack([each.moments(known.baseline)[0] for each in known.objectives], dim=-1)
    reference = reference_point(means)
    wanted = []
    for row in ROWS[:12]:
        torch.manual_seed(1)
        places = torch.cat([row.unsqueeze(0), known.baseline])
        figures = []
        for fitted in known.objectives:
            mean, covariance = fitted.joint(places)
            root = torch.linalg.cholesky(covariance + 1e-9 * torch.eye(len(places)))
            figures.append(mean + (root @ torch.randn(len(places), 2000).double()).T)
        draws = torch.stack(figures, dim=-1)  # draws x (1 + n) x 2
        wanted.append(_area(draws, reference) - _area(draws[:, 1:], reference))
    torch.testing.assert_close(found, torch.stack(wanted), atol=0.03, rtol=0.15)


def _area(draws: Tensor, reference: Tensor) -> Tensor:
    """The mean area under two objectives' fronts  # k x n x 2."""
    above = (draws - reference).clamp_min(0.0)
    order = above[..., 0].argsort(dim=-1, descending=True)
    wide = above[..., 0].gather(-1, order)
    high = above[..., 1].gather(-1, order).cummax(-1).values
    steps = torch.diff(high, dim=-1, prepend=torch.zeros_like(high[..., :1]))
    return (wide * steps).sum(-1).mean()


def test_the_volume_of_one_objective_is_its_improvement() -> None:
    known = belief()
    for several, one in (("ehvi", "log-ei"), ("log-nehvi", "log-nei")):
        torch.manual_seed(0)
        volume = part(several).build(known, ROWS[:0])(ROWS)
        torch.manual_seed(0)
        improvement = part(one).build(known, ROWS[:0])(ROWS)
        torch.testing.assert_close(volume, improvement)


def test_seconds_count_by_the_budget_that_is_left() -> None:
    known = belief()
    assert known.seconds is not None
    assert known.left == 0.5
    gain = scores(part("log-ei").build(known, ROWS[:0]))
    took = known.seconds.moments(ROWS)[0]
    cooled = scores(part("per-second").build(known, ROWS[:0]))
    plain = scores(part("per-second", cooling=False).build(known, ROWS[:0]))
    torch.testing.assert_close(cooled, gain - 0.5 * took)
    torch.testing.assert_close(plain, gain - took)
    # The logarithm of the seconds is x itself.
    torch.testing.assert_close(took, ROWS[:, 0], atol=0.15, rtol=0.0)


def test_a_draw_says_the_same_when_asked_again() -> None:
    torch.manual_seed(0)
    score = part("thompson").build(belief(), ROWS[:0])
    first = score(ROWS)
    torch.testing.assert_close(score(ROWS.flip(0)).flip(0), first, atol=1e-5, rtol=1e-5)
    assert not torch.equal(part("thompson").build(belief(), ROWS[:0])(ROWS), first)


def test_draws_are_as_often_the_best_as_the_posterior_says() -> None:
    known = belief()
    rows = ROWS[:6]
    torch.manual_seed(0)
    chosen = [int(part("thompson").build(known, rows[:0])(rows).argmax()) for _ in range(800)]
    mean, covariance = known.objectives[0].joint(rows)
    root = torch.linalg.cholesky(covariance + 1e-9 * torch.eye(6))
    bests = (mean + (root @ torch.randn(6, 20_000).double()).T).argmax(-1)
    shares = torch.bincount(bests, minlength=6) / 20_000
    found = torch.bincount(torch.tensor(chosen), minlength=6) / 800
    torch.testing.assert_close(found, shares, atol=0.06, rtol=0.0)


def test_a_mix_stands_for_several_objectives_where_one_is_asked_for() -> None:
    mixed = belief((GAIN, COST), several=False)
    assert len(mixed.objectives) == 1
    assert bool(torch.isfinite(scores(part("log-ei").build(mixed, ROWS[:0]))).all())
