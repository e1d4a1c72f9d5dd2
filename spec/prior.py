"""Where the writer of a spec expects good values of a parameter."""

from __future__ import annotations

from .frozen import dataclass


@dataclass(frozen=True, slots=True)
class Normal:
    """A bell about `mean`, cut off at the ends of the range; both in the parameter's own unit."""

    mean: float
    deviation: float


@dataclass(frozen=True, slots=True)
class LogNormal:
    """A bell on the logarithm: two thirds of it lie within a factor of `factor` of `median`."""

    median: float
    factor: float


@dataclass(frozen=True, slots=True)
class Weights:
    """Shares of a choice's values, in their order, or of the numbers of a grid; they sum to one."""

    shares: tuple[float, ...]


Prior = Normal | LogNormal | Weights
