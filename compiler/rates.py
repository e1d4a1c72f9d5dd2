"""What one trial's container costs by the hour, in money and in power, by `platform.rates`."""

from __future__ import annotations

from omniforce.spec.blocks.platform import Rates
from omniforce.spec.blocks.search import Resources

GIB = 2.0**30


def dollars_an_hour(resources: Resources | None, rates: Rates) -> float:
    """US dollars for one hour of one container; 0 where nothing it uses has a rate."""
    used = resources or Resources()
    return (
        used.cpu * rates.cpu_hour
        + used.memory / GIB * rates.memory_hour
        + used.gpu * rates.gpu_hour
    )


def watts(resources: Resources | None, rates: Rates) -> float:
    """The power of one container at work, where nothing measures it."""
    used = resources or Resources()
    return used.cpu * rates.cpu_watts + used.gpu * rates.gpu_watts
