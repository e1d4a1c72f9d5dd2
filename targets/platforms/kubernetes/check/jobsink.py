"""Job sinks: what their webhook, which dry-runs the Job and not its pod, lets pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .fault import Fault, fault
from .look import Document, is_a, items, look, name_of, text, tree
from .pods import check_pod

GENERATED_SUFFIX = 11
"""A Job's name is the sink's, cut at 52 characters, with a hash behind it."""


def check_jobsink(document: Document, documents: Sequence[Document]) -> Iterator[Fault]:
    """Everything about one sink and the Job it makes."""
    if not is_a(document, "sinks.knative.dev", "JobSink"):
        return
    if len(name_of(document)) > 63 - GENERATED_SUFFIX:
        yield fault(
            document,
            "metadata.name",
            f"the name has {len(name_of(document))} characters, its Jobs need 11 more",
            "keep it at 52 characters or fewer",
        )
    job = tree(document, "spec", "job")
    for field in ("generateName", "name"):
        if look(job, "metadata", field) is not None:
            yield fault(
                document,
                f"spec.job.metadata.{field}",
                "the sink names the Job itself, by a hash of the event",
                "remove it",
            )
    for field, why in (
        ("ttlSecondsAfterFinished", "finished Jobs and their events stay for ever"),
        ("activeDeadlineSeconds", "a Job that hangs is never ended"),
    ):
        if look(job, "spec", field) is None:
            yield fault(document, f"spec.job.spec.{field}", why, f"add `{field}`")
    pod = tree(job, "spec", "template", "spec")
    path = "spec.job.spec.template.spec"
    if any(text(v, "name") == "jobsink-event" for v in items(pod, "volumes")):
        yield fault(
            document,
            f"{path}.volumes",
            "the volume `jobsink-event` is the sink's own",
            "give it another name",
        )
    yield from check_pod(document, pod, path)
