"""OF: the surrogate for large discrete spaces, with the structure that they declare.

The paper names OF-BO in section 3.4 and says no more of it than what it is for; this one is ours.

- One product kernel over the raw variables (Hamming for choices, squared distance for ordinals and
  numbers) and over groups of features of declared cells, every one with a weight of its own. The
  structure is added to the variables and replaces none, so that no two points look the same.
- A smooth prior, whose variance follows from its width (`fit.Prior`); the parameters are those of
  highest posterior density, refitted at every third trial, and grown by a row a trial in between.
- The figures come warped (`bayesian.warp`): linear above the median, logarithmic below.
- It is made for log expected improvement over every point of an enumerated space
  (`optimizers.exhaustive`); what it says of such a space is kept from one suggestion to the next.

What each of these adds is measured by `benchmarks/strategies/ablation.py`; docs/strategies.md has
the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ...fallbacks import NUMERIC
from ...parts import Training
from .base import base_of
from .fit import Prior, fit, fitted_until
from .posterior import Posterior
from .view import view_of


@dataclass(frozen=True, slots=True, kw_only=True)
class OF:
    """The process of highest posterior density, refitted at every third trial.

    Attributes:
        structure: whether cells that the space declares are looked into.
        relevance: whether every variable has a weight of its own, rather than one for all.
        every: so many trials apart are two fits, as long as there are few trials.
    """

    name: ClassVar[str] = "of"
    structure: bool = True
    relevance: bool = True
    every: int = 3

    def fit(self, training: Training) -> Posterior:
        """What the trials let one believe.

        Raises:
            NoFit: not even the prior's parameters give a covariance that can be factored.
        """
        view = view_of(training.rows.encoding, structure=self.structure, relevance=self.relevance)
        columns = view.columns(training.x)
        until = fitted_until(len(columns), self.every)
        early = training.early(until).numpy()
        early = (early - early.mean()) / (early.std() or 1.0)
        theta = Prior.of(view).mean
        try:
            theta = fit(view, columns[:until].numpy(), early)
        except NUMERIC as error:
            training.fallbacks.tell(
                f"the fit of {training.purpose}", "the prior's own parameters", error
            )
        base = base_of(view, theta.tobytes(), columns, until)
        spread = float(training.y.std(correction=0))
        middle = float(training.y.mean())
        return Posterior(base, training.y, middle, spread if spread > 0.0 else 1.0)
