"""A Gaussian process around what past studies say, and a mixture of two beliefs."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ...parts import Fitted
from ..gaussian_process.process import Process
from .past_processes import PastProcesses


@dataclass(frozen=True, slots=True)
class Hearsay:
    """One figure a row from what all past studies say.

    Attributes:
        past: who says it.
        weights: of each study  # studies
        scale: brings it to unit variance over the past trials.
    """

    past: PastProcesses
    weights: Tensor
    scale: float

    def at(self, rows: Tensor) -> Tensor:
        """The weighted sum  # ... x d -> ...."""
        flat = rows.reshape(-1, rows.shape[-1])
        said: Tensor = (self.weights @ self.past.say(flat)) / self.scale
        return said.reshape(rows.shape[:-1])


@dataclass(frozen=True, slots=True)
class Transferred:
    """`y = trust * hearsay + what is left`, in closed form: kriging with a known trend.

    Rasmussen & Williams (2006), Gaussian processes for machine learning, section 2.7.

    Attributes:
        hearsay: what past studies say.
        left: of the figures less their share of it.
        echo: of what is said at the trials; where it foretells what is said elsewhere, the trials
            say how far to trust that.
        trust: how much of what is said holds here; negative where the contrary does.
        doubt: the variance of the trust.
    """

    hearsay: Hearsay
    left: Process
    echo: Process
    trust: float
    doubt: float

    def moments(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance at each row by itself  # n x d -> n, n."""
        said = self.hearsay.at(rows)
        mean, variance = self.left.moments(rows)
        unheard = said - self.echo.moments(rows)[0]
        return mean + self.trust * said, variance + self.doubt * unheard.square()

    def joint(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and covariance of sets of rows  # ... x q x d -> ... x q, ... x q x q."""
        said = self.hearsay.at(rows)
        mean, covariance = self.left.joint(rows)
        unheard = said - self.echo.joint(rows)[0]
        shared = unheard.unsqueeze(-1) * unheard.unsqueeze(-2)
        return mean + self.trust * said, covariance + self.doubt * shared

    def believing(self, rows: Tensor, values: Tensor) -> Transferred:
        """The same as if these values had been measured at these rows."""
        if not len(rows):
            return self
        said = self.hearsay.at(rows)
        left = self.left.believing(rows, values - self.trust * said)
        echo = self.echo.believing(rows, said)
        return Transferred(self.hearsay, left, echo, self.trust, self.doubt)


@dataclass(frozen=True, slots=True)
class Either:
    """One belief or the other, as two moments: what differs between them is uncertainty.

    Attributes:
        one, other: the beliefs.
        share: the chance that it is the first.
    """

    one: Fitted
    other: Fitted
    share: float

    def moments(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance at each row by itself  # n x d -> n, n."""
        (first, here), (second, there) = self.one.moments(rows), self.other.moments(rows)
        share, rest = self.share, 1.0 - self.share
        apart = first - second
        variance = share * here + rest * there + share * rest * apart.square()
        return share * first + rest * second, variance

    def joint(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and covariance of sets of rows  # ... x q x d -> ... x q, ... x q x q."""
        (first, here), (second, there) = self.one.joint(rows), self.other.joint(rows)
        share, rest = self.share, 1.0 - self.share
        apart = first - second
        outer = apart.unsqueeze(-1) * apart.unsqueeze(-2)
        covariance = share * here + rest * there + share * rest * outer
        return share * first + rest * second, covariance

    def believing(self, rows: Tensor, values: Tensor) -> Either:
        """The same as if these values had been measured at these rows; the share stays."""
        if not len(rows):
            return self
        return Either(
            self.one.believing(rows, values), self.other.believing(rows, values), self.share
        )
