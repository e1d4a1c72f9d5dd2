"""What is sent to nodes that do not see this machine's files, and what comes back from them."""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..local.pool import PoolOptions
from .luggage import Luggage, code_files, data_files, home_of, pack
from .orders import Order

Sent = tuple[str, tuple[object, ...]]


@dataclass(slots=True)
class Sending:
    """Packs when the first node asks, and holds what it put into the object store.

    The prepared data lies beside the folder of the logs: `.ofc/<study>/{data,logs}`.
    """

    ray: Any
    options: PoolOptions
    _data: Sent | None = None
    _code: Sent | None = None

    def with_luggage(self, order: Order) -> Order:
        """The order for a node that has neither data nor modules.

        Raises:
            Problem: there is more of either than is sent.
        """
        if self._data is None:
            self._data = self._put(pack(data_files(self.options.log.parent.parent / "data")))
            home = home_of(self.options.estimator, self.options.path)
            self._code = None if home is None else self._put(pack(code_files(home)))
        return replace(order, data=self._data, code=self._code)

    def _put(self, luggage: Luggage) -> Sent:
        return luggage.digest, tuple(self.ray.put(piece) for piece in luggage.pieces)

    def receive(self, seat: Any, directory: Path) -> None:
        """Brings the files of a trained model here."""
        content = b"".join(self.ray.get(seat.model.remote()))
        with tarfile.open(fileobj=io.BytesIO(content), mode="r") as archive:
            archive.extractall(directory, filter="data")
