"""What one trial's container costs by the hour, in money and in power, by `platform.rates`."""

from __future__ import annotations

from omniforce.spec.blocks.platform import Rates
from omniforce.spec.blocks.search import Resources

GIB = 2.0**30


def dollars_an_hour(resources: Resources | None, rates: Rates, nodes: int = 1) -> float:
    """US dollars for one hour of a trial; 0 where nothing it uses has a rate.

    Args:
        resources: of one node.
        rates: of a unit of each for an hour.
        nodes: that the trial trains on.
    """
    used = resources or Resources()
    return nodes * (
        used.cpu * rates.cpu_hour
        + used.memory / GIB * rates.memory_hour
        + used.gpu * rates.gpu_hour
    )


def watts(resources: Resources | None, rates: Rates, nodes: int = 1) -> float:
    """The power of a trial at work on its nodes, where nothing measures it."""
    used = resources or Resources()
    return nodes * (used.cpu * rates.cpu_watts + used.gpu * rates.gpu_watts)


def gpus(resources: Resources | None, nodes: int = 1) -> int:
    """The GPUs of a trial on all its nodes."""
    return nodes * resources.gpu if resources is not None else 0
