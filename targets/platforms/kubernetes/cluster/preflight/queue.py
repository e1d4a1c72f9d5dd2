"""Whether the queue is there that the study's labels ask Kueue for.

Kueue reads `kueue.x-k8s.io/queue-name` on a Job. Without Kueue the label means nothing and every
trial starts at once; without the queue no trial ever starts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from omniforce.spec.diagnostic import Diagnostic

from ...check.look import name_of, text
from .asking import Asking, error

LABEL: Final = "kueue.x-k8s.io/queue-name"
GROUP: Final = "kueue.x-k8s.io"


def queue(asking: Asking) -> Iterator[Diagnostic]:
    """For the queue of the trials' Jobs."""
    wanted = {
        name
        for sink in asking.of("sinks.knative.dev", "JobSink")
        if (name := text(sink, "spec", "job", "metadata", "labels", LABEL))
    }
    for name in sorted(wanted):
        yield from _named(asking, name)


def _named(asking: Asking, name: str) -> Iterator[Diagnostic]:
    span = asking.at("metadata.labels")
    version = asking.cluster.preferred(GROUP, "LocalQueue")
    if version is None:
        yield error(
            "OFC654",
            f"trials are labelled for the queue `{name}`, and `{asking.cluster.name}` has no Kueue",
            f"install Kueue, or remove the label `{LABEL}`",
            span,
        )
        return
    queues = [name_of(q) for q in asking.list(version, "LocalQueue", asking.namespace)]
    if name not in queues:
        known = ", ".join(f"`{q}`" for q in queues) or "none"
        yield error(
            "OFC654",
            f"there is no LocalQueue `{name}` in `{asking.namespace}`; there are: {known}",
            f"write `{LABEL}: {queues[0]}`" if queues else "have one made there",
            span,
        )
