"""What a base makes of a sheet, kept from suggestion to suggestion."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from .base import Base
from .sheet import Sheet


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Of n trials and c rows.

    Attributes:
        turned: V, as `base` has it, in 32 bits  # n x c
        explained: how much of each row's variance the trials take away  # c
    """

    turned: Tensor
    explained: Tensor


@lru_cache(maxsize=40)
def table(base: Base, sheet: Sheet) -> Table:
    """From that of one trial fewer where there is one: a pass over the rows, and no more."""
    if base.before is None:
        across = _across(base, base.columns, sheet)
        identity = torch.eye(len(base.root), dtype=torch.float64)
        inverse = torch.linalg.solve_triangular(base.root, identity, upper=False)
        turned = inverse.float() @ across
        return Table(turned, turned.square().sum(0))
    before = table(base.before, sheet)
    last = base.root[-1].float()
    line = (_across(base, base.columns[-1:], sheet)[0] - last[:-1] @ before.turned) / last[-1]
    turned = torch.cat([before.turned, line.unsqueeze(0)])
    return Table(turned, before.explained + line.square())


def _across(base: Base, trials: Tensor, sheet: Sheet) -> Tensor:
    """The covariance of m trials with all rows  # m x w -> m x c."""
    roots = base.shape.roots
    # Only the few trials are weighed, not the many rows.
    exponent = (2.0 * trials * roots).float() @ sheet.columns
    exponent.sub_(roots.square().float() @ sheet.squared)
    exponent.sub_(trials.square().sum(-1, keepdim=True).float())
    return exponent.clamp_max_(0.0).exp_().mul_(base.shape.variance)
