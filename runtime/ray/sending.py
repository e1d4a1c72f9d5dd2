"""What is sent to nodes that do not see this machine's files, and what comes back from them."""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..local.pool import PoolOptions
from ..local.process import ONE_THREAD
from .crew import Crew
from .demand import Demand, rank_environment
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

    def order(self, crew: Crew, rank: int, demand: Demand) -> Order:
        """What an actor of a crew needs before its first trial, luggage included.

        Raises:
            Problem: there is more to send than is sent.
        """
        first = crew.places[0]
        made = Order(
            estimator=self.options.estimator,
            measures=self.options.measures,
            log=str(self.options.log),
            path=self.options.path,
            environment={
                **self.options.environment,
                **dict.fromkeys(ONE_THREAD, str(demand.threads)),
                **rank_environment(rank, len(crew.seats), first.host, first.port),
            },
            without=self.options.without,
        )
        return made if crew.shares else self._with_luggage(made)

    def _with_luggage(self, order: Order) -> Order:
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
