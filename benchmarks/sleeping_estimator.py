"""An estimator that takes 50 ms of nobody's CPU: the trial of `ray_backend.py`'s comparison."""

from __future__ import annotations

import time
from collections.abc import Mapping


class Sleeping:
    """Sleeps, and answers."""

    def __init__(self, data_path: str, is_trainer: bool, seed: int, x: float) -> None:
        """Keeps the one argument."""
        self.x = x

    def run(self) -> float:
        """The score, 50 ms later."""
        time.sleep(0.05)
        return self.x

    def metrics(self) -> Mapping[str, float]:
        """The score once more."""
        return {"accuracy": self.x}
