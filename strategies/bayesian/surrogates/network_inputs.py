"""Rows as neural networks read them: numbers around zero, labels one by one.

The columns are the Gaussian process's: an inactive number has a place of its own, away from every
active one, and an inactive choice one more label.
"""

from __future__ import annotations

from torch import Tensor

from ...points.encoding import Encoding
from .gaussian_process.features import Features

SPREAD = 12.0**0.5
"""Turns a uniform draw's deviation into 1, as the usual initial weights expect."""


def network_inputs(encoding: Encoding, rows: Tensor) -> Tensor:
    """What a network reads of rows, differentiable in the numbers  # ... x d -> ... x w."""
    features = Features.of(encoding)
    return SPREAD * (features.embed(rows) - features.middle)
