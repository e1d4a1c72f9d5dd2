"""BoTorch's own loop, as its tutorials write it: its stock models, log EI, its own optimizers.

One objective: `SingleTaskGP`, or `MixedSingleTaskGP` where there are choices, with
`LogExpectedImprovement`. Two: a model each, with `qLogNoisyExpectedHypervolumeImprovement`.
The acquisition is maximised by `optimize_acqf`, by the discrete local search where the space is
finite, alternating where it is mixed. What a condition switches off stands in the middle.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from random import Random
from typing import TYPE_CHECKING, Any

from omniforce.spec.space import Assignment
from omniforce.strategies.points.encoding import Axis, Labels, places
from omniforce.strategies.points.sampling import Sampler
from omniforce.strategies.protocol import Problem

from ..searcher import Unavailable

if TYPE_CHECKING:
    from torch import Tensor

LISTED = 64
"""An axis with at most so many values is a discrete one."""

STEPS = 200
"""Of L-BFGS in one fit, at most."""


@dataclass(slots=True)
class BoTorch:
    """All trials in the unit cube; choices as 0, 1, 2..."""

    problem: Problem
    first: int
    sampler: Sampler
    points: dict[int, Assignment] = field(default_factory=dict)
    values: dict[int, list[float]] = field(default_factory=dict)
    asked: int = 0

    @classmethod
    def of(cls, problem: Problem, given: int) -> BoTorch:
        """A loop that begins with what is given, or with a Sobol design of its own."""
        try:
            import torch
        except ImportError as error:
            raise Unavailable(f"botorch: {error}") from error
        if find_spec("botorch") is None:
            raise Unavailable("botorch: not installed")
        torch.set_num_threads(1)
        if problem.space.constraints:
            raise Unavailable(
                "botorch: constraints between coordinates were not put into its terms"
            )
        first = given or min(2 * (len(problem.space) + 1), problem.budget // 4)
        return cls(problem, first, Sampler.of(problem.space))

    @property
    def axes(self) -> tuple[Axis, ...]:
        """Of the space, in its order."""
        return self.sampler.encoding.axes

    def ask(self, count: int) -> tuple[Assignment, ...]:
        """The first points, then those that promise most, all `count` at once."""
        from botorch.utils.sampling import manual_seed

        if len(self.values) < self.first:
            generator = Random(f"{self.problem.seed}/{self.asked}/botorch")
            points: tuple[Assignment, ...] = tuple(self.sampler.many(count, generator))
        else:
            with warnings.catch_warnings(), manual_seed(self.problem.seed * 1_000 + self.asked):
                warnings.simplefilter("ignore")
                points = self._suggested(count)
        for point in points:
            self.points[self.asked] = point
            self.asked += 1
        return points

    def tell(self, trial: int, point: Assignment, metrics: Mapping[str, float]) -> None:
        """A trial's figures, more being better."""
        self.points[trial] = point
        self.values[trial] = [
            metrics[goal.metric] * (1.0 if goal.direction == "maximize" else -1.0)
            for goal in self.problem.goals
        ]
        self.asked = max(self.asked, trial + 1)

    def _suggested(self, count: int) -> tuple[Assignment, ...]:
        import torch

        x = self._rows([self.points[trial] for trial in self.values])
        y = torch.tensor(list(self.values.values()), dtype=torch.double)
        out = [point for trial, point in self.points.items() if trial not in self.values]
        pending = self._rows(out) if out else None
        acquisition = self._acquisition(x, y, pending, count)
        found = self._maximised(
            acquisition, x if pending is None else torch.cat([x, pending]), count
        )
        return tuple(self._point(row) for row in found.tolist())

    def _acquisition(self, x: Tensor, y: Tensor, pending: Tensor | None, count: int) -> Any:
        from botorch.acquisition import LogExpectedImprovement, qLogExpectedImprovement
        from botorch.acquisition.multi_objective.logei import (
            qLogNoisyExpectedHypervolumeImprovement,
        )
        from botorch.models import ModelListGP
        from gpytorch.mlls import ExactMarginalLogLikelihood, SumMarginalLogLikelihood

        models = [self._model(x, y[:, at : at + 1]) for at in range(y.shape[1])]
        if len(models) == 1:
            _fit(ExactMarginalLogLikelihood(models[0].likelihood, models[0]))
            if count == 1 and pending is None:
                return LogExpectedImprovement(models[0], best_f=y.max())
            return qLogExpectedImprovement(models[0], best_f=y.max(), X_pending=pending)
        model = ModelListGP(*models)
        _fit(SumMarginalLogLikelihood(model.likelihood, model))
        return qLogNoisyExpectedHypervolumeImprovement(
            model, ref_point=self._reference(y), X_baseline=x, X_pending=pending,
            prune_baseline=True,
        )  # fmt: skip

    def _reference(self, y: Tensor) -> list[float]:
        from botorch.utils.multi_objective.hypervolume import infer_reference_point

        given = [goal.reference for goal in self.problem.goals]
        inferred: list[float] = infer_reference_point(y).tolist()
        return [
            other if each is None else each * (1.0 if goal.direction == "maximize" else -1.0)
            for goal, each, other in zip(self.problem.goals, given, inferred, strict=True)
        ]

    def _model(self, x: Tensor, y: Tensor) -> Any:
        from botorch.models import MixedSingleTaskGP, SingleTaskGP

        choices = [at for at, axis in enumerate(self.axes) if _is_choice(axis)]
        return MixedSingleTaskGP(x, y, cat_dims=choices) if choices else SingleTaskGP(x, y)

    def _maximised(self, acquisition: Any, known: Tensor, count: int) -> Any:
        import torch
        from botorch.optim import optimize_acqf
        from botorch.optim.optimize import optimize_acqf_discrete_local_search
        from botorch.optim.optimize_mixed import optimize_acqf_mixed_alternating

        listed = {at: _listed(axis) for at, axis in enumerate(self.axes)}
        finite = {at: each for at, each in listed.items() if each is not None}
        if len(finite) == len(self.axes):
            found, _ = optimize_acqf_discrete_local_search(
                acquisition,
                [torch.tensor(each, dtype=torch.double) for each in finite.values()],
                q=count, num_restarts=20, raw_samples=512, X_avoid=known, unique=True,
            )  # fmt: skip
            return found
        ends = [(each[0], each[-1]) if each else (0.0, 1.0) for each in listed.values()]
        bounds = torch.tensor(ends, dtype=torch.double).T
        if not finite:
            found, _ = optimize_acqf(
                acquisition, bounds, q=count, num_restarts=10, raw_samples=512, sequential=True
            )
            return found
        choices = {at for at, axis in enumerate(self.axes) if _is_choice(axis)}
        found, _ = optimize_acqf_mixed_alternating(
            acquisition, bounds,
            discrete_dims={at: each for at, each in finite.items() if at not in choices},
            cat_dims={at: each for at, each in finite.items() if at in choices},
            q=count, num_restarts=10, raw_samples=512,
        )  # fmt: skip
        return found

    def _rows(self, points: Sequence[Assignment]) -> Tensor:
        import torch

        rows = [self.sampler.encoding.encode(point) for point in points]
        return torch.tensor([[*map(_place, self.axes, row)] for row in rows], dtype=torch.double)

    def _point(self, row: Sequence[float]) -> Assignment:
        units = [
            (place + 0.5) / axis.count if _is_choice(axis) and axis.count else place
            for axis, place in zip(self.axes, row, strict=True)
        ]
        return self.sampler.encoding.decode(units)


def _fit(likelihood: Any) -> None:
    from botorch import fit_gpytorch_mll

    # without a bound its mixed kernel takes a thousand steps, and seconds, on a dozen trials
    fit_gpytorch_mll(likelihood, optimizer_kwargs={"options": {"maxiter": STEPS}})


def _is_choice(axis: Axis) -> bool:
    return isinstance(axis, Labels) and not axis.ordered


def _listed(axis: Axis) -> list[float] | None:
    """The places of a short axis as the model sees them; None of a long one."""
    if axis.count is None or axis.count > LISTED:
        return None
    return [_place(axis, place) for place in places(axis)]


def _place(axis: Axis, unit: float) -> float:
    """0, 1, 2... of a choice; one that is switched off, in the middle of the cube, has a value."""
    if not _is_choice(axis):
        return unit
    count = axis.count or 1
    return float(min(int(unit * count), count - 1))
