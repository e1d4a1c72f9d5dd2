"""A model is served on a device of which nothing is wanted."""

from __future__ import annotations

from collections.abc import Iterator

from ..advice import Advice, Subject


def unmeasured_serving(subject: Subject) -> Iterator[Advice]:
    """Asks for a goal on the device that serves."""
    deployment = subject.spec.deployment
    if deployment is None:
        return
    if any(g.metric.device == deployment.to for g in subject.spec.objectives):
        return
    yield Advice(
        f"the model is served on `{deployment.to}`, and no objective looks at it there",
        subject.at("spec", "deployment", "to"),
        "may be slow or large there",
        f"add `minimize latency.p95 on {deployment.to}`, or `require size <= 100MiB on "
        f"{deployment.to}`, to `objectives`",
    )
