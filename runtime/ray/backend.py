"""Ray as a backend of `ofc run`: a Ray of our own, or a cluster at an address."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from omniforce.compiler.ir.program import Search

from ..local.pool import PoolOptions, TrialPool
from .demand import Demand, demand_of
from .pool import FOR_ROOM, RayPool
from .session import Extent, at, own


def _silent(_: str) -> None:
    return


@dataclass(frozen=True, slots=True)
class RayBackend:
    """Makes the pool of a search on Ray.

    Attributes:
        address: of a cluster, as `ray.init` takes it; None for a Ray of our own on this machine,
            with a place for each trial that this machine's cores would run.
        tell: is told what people should know while a cluster makes room.
        sends: whether nodes get all they need by wire, even if they see this machine's files.
    """

    address: str | None = None
    tell: Callable[[str], None] = _silent
    sends: bool = False

    def __call__(self, search: Search, options: PoolOptions) -> TrialPool:
        """The pool; nothing is started before it is entered."""
        demand = demand_of(search)
        size = options.size if self.address is None else search.parallelism

        def connect() -> AbstractContextManager[Any]:
            if self.address is not None:
                return at(self.address)
            return own(_extent(demand, size))

        patience = FOR_ROOM if self.address is not None else 0.0  # nobody adds a node to our own
        return RayPool(options, demand, connect, size, self.tell, self.sends, patience)


def _extent(demand: Demand, size: int) -> Extent:
    places = size * demand.nodes.most
    return Extent(demand.cpu * places, demand.memory * places)
