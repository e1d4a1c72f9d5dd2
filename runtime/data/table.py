"""A table in memory, between its source and the prepared data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Rows with named columns.

    Attributes:
        frame: the columns, the target among them; its index is 0, 1, 2...
        target: which column is learnt.
        sample_shape: of an image that the columns besides the target are, row by row; None for a
            table of separate columns.
    """

    frame: pd.DataFrame
    target: str
    sample_shape: tuple[int, ...] | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """All but the target, in order."""
        return tuple(str(name) for name in self.frame.columns if name != self.target)
