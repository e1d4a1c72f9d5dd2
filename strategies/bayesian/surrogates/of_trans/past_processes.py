"""What past studies say of any row: a Gaussian process each, all with the same kernel.

One kernel, since a few dozen trials tell little of an axis and many studies together tell much:
which parameters matter, and how smoothly, is what studies of one algorithm have in common (Wang et
al. 2024, Pre-trained Gaussian processes for Bayesian optimization).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch
from scipy.optimize import minimize
from torch import Tensor

from ....past.tasks import Question, Task, tasks_of
from ....protocol import Goal, Problem
from ...fallbacks import NUMERIC, NoFit
from ...rows import ABSENT, Rows
from ...warp import Warp
from ..gaussian_process.density import negative_log_evidence
from ..gaussian_process.features import Features
from ..gaussian_process.kernel import Shape
from ..gaussian_process.prior import Prior
from ..gaussian_process.process import Process

MOST_FITTED = 64
"""So many trials of each study shape the kernel; all of them are then conditioned on."""

STEPS = 40
NOISE_FLOOR = 1e-6

NOISE_GUESS = 0.1
"""Where the search for the noise sets out: begun with less, it explains noise by short lengths."""

LEAST = 4
"""Trials of a study that say something of others."""

SURE = 0.5
"""How far the trials at hand may move a length from what past studies say (in its logarithm)."""


@dataclass(frozen=True, slots=True)
class PastProcess:
    """One past study.

    Attributes:
        process: of its standardised figures, larger is better.
        known: which columns it searched; the others say nothing to it  # d
        middle: of what it says of all past trials.
        scale: their standard deviation.
    """

    process: Process
    known: Tensor
    middle: float
    scale: float

    def says(self, rows: Tensor) -> Tensor:
        """How good it holds rows to be, standardised  # n x d -> n."""
        return (_said(self.process, self.known, rows) - self.middle) / self.scale


@dataclass(frozen=True, slots=True)
class PastProcesses:
    """All past studies of use for one metric.

    Attributes:
        each: one process a study.
        prior: of the present study's parameters, by what the past ones found.
        reference: the rows of all past trials, by which what is said is standardised  # r x d
    """

    each: tuple[PastProcess, ...]
    prior: Prior
    reference: Tensor = field(repr=False)

    def say(self, rows: Tensor) -> Tensor:
        """What each says  # n x d -> studies x n."""
        return torch.stack([one.says(rows) for one in self.each])


def past_processes(problem: Problem, rows: Rows, goal: Goal) -> PastProcesses | None:
    """The past studies that have this metric; None where none is of use, or no fit was found."""
    if not problem.past:
        return None
    return _past_processes(Question.of(problem), rows, goal)


@lru_cache(maxsize=16)
def _past_processes(question: Question, rows: Rows, goal: Goal) -> PastProcesses | None:
    tasks = [task for task in tasks_of(question.problem) if _is_of_use(task, goal)]
    features = Features.of(rows.encoding)
    if not tasks or not features.width:
        return None
    x = [_rows(task) for task in tasks]
    alone = sum(each.bound is None for each in question.problem.goals) == 1
    y = [_figures(task, goal, squash=alone) for task in tasks]
    try:
        theta = _shared(x, y, features)
        made = [
            Process(*data, features, *_unpack(theta, features)) for data in zip(x, y, strict=True)
        ]
    except NUMERIC:
        return None
    reference = torch.cat(x)
    each: list[PastProcess] = []
    for task, process in zip(tasks, made, strict=True):
        known = torch.zeros(rows.width, dtype=torch.bool)
        known[list(task.known)] = True
        said = _said(process, known, reference)
        scale = float(said.std(correction=0))
        if scale > 1e-6:
            each.append(PastProcess(process, known, float(said.mean()), scale))
    if not each:
        return None
    return PastProcesses(tuple(each), _prior(theta, features), reference)


def _prior(theta: Tensor, features: Features) -> Prior:
    """Of the parameters of what is left once the past has been heard."""
    dense = Prior.dense(features)
    middle, scale = theta.clone(), dense.scale.clone()
    axes = len(middle) - 3
    scale[:axes] = SURE
    # Less is left, by how much is for the trials to say.
    middle[axes:-1] = dense.middle[axes:-1] - torch.tensor([1.0, 0.0]).double()
    return replace(dense, middle=middle, scale=scale, start=middle)


def _is_of_use(task: Task, goal: Goal) -> bool:
    figures = {reward.metrics[goal.metric] for reward in task.rewards if goal in task.goals}
    return goal in task.goals and len(task.rewards) >= LEAST and len(figures) > 1


def _rows(task: Task) -> Tensor:
    keys = [[ABSENT if place is None else place for place in key] for key in task.keys]
    return torch.tensor(keys, dtype=torch.float64)


def _figures(task: Task, goal: Goal, *, squash: bool) -> Tensor:
    raw = np.array([reward.metrics[goal.metric] for reward in task.rewards], dtype=np.float64)
    warp = Warp.fit(raw, goal.direction, may_log=True, squash=squash)
    return torch.from_numpy(warp.forward(raw))


def _said(process: Process, known: Tensor, rows: Tensor) -> Tensor:
    """Its mean at rows, with what it does not know as it was in all of its trials: absent."""
    return process.moments(torch.where(known, rows, ABSENT))[0]


def _shared(x: Sequence[Tensor], y: Sequence[Tensor], features: Features) -> Tensor:
    """The parameters under which all studies together are likeliest.

    Raises:
        NoFit: the covariance of one cannot be factored, or the density is not finite.
    """
    prior = Prior.dense(features)
    data = [
        (features.embed(one[:: _step(one)]), other[:: _step(one)])
        for one, other in zip(x, y, strict=True)
    ]

    def loss(steps: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        away = torch.from_numpy(steps)
        shape, noise = _unpack(prior.middle + prior.scale * away, features)
        total, slope = prior.penalty(away)
        for columns, values in data:
            value, slopes = negative_log_evidence(columns, values, features, shape, noise)
            total, slope = total + value, slope + prior.scale * slopes.together
        return total, slope.numpy()

    start = np.zeros(len(prior.middle))
    start[-1] = (math.log(NOISE_GUESS) - float(prior.middle[-1])) / float(prior.scale[-1])
    low, high = start - prior.reach, start + prior.reach
    low[-1] = (math.log(NOISE_FLOOR) - float(prior.middle[-1])) / float(prior.scale[-1])
    found = minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=list(zip(low, high, strict=True)),
        options={"maxiter": STEPS, "ftol": 1e-5},
    )
    if not np.all(np.isfinite(found.x)):
        raise NoFit("the density of past studies is not finite")
    theta: Tensor = prior.middle + prior.scale * torch.from_numpy(found.x)
    return theta


def _step(x: Tensor) -> int:
    return -(-len(x) // MOST_FITTED)


def _unpack(theta: Tensor, features: Features) -> tuple[Shape, Tensor]:
    natural = theta.exp()
    scales = features.scales
    return Shape(natural[:scales], natural[scales:-3], natural[-3], natural[-2]), natural[-1]
