"""What dispatch asks of the place where a study runs: a cluster, or this machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from .server import Reply
from .settings import Settings

HERE = "OFC_PLATFORM"
"""The variable with the address of `ofc functions serve`; where it is not set, a cluster is."""


class Platform(Protocol):
    """Everything may be asked for twice: what is there, or gone already, is no fault.

    Each method answers as the broker should be answered, and may raise `http_client.NoAnswer`.
    """

    def missing(self) -> str | None:
        """What it lacks to ask anything at all, or None."""
        ...

    def start_tick(self) -> Reply:
        """Has the search woken now and then, while the study runs."""
        ...

    def stop_tick(self) -> Reply:
        """Lets the search sleep for good."""
        ...

    def start_release(self) -> Reply:
        """Starts what comes after the search."""
        ...


def platform_of(settings: Settings, environment: Mapping[str, str]) -> Platform:
    """The place that the environment speaks of.

    Raises:
        MissingSetting: a mounted file is not as it must be.
    """
    if environment.get(HERE):
        from .here import Here

        return Here.read(environment)
    from .on_cluster import OnCluster

    return OnCluster.read(settings, environment)
