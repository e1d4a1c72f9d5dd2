"""There are at least as many servers allowed as are kept."""

from __future__ import annotations

from collections.abc import Iterator

from ..blocks.deployment import ScaleTo
from .finding import Finding, Place, Readable

SCALE = ("spec", "deployment", "scale")


def scale_bounds(document: Readable) -> Iterator[Finding]:
    """Asks that `min` is not above `max`."""
    scale = document.value(ScaleTo, *SCALE)
    if scale is None or scale.min <= scale.max:
        return
    written = document.written(*SCALE, "max") is not None
    yield Finding(
        "OFC318",
        f"at least {scale.min} servers are kept, and at most {scale.max} allowed",
        Place((*SCALE, "min")),
        "more than `max`",
        f"write `max: {scale.min}`, or a smaller `min`",
        (Place((*SCALE, "max")), f"`max` is {scale.max}") if written else None,
    )
