"""What to do where numerics fail: tell it, count it, and go on with something simpler."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from botorch.exceptions import BotorchError

logger = logging.getLogger(__name__)


class NoFit(Exception):  # noqa: N818
    """The data do not let themselves be modelled: no covariance matrix could be factored."""


NUMERIC = (RuntimeError, ArithmeticError, ValueError, BotorchError, NoFit)
"""What numerics raise; torch's linear algebra errors are RuntimeErrors."""


@dataclass(slots=True)
class Fallbacks:
    """Counts what had to be replaced in one suggestion."""

    trial: int
    count: int = 0

    def tell(self, what: str, instead: str, error: Exception) -> None:
        """Logs one fallback."""
        self.count += 1
        logger.warning(
            "trial %d: %s failed (%s: %s); %s instead; fallback %d of this suggestion",
            self.trial,
            what,
            type(error).__name__,
            error,
            instead,
            self.count,
        )
