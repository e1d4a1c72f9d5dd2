"""Rows that are looked at again and again, as an enumeration's are, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from .view import View

ROWS = 1024
"""Fewer are read as quickly as they are found again."""


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """The columns of c rows in 32 bits, a column a line.

    Attributes:
        columns: w x c
        squared: w x c
    """

    columns: Tensor
    squared: Tensor


def sheet_of(view: View, rows: Tensor) -> Sheet | None:
    """The sheet of these rows (c x d); None for too few, and where slopes are asked for."""
    if rows.dim() != 2 or len(rows) < ROWS or (rows.requires_grad and torch.is_grad_enabled()):
        return None
    return sheet_from_bytes(view, rows.detach().numpy().tobytes(), len(rows))


@lru_cache(maxsize=16)
def sheet_from_bytes(view: View, rows: bytes, count: int) -> Sheet:
    """As `sheet_of`, of numbers that can be remembered."""
    whole = torch.frombuffer(bytearray(rows), dtype=torch.float64).reshape(count, -1)
    columns = view.columns(whole).float().T.contiguous()
    return Sheet(columns, columns.square())
