"""An estimator that does nothing: what a trial costs beside it is overhead."""

from __future__ import annotations

from collections.abc import Mapping


class Noop:
    """Answers at once."""

    def __init__(self, data_path: str, is_trainer: bool, seed: int, x: float) -> None:
        """Keeps the one argument."""
        self.x = x

    def run(self) -> float:
        """The score."""
        return self.x

    def metrics(self) -> Mapping[str, float]:
        """The score once more."""
        return {"accuracy": self.x}
