"""What every surrogate must do, whatever it is made of."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
import torch
from torch import Tensor

from omniforce.spec.blocks.search import StrategyChoice
from omniforce.spec.space import Choice, Coordinate, FloatRange, Space
from omniforce.strategies.bayesian.fallbacks import Fallbacks
from omniforce.strategies.bayesian.parts import Fitted, Training
from omniforce.strategies.bayesian.rows import Rows
from omniforce.strategies.bayesian.surrogates.gaussian_process.process import Process
from omniforce.strategies.bayesian.surrogates.of_hd import Weighed
from omniforce.strategies.bayesian.table import SURROGATES, make_part
from omniforce.strategies.conformance import StrategyConformance
from omniforce.strategies.conformance.spaces import CONDITIONAL, LISTS, SMALL, figures, sizes
from omniforce.strategies.knowledge import Knowledge
from omniforce.strategies.points.sampling import Sampler
from omniforce.strategies.protocol import Goal, Outcome, Problem, Reward, SearchStrategy
from omniforce.strategies.table import make

QUICK: dict[str, dict[str, int]] = {"bnn": {"burn_in": 400, "apart": 15, "draws": 24}}
"""Options with which a test need not wait; the others are quick as they are."""

CUBE = Space(tuple(Coordinate(name, (), FloatRange(0.0, 1.0)) for name in "xyz"))
GAIN = (Goal("gain", "maximize"),)


def training(space: Space, count: int, measure: Callable[[Any], float], seed: int = 1) -> Training:
    """Random points of a space and their standardised figures."""
    study = Knowledge.of(Problem(space, GAIN, seed, 100))
    points = study.sampler.many(count, random.Random(0))
    raw = torch.tensor([measure(point) for point in points], dtype=torch.float64)
    y = (raw - raw.mean()) / (raw.std(correction=0) or 1.0)
    study = study.knowing(
        [
            Reward(at, point, Outcome.COMPLETED, {"gain": float(figure)})
            for at, (point, figure) in enumerate(zip(points, raw, strict=True))
        ]
    )
    rows = Rows(study.sampler.encoding)
    places = tuple(range(count))
    return Training(
        study, rows, GAIN[0], places, rows.of(points), y, raw.numpy(), "`gain`", Fallbacks(count)
    )


def fitted(name: str, given: Training) -> Fitted:
    made: Fitted = make_part("surrogate", name, QUICK.get(name, {})).fit(given)
    return made


@cache
def of_the_cube(name: str) -> tuple[Training, Fitted]:
    """Trials of a smooth function, and what they let one believe; made once."""
    given = training(CUBE, 25, slope)
    return given, fitted(name, given)


def slope(point: Any) -> float:
    return float(point["x"]) * 2.0 + math.sin(3.0 * float(point["y"]))


def unseen(space: Space, count: int) -> Tensor:
    sampler = Sampler.of(space)
    return Rows(sampler.encoding).of(sampler.many(count, random.Random(9)))


@pytest.fixture(autouse=True)
def _as_in_a_suggestion() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with torch.no_grad():
        yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("name", sorted(SURROGATES))
class TestEverySurrogate:
    def test_learns_which_of_two_rows_is_better(self, name: str) -> None:
        _, believed = of_the_cube(name)
        rows = unseen(CUBE, 200)
        mean, _ = believed.moments(rows)
        sampler = Sampler.of(CUBE)
        truth = torch.tensor(
            [slope(sampler.encoding.decode(row)) for row in rows.tolist()], dtype=torch.float64
        )
        both = torch.stack([mean, truth])
        assert float(torch.corrcoef(both)[0, 1]) > 0.8

    def test_moments_are_numbers_and_variances_positive(self, name: str) -> None:
        _, believed = of_the_cube(name)
        mean, variance = believed.moments(unseen(CUBE, 50))
        assert (mean.shape, variance.shape) == ((50,), (50,))
        assert bool(mean.isfinite().all())
        assert bool((variance > 0.0).all())
        assert bool(variance.isfinite().all())

    def test_what_is_joint_agrees_with_what_stands_alone(self, name: str) -> None:
        _, believed = of_the_cube(name)
        sets = unseen(CUBE, 12).reshape(3, 4, 3)
        mean, covariance = believed.joint(sets)
        alone, variance = believed.moments(sets.reshape(12, 3))
        assert (mean.shape, covariance.shape) == ((3, 4), (3, 4, 4))
        assert torch.allclose(mean.flatten(), alone, atol=1e-8)
        assert torch.allclose(covariance.diagonal(dim1=-2, dim2=-1).flatten(), variance, atol=1e-8)
        assert torch.allclose(covariance, covariance.mT, atol=1e-10)
        assert float(torch.linalg.eigvalsh(covariance).min()) > -1e-8

    def test_knows_more_where_trials_are(self, name: str) -> None:
        given, believed = of_the_cube(name)
        _, near = believed.moments(given.x)
        _, far = believed.moments(unseen(CUBE, 200))
        assert float(near.mean()) < float(far.mean())

    def test_moves_towards_what_it_is_told(self, name: str) -> None:
        _, believed = of_the_cube(name)
        row = unseen(CUBE, 1)
        mean, _ = believed.moments(row)
        for change in (-1.5, 1.5):
            told = believed.believing(row, mean + change)
            moved = float(told.moments(row)[0] - mean)
            assert 0.1 * abs(change) < moved * math.copysign(1.0, change) < 1.2 * abs(change)

    def test_is_told_one_thing_after_another(self, name: str) -> None:
        _, believed = of_the_cube(name)
        rows, values = unseen(CUBE, 3), torch.tensor([1.0, -1.0, 0.5], dtype=torch.float64)
        probe = unseen(CUBE, 40)
        at_once, _ = believed.believing(rows, values).moments(probe)
        in_turn = believed.believing(rows[:1], values[:1]).believing(rows[1:], values[1:])
        assert torch.allclose(in_turn.moments(probe)[0], at_once, atol=1e-6)

    def test_told_nothing_believes_the_same(self, name: str) -> None:
        (_, believed), probe = of_the_cube(name), unseen(CUBE, 5)
        told = believed.believing(probe[:0], torch.zeros(0, dtype=torch.float64))
        assert torch.equal(told.moments(probe)[0], believed.moments(probe)[0])

    def test_believes_the_same_of_the_same_trials(self, name: str) -> None:
        (_, first), again = of_the_cube(name), fitted(name, training(CUBE, 25, slope))
        probe = unseen(CUBE, 20)
        for ours, theirs in zip(first.moments(probe), again.moments(probe), strict=True):
            assert torch.equal(ours, theirs)

    def test_leaves_the_global_generators_alone(self, name: str) -> None:
        torch_state, state = torch.random.get_rng_state(), random.getstate()
        fitted(name, training(CUBE, 8, slope)).moments(unseen(CUBE, 5))
        assert torch.equal(torch.random.get_rng_state(), torch_state)
        assert random.getstate() == state

    @pytest.mark.parametrize("count", [1, 2, 3])
    def test_goes_on_with_very_few_trials(self, name: str, count: int) -> None:
        mean, variance = fitted(name, training(CUBE, count, slope)).moments(unseen(CUBE, 9))
        assert bool(mean.isfinite().all())
        assert bool((variance > 0.0).all())

    def test_goes_on_where_all_figures_are_equal(self, name: str) -> None:
        mean, variance = fitted(name, training(CUBE, 12, lambda _: 3.0)).moments(unseen(CUBE, 9))
        assert float(mean.abs().max()) < 0.5
        assert bool((variance > 0.0).all())

    def test_goes_on_where_one_point_came_out_differently_each_time(self, name: str) -> None:
        given = training(CUBE, 12, slope)
        given.x[:] = given.x[:1].clone()
        mean, variance = fitted(name, given).moments(torch.cat([given.x[:1], unseen(CUBE, 5)]))
        assert abs(float(mean[0])) < 0.5
        assert bool((variance > 0.0).all())

    @pytest.mark.parametrize(
        ("space", "measure"),
        [
            (CONDITIONAL, lambda p: figures(p)["accuracy"]),
            (LISTS, lambda p: sizes(p)["accuracy"]),
            (SMALL, lambda p: float(p["b"])),
        ],
        ids=["conditional", "lists", "small"],
    )
    def test_learns_in_every_kind_of_space(
        self, name: str, space: Space, measure: Callable[[Any], float]
    ) -> None:
        given = training(space, 40, measure)
        mean, _ = fitted(name, given).moments(given.x)
        assert float(torch.corrcoef(torch.stack([mean, given.y]))[0, 1]) > 0.75

    def test_tells_apart_families_of_which_one_has_no_depth(self, name: str) -> None:
        """What is inactive is no value of its axis."""
        given = training(CONDITIONAL, 40, lambda p: float(p["family"] == "net"))
        mean, _ = fitted(name, given).moments(given.x)
        net = given.y > 0.0
        assert float(mean[net].min()) > float(mean[~net].max())

    def test_tells_labels_apart_that_have_no_order(self, name: str) -> None:
        space = Space(
            (
                Coordinate("label", (), Choice(("a", "b", "c", "d"))),
                Coordinate("x", (), FloatRange(0.0, 1.0)),
            )
        )
        given = training(space, 40, lambda p: float(p["label"] in ("a", "c")))
        mean, _ = fitted(name, given).moments(given.x)
        good = given.y > 0.0
        assert float(mean[good].min()) > float(mean[~good].max())


class _WithSurrogate(StrategyConformance):
    surrogate = ""

    def strategy(self) -> SearchStrategy:
        options = {"surrogate": self.surrogate, "initial": 8, "candidates": 32} | {
            f"surrogate.{key}": value for key, value in self.options().items()
        }
        return make(StrategyChoice("bayesian", tuple(options.items())))

    def options(self) -> dict[str, int]:
        return {}


class TestRandomForest(_WithSurrogate):
    surrogate = "random-forest"

    def options(self) -> dict[str, int]:
        return {"trees": 6}


class TestLastLayer(_WithSurrogate):
    surrogate = "last-layer"

    def options(self) -> dict[str, int]:
        return {"networks": 2, "steps": 10}


class TestBayesianNetwork(_WithSurrogate):
    surrogate = "bnn"

    def options(self) -> dict[str, int]:
        return {"burn_in": 20, "apart": 2, "draws": 4}


class TestOfHd(_WithSurrogate):
    surrogate = "of-hd"


def believed_of(measure: Callable[[Any], float], axes: int, count: int) -> tuple[Fitted, Fitted]:
    """What `of-hd` and `gp` believe of a function of many axes."""
    space = Space(tuple(Coordinate(f"x{at}", (), FloatRange(0.0, 1.0)) for at in range(axes)))
    given = training(space, count, measure)
    return fitted("of-hd", given), fitted("gp", given)


def test_sees_that_few_axes_matter() -> None:
    hd, plain = believed_of(
        lambda p: (p["x3"] - 0.3) ** 2 * 4.0 + math.sin(4.0 * p["x17"]) + p["x29"], 40, 60
    )
    assert isinstance(hd, Weighed)
    assert isinstance(plain, Process)
    # The sparse prior weighs most: those that matter are short, and all others as good as flat.
    lengths = hd.members[int(hd.weights.argmax())].shape.lengths
    assert set(lengths.argsort()[:2].tolist()) <= {3, 17, 29}
    others = [at for at in range(40) if at not in (3, 17, 29)]
    assert float(lengths[others].median()) > float(plain.shape.lengths[others].median())


def test_sees_that_all_axes_matter() -> None:
    hd, plain = believed_of(
        lambda p: sum((float(value) - 0.5) ** 2 for value in p.values()), 12, 60
    )
    assert isinstance(hd, Weighed)
    assert isinstance(plain, Process)
    rows = torch.rand(50, 12, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    ours, theirs = hd.moments(rows)[0], plain.moments(rows)[0]
    truth = -(rows - 0.5).square().sum(-1)
    right = [float(torch.corrcoef(torch.stack([each, -truth]))[0, 1]) for each in (ours, theirs)]
    assert right[0] > right[1] - 0.05
