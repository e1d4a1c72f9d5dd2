"""Increasing maps that bring a metric to a scale on which a Gaussian process can model it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

FAR = 6.0

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Warp:
    """From a metric's own unit to standardised values, of which larger ones are better.

    Attributes:
        sign: -1 for a metric to minimise.
        log: whether its logarithm is taken first; for positive, heavy-tailed figures.
        knee: below it (signed, logged) the bad tail is squashed, so that hopeless trials do not
            use up the scale on which the good ones differ.
        tail: the width of the squash; infinite for none.
        mean: of the squashed values.
        deviation: of the squashed values; never zero.
        unit: the figures are divided by it first, so that none overflows.
    """

    sign: float
    log: bool
    unit: float
    knee: float
    tail: float
    mean: float = 0.0
    deviation: float = 1.0

    @classmethod
    def fit(cls, figures: Array, direction: str, *, may_log: bool, squash: bool) -> Warp:
        """The warp that these figures ask for; at least one figure, all finite."""
        unit = float(np.max(np.abs(figures))) or 1.0
        scaled = figures / unit
        log = may_log and _log_fits_better(scaled)
        sign = -1.0 if direction == "minimize" else 1.0
        signed = sign * (np.log(scaled) if log else scaled)
        middle = float(np.median(signed))
        upper = float(np.quantile(signed, 0.9)) - middle
        # 1.28 deviations of a normal distribution lie between its median and its 90 % quantile.
        tail = upper / 1.28 if upper > 0 and squash else math.inf
        warp = cls(sign, log, unit, middle, tail)
        squashed = warp.forward(figures)
        deviation = float(np.std(squashed))
        floor = 1e-12 * max(1.0, float(np.max(np.abs(squashed))))
        return cls(
            sign,
            log,
            unit,
            middle,
            tail,
            float(np.mean(squashed)),
            deviation if deviation > floor else 1.0,
        )

    def forward(self, figures: Array) -> Array:
        """Standardised values of figures; a figure that has no logarithm is as low as can be."""
        scaled = figures / self.unit
        if self.log:
            scaled = np.log(np.maximum(scaled, 1e-300))
        signed = self.sign * scaled
        if math.isfinite(self.tail):
            below = np.maximum(self.knee - signed, 0.0)
            signed = np.where(
                below > 0.0, self.knee - self.tail * np.log1p(below / self.tail), signed
            )
        values: Array = (signed - self.mean) / self.deviation
        return values

    def linear(self, values: Tensor) -> Tensor:
        """Modelled values on the metric's own scale again, in units of `unit`, signed.

        Larger is better still. What lies further out than `FAR` deviations is cut off there.
        """
        signed = values.clamp(-FAR, FAR) * self.deviation + self.mean
        if math.isfinite(self.tail):
            below = (self.knee - signed).clamp_min(0.0)
            signed = torch.where(
                below > 0.0, self.knee - self.tail * torch.expm1(below / self.tail), signed
            )
        return self.sign * (self.sign * signed).exp() if self.log else signed


def _log_fits_better(scaled: Array) -> bool:
    """Whether the logarithms are closer to normal (Box & Cox 1964, exponent 0 against 1)."""
    if len(scaled) < 4 or np.min(scaled) <= 0.0:
        return False
    logs = np.log(scaled)
    plain, logged = float(np.std(scaled)), float(np.std(logs))
    if plain == 0.0 or logged == 0.0:
        return False
    return bool(-math.log(logged) - float(np.mean(logs)) > -math.log(plain))
