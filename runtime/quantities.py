"""Figures as people read them: seconds, bytes and shares by the metric that they belong to."""

from __future__ import annotations

_SECONDS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))
_BYTES = ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"), (1, "B"))


def show_metric(key: str, value: float) -> str:
    """A metric's value with its unit, which the key tells: `latency.p95@server` is in seconds."""
    match key.partition("@")[0].partition(".")[0]:
        case "latency":
            return show_scaled(value, _SECONDS)
        case "size":
            return show_scaled(value, _BYTES)
        case "throughput":
            return f"{value:,.0f}/s"
        case _:
            return show_number(value)


def show_scaled(value: float, units: tuple[tuple[float, str], ...]) -> str:
    """With the largest unit that leaves at least one before the point."""
    factor, unit = _largest(value, units)
    return f"{value / factor:.3g} {unit}"


def _largest(value: float, units: tuple[tuple[float, str], ...]) -> tuple[float, str]:
    return next(((f, u) for f, u in units if abs(value) >= f), units[-1])


def unit_of(key: str, value: float) -> float:
    """The unit in which `show_metric` tells such a value, in base units."""
    match key.partition("@")[0].partition(".")[0]:
        case "latency":
            return _largest(value, _SECONDS)[0]
        case "size":
            return _largest(value, _BYTES)[0]
        case _:
            return 1.0


def show_number(value: float) -> str:
    """Four digits, never more than are there."""
    return (
        f"{value:.4g}"
        if value and not 1e-3 <= abs(value) < 1e5
        else f"{value:.4f}".rstrip("0").rstrip(".")
    )


def show_duration(seconds: float) -> str:
    """`1.4 s`, `48 s`, `3 min 12 s`, `2 h 05 min`."""
    whole = round(seconds)
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def show_value(value: object) -> str:
    """A parameter's value; nothing where the parameter was not active."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float():
            return show_number(value)
        case _:
            return str(value)
