"""OF-Trans: learns from past studies as far as the trials at hand bear them out (section 3.4).

    figure  =  trust * what past studies say  +  a Gaussian process of what is left

What they say is the weighted mean of one Gaussian process a study, each weighed by how well it
ranks the trials at hand. How far that is to be trusted is one more parameter, which may be
negative: a study that is always wrong says as much as one that is right. All of it competes with a
process that has never heard of a past, by how well each foretells the trials that it has not seen;
so a past that misleads is forgotten after a few trials, at the cost of those.

Feurer, Letham & Bakshy (2018), Scalable meta-learning for Bayesian optimization using
ranking-weighted Gaussian process ensembles, weigh studies by rank as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ...fallbacks import NUMERIC
from ...parts import Fitted, Training
from ..gaussian_process.features import Features
from ..gaussian_process.fit import fit
from ..gaussian_process.prior import Prior
from ..gaussian_process.process import Process
from ..gaussian_process.surrogate import GaussianProcess
from .past_processes import PastProcesses, past_processes
from .transferred import Either, Hearsay, Transferred

EXPECTED, EXPECTED_WEIGHT = 0.3, 5.0
"""The rank correlation (Kendall's) that a past study has until trials say otherwise, and how many
trials that counts as."""

FOLDS = 3
"""Into so many shares the trials are parted, to see how well each is foretold by the others."""

MOST_FORETOLD = 90
"""So many trials at most are foretold; they tell who is right."""

TINY = 1e-9

RESERVE = 2.0
"""So many nats the past must be ahead before it is believed more than the trials alone."""

EVEN = 30.0
"""Beyond so many nats one of two beliefs has won."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OFTrans:
    """Gaussian processes around what past studies say; the plain one where there is no past."""

    name: ClassVar[str] = "of-trans"

    def fit(self, training: Training) -> Fitted:
        """What the trials let one believe, with the past and without it.

        Raises:
            NoFit: not even the plain process can be fitted.
        """
        plain = GaussianProcess().fit(training)
        goal = training.goal
        past = None if goal is None else past_processes(training.study.problem, training.rows, goal)
        if past is None:
            return plain
        features = Features.of(training.rows.encoding)

        def alone(x: Tensor, y: Tensor) -> Process:
            return fit(x, y, features, Prior.dense(features))

        def informed(x: Tensor, y: Tensor) -> Transferred:
            return _informed(x, y, features, past)

        try:
            believed = informed(training.x, training.y)
            heard, own = _errors(informed, training), _errors(alone, training)
        except NUMERIC as error:
            told = f"the transfer to {training.purpose}"
            training.fallbacks.tell(told, "a Gaussian process of its own", error)
            return plain
        # The likelihoods of two normal errors whose variances are as found: what either belief
        # itself holds to be certain is not to decide.
        count = len(_some(training)[1])
        gain = 0.5 * count * math.log((own + TINY) / (heard + TINY)) - RESERVE
        share = 1.0 / (1.0 + math.exp(-max(-EVEN, min(EVEN, gain))))
        return Either(believed, plain, share)


def _errors(learn: Callable[[Tensor, Tensor], Fitted], training: Training) -> float:
    """How far off trials are foretold by those that they were not learned with: squared, summed.

    Each share of the trials by a fit of the others, parameters and all: left out one by one after
    a single fit, the belief with the most freedom would always win.
    """
    x, y = _some(training)
    total, turn = 0.0, torch.arange(len(y)) % FOLDS
    for fold in range(min(FOLDS, len(y))):
        out = turn == fold
        mean, _ = learn(x[~out], y[~out]).moments(x[out])
        total += float((y[out] - mean).square().sum())
    return total


def _some(training: Training) -> tuple[Tensor, Tensor]:
    step = -(-len(training.y) // MOST_FORETOLD)
    return training.x[::step], training.y[::step]


def _informed(x: Tensor, y: Tensor, features: Features, past: PastProcesses) -> Transferred:
    """The belief that heeds the past."""
    hearsay = _hearsay(past, past.say(x), y)
    said = hearsay.at(x)
    # A first guess of the trust, as if trials were independent; then by what is left.
    trust = float((said @ y) / (said @ said + 1.0))
    left = fit(x, y - trust * said, features, past.prior)
    solved = torch.cholesky_solve(torch.stack([said, y - left.mean], dim=-1), left.root)
    doubt = float(1.0 / (said @ solved[:, 0] + 1.0))
    trust = doubt * float(said @ solved[:, 1])
    return Transferred(
        hearsay, _same(left, x, y - trust * said), _same(left, x, said), trust, doubt
    )


def _same(process: Process, x: Tensor, y: Tensor) -> Process:
    """A process with the same parameters of other figures."""
    return Process(x, y, process.features, process.shape, process.noise)


def _hearsay(past: PastProcesses, said: Tensor, y: Tensor) -> Hearsay:
    """Past studies weighed by how well they rank the trials  # studies x n, n."""
    weights = _agreement(said, y).clamp_min(1e-3).square()
    weights = weights / weights.sum()
    scale = float((weights @ past.say(past.reference)).std(correction=0))
    return Hearsay(past, weights, max(scale, 1e-6))


def _agreement(said: Tensor, y: Tensor) -> Tensor:
    """Kendall's rank correlation of each study with the trials, towards `EXPECTED`  # studies."""
    above = (y.unsqueeze(-1) - y).sign()
    same = ((said.unsqueeze(-1) - said.unsqueeze(-2)).sign() * above).sum((-2, -1))
    tau = same / above.abs().sum().clamp_min(1.0)
    count = float(len(y))
    agreement: Tensor = (EXPECTED * EXPECTED_WEIGHT + count * tau) / (EXPECTED_WEIGHT + count)
    return agreement
