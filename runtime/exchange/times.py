"""Times as other systems write them."""

from __future__ import annotations

from datetime import UTC, datetime


def seconds_of(value: object) -> float | None:
    """A time in ISO 8601, in UTC where it does not say, as seconds since the epoch."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    text = value.strip().replace("Z", "+00:00").removesuffix(" UTC")
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
