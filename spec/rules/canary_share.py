"""A canary gets a share of the requests: more than none, and not all."""

from __future__ import annotations

from collections.abc import Iterator

from ..blocks.deployment import Rollout
from .finding import Finding, Place, Readable

ROLLOUT = ("spec", "deployment", "rollout")


def canary_share(document: Readable) -> Iterator[Finding]:
    """Asks that `canary` lies between 0 % and 100 %."""
    rollout = document.value(Rollout, *ROLLOUT)
    if rollout is None or 0.0 < rollout.canary < 1.0:
        return
    everything = rollout.canary >= 1.0
    yield Finding(
        "OFC316",
        "a canary that gets every request is no canary"
        if everything
        else "a canary that gets no request shows nothing",
        Place((*ROLLOUT, "canary")),
        "above 0 % and below 100 %",
        "remove `rollout` to switch at once, or write `canary: 10%`",
    )
