"""Knative Services: annotations nobody reads, names and probes that fail later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .fault import Fault, fault
from .look import Document, is_a, items, look, name_of, number, text, tree
from .pods import check_pod

AUTOSCALING = "autoscaling.knative.dev/"
KNOWN = frozenset(
    f"{AUTOSCALING}{word}"
    for word in (
        "class",
        "min-scale",
        "max-scale",
        "initial-scale",
        "activation-scale",
        "target",
        "metric",
        "window",
        "target-utilization-percentage",
        "scale-down-delay",
        "scale-to-zero-pod-retention-period",
        "target-burst-capacity",
        "panic-window-percentage",
        "panic-threshold-percentage",
    )
)
KPA, HPA = "kpa.autoscaling.knative.dev", "hpa.autoscaling.knative.dev"
SERVING_ANNOTATIONS = frozenset(
    f"serving.knative.dev/{word}"
    for word in ("creator", "lastModifier", "rolloutDuration", "rollout-duration")
)
REVISION_SUFFIX = len("-00001")


def check_function(document: Document, documents: Sequence[Document]) -> Iterator[Fault]:
    """Everything about one Knative Service."""
    if not is_a(document, "serving.knative.dev", "Service"):
        return
    yield from _name(document)
    yield from _labels(document)
    yield from check_autoscaling(
        document, tree(document, "spec", "template", "metadata", "annotations"), "spec.template"
    )
    yield from _pod(document)
    yield from _traffic(document)


def _name(document: Document) -> Iterator[Fault]:
    if len(name_of(document)) > 63 - REVISION_SUFFIX:
        yield fault(
            document,
            "metadata.name",
            f"the name has {len(name_of(document))} characters, its revisions need 6 more",
            "keep it at 57 characters or fewer",
        )


def _labels(document: Document) -> Iterator[Fault]:
    labels = tree(document, "metadata", "labels")
    visibility = labels.get("networking.knative.dev/visibility")
    if visibility not in (None, "cluster-local"):
        yield fault(
            document,
            "metadata.labels.networking.knative.dev/visibility",
            f"`{visibility}` is no visibility, so the service is public",
            "write `cluster-local`, or remove the label",
        )
    for label in labels:
        if label.startswith("serving.knative.dev/"):
            yield fault(
                document,
                f"metadata.labels.{label}",
                "labels under `serving.knative.dev` are Knative's own",
                "use a domain of your own",
            )
    for annotation in tree(document, "metadata", "annotations"):
        if annotation.startswith("serving.knative.dev/") and annotation not in SERVING_ANNOTATIONS:
            yield fault(
                document,
                f"metadata.annotations.{annotation}",
                "nothing reads this annotation",
                "remove it, or correct its name",
            )


def check_autoscaling(document: Document, annotations: Document, path: str) -> Iterator[Fault]:
    """Autoscaling annotations that nobody reads or that contradict each other."""
    for name in annotations:
        if name.startswith(AUTOSCALING) and name not in KNOWN:
            yield fault(
                document,
                f"{path}.metadata.annotations.{name}",
                "nothing reads this annotation",
                f"it is one of {', '.join(sorted(k.removeprefix(AUTOSCALING) for k in KNOWN))}",
            )
    scaler = annotations.get(f"{AUTOSCALING}class", KPA)
    metric = annotations.get(f"{AUTOSCALING}metric")
    if scaler not in (KPA, HPA):
        yield fault(
            document,
            f"{path}.metadata.annotations.{AUTOSCALING}class",
            f"no autoscaler is called `{scaler}`",
            f"write `{KPA}`",
        )
    if scaler == HPA and number(annotations, f"{AUTOSCALING}min-scale") == 0:
        yield fault(
            document,
            f"{path}.metadata.annotations.{AUTOSCALING}min-scale",
            "the `hpa` autoscaler never goes to zero",
            f"use `{KPA}`, or a `min-scale` of '1'",
        )
    if scaler == HPA and metric in ("concurrency", "rps"):
        yield fault(
            document,
            f"{path}.metadata.annotations.{AUTOSCALING}metric",
            f"the `hpa` autoscaler does not know `{metric}`",
            f"use `{KPA}`, or the metric `cpu`",
        )


def _pod(document: Document) -> Iterator[Fault]:
    pod = tree(document, "spec", "template", "spec")
    whole, first = number(pod, "timeoutSeconds"), number(pod, "responseStartTimeoutSeconds")
    if whole is not None and first is not None and first > whole:
        yield fault(
            document,
            "spec.template.spec.responseStartTimeoutSeconds",
            f"an answer may start after {first:g} s but must end within {whole:g} s",
            "make it at most `timeoutSeconds`",
        )
    yield from check_pod(document, pod, "spec.template.spec")
    for container in items(pod, "containers"):
        ports = {look(p, "containerPort") for p in items(container, "ports")} or {8080}
        for probe in ("readinessProbe", "livenessProbe", "startupProbe"):
            for how in ("httpGet", "tcpSocket", "grpc"):
                port = look(container, probe, how, "port")
                if port not in (None, 0) and port not in ports:
                    yield fault(
                        document,
                        f"spec.template.spec.containers.{probe}.{how}.port",
                        f"the probe asks port {port}, which the container does not serve",
                        "leave the port out",
                    )


def _traffic(document: Document) -> Iterator[Fault]:
    for target in items(document, "spec", "traffic"):
        revision = text(target, "revisionName")
        if revision and not revision.startswith(f"{name_of(document)}-"):
            yield fault(
                document,
                "spec.traffic.revisionName",
                f"`{revision}` is no revision of this service",
                "leave `traffic` out, or use `latestRevision: true`",
            )
