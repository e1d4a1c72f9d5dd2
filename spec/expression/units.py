"""Units of quantities: what `2MiB`, `5ms` and `10%` come to in bytes, seconds and shares."""

from __future__ import annotations

from typing import Literal

from ..frozen import dataclass

Dimension = Literal["time", "size", "share", "number"]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as a fraction of its dimension's base: seconds, bytes, or one.

    Two whole numbers, since `9 * 0.001` is not `0.009`.
    """

    dimension: Dimension
    times: int = 1
    over: int = 1


UNITS: dict[str, Unit] = {
    "us": Unit("time", over=1_000_000),
    "ms": Unit("time", over=1_000),
    "s": Unit("time"),
    "m": Unit("time", 60),
    "h": Unit("time", 3_600),
    "d": Unit("time", 86_400),
    "B": Unit("size"),
    "KB": Unit("size", 10**3),
    "MB": Unit("size", 10**6),
    "GB": Unit("size", 10**9),
    "TB": Unit("size", 10**12),
    "KiB": Unit("size", 2**10),
    "MiB": Unit("size", 2**20),
    "GiB": Unit("size", 2**30),
    "TiB": Unit("size", 2**40),
    "%": Unit("share", over=100),
}

SPELLINGS = {
    "µs": "us",
    "μs": "us",
    "sec": "s",
    "secs": "s",
    "second": "s",
    "seconds": "s",
    "min": "m",
    "mins": "m",
    "minute": "m",
    "minutes": "m",
    "hour": "h",
    "hours": "h",
    "hr": "h",
    "day": "d",
    "days": "d",
    "b": "B",
    "byte": "B",
    "bytes": "B",
    "k": "KB",
    "K": "KB",
    "kb": "KB",
    "kB": "KB",
    "M": "MB",
    "mb": "MB",
    "Mb": "MB",
    "G": "GB",
    "gb": "GB",
    "Gb": "GB",
    "T": "TB",
    "tb": "TB",
    "Ki": "KiB",
    "kib": "KiB",
    "Mi": "MiB",
    "mib": "MiB",
    "Gi": "GiB",
    "gib": "GiB",
    "Ti": "TiB",
    "tib": "TiB",
}
"""What people write for a unit elsewhere; a message names ours."""


def to_base(value: float, unit: str) -> float:
    """`value` in seconds, bytes or as a share; `unit` is one of `UNITS`."""
    known = UNITS[unit]
    return value * known.times / known.over
