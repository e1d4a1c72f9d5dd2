"""Brokers, triggers and ping sources: references to nothing, filters that nothing matches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from omniforce.compiler.events import EVENT_TYPES, EXTENSIONS, PING

from .fault import Fault, fault
from .look import Document, is_a, look, name_of, namespace_of, number, of, text, tree

BROKER_CLASSES = ("MTChannelBasedBroker", "Kafka", "KafkaNamespaced", "RabbitMQBroker")
FOREIGN_TYPES = (
    PING,
    "org.kubeflow.serving.inference.request",
    "org.kubeflow.serving.inference.response",
)
ATTRIBUTES = ("type", "source", "subject", "id", "dataschema", "datacontenttype", "specversion")
ADDRESSABLE = {
    ("serving.knative.dev", "Service"),
    ("eventing.knative.dev", "Broker"),
    ("sinks.knative.dev", "JobSink"),
    ("messaging.knative.dev", "Channel"),
    ("messaging.knative.dev", "InMemoryChannel"),
    ("", "Service"),
}


def check_broker(document: Document, documents: Sequence[Document]) -> Iterator[Fault]:
    """A broker that no controller takes up, or whose channel is told by nothing."""
    if not is_a(document, "eventing.knative.dev", "Broker"):
        return
    path = "metadata.annotations.eventing.knative.dev/broker.class"
    broker_class = look(document, "metadata", "annotations", "eventing.knative.dev/broker.class")
    if broker_class is None:
        yield fault(
            document,
            path,
            "no class is written, so the cluster's default decides",
            f"write one of {', '.join(BROKER_CLASSES)}",
        )
    elif broker_class not in BROKER_CLASSES:
        yield fault(
            document,
            path,
            f"no broker class is called `{broker_class}`",
            f"write one of {', '.join(BROKER_CLASSES)}",
        )
    config = tree(document, "spec", "config")
    if config and text(config, "kind") != "ConfigMap" and broker_class in BROKER_CLASSES[:2]:
        yield fault(
            document,
            "spec.config.kind",
            f"the configuration is a {text(config, 'kind')}, this class reads a ConfigMap",
            "write `kind: ConfigMap`",
        )
    elif (
        config
        and broker_class == BROKER_CLASSES[0]
        and not _exists(documents, config, namespace_of(document), ("", "ConfigMap"))
    ):
        yield fault(
            document,
            "spec.config.name",
            f"there is no ConfigMap `{text(config, 'name')}` among these documents",
            "add it, or name one of them",
        )
    yield from _delivery(document, documents)


def check_trigger(document: Document, documents: Sequence[Document]) -> Iterator[Fault]:
    """A trigger that can never fire."""
    if not is_a(document, "eventing.knative.dev", "Trigger"):
        return
    brokers = {
        name_of(b)
        for b in of(documents, "eventing.knative.dev", "Broker")
        if namespace_of(b) == namespace_of(document)
    }
    if text(document, "spec", "broker") not in brokers:
        yield fault(
            document,
            "spec.broker",
            f"there is no broker `{text(document, 'spec', 'broker')}` among these documents",
            f"write one of {', '.join(sorted(brokers)) or 'them, once there is one'}",
        )
    for name, value in tree(document, "spec", "filter", "attributes").items():
        path = f"spec.filter.attributes.{name}"
        if name not in ATTRIBUTES and name not in EXTENSIONS:
            yield fault(
                document,
                path,
                f"no event has the attribute `{name}`",
                f"extensions are {', '.join(EXTENSIONS)}",
            )
        if name == "type" and value not in EVENT_TYPES and value not in FOREIGN_TYPES:
            yield fault(
                document,
                path,
                f"nothing sends events of type `{value}`",
                f"types are {', '.join((*EVENT_TYPES, *FOREIGN_TYPES))}",
            )
    yield from _delivery(document, documents)


def check_references(document: Document, documents: Sequence[Document]) -> Iterator[Fault]:
    """A subscriber or sink that does not exist, or cannot be sent to."""
    if is_a(document, "eventing.knative.dev", "Trigger"):
        yield from _target(document, "spec.subscriber", documents)
    if is_a(document, "sources.knative.dev", "PingSource"):
        yield from _target(document, "spec.sink", documents)


def check_pingsource(document: Document, documents: Sequence[Document]) -> Iterator[Fault]:
    """A schedule in seconds, and overrides that are not taken."""
    if not is_a(document, "sources.knative.dev", "PingSource"):
        return
    if len(text(document, "spec", "schedule").split()) != 5:
        yield fault(
            document,
            "spec.schedule",
            f"the schedule `{text(document, 'spec', 'schedule')}` is not in minutes",
            "write five fields, as in `*/5 * * * *`",
        )
    if look(document, "spec", "timezone") is not None:
        yield fault(
            document,
            "spec.timezone",
            "an adapter without time zones is Ready and never fires",
            "leave `timezone` out; the schedule is in UTC",
        )
    for name in tree(document, "spec", "ceOverrides", "extensions"):
        path = f"spec.ceOverrides.extensions.{name}"
        if name in ATTRIBUTES:
            yield fault(
                document,
                path,
                f"`{name}` is no extension; the event keeps its own",
                "filter on `dev.knative.sources.ping` and the source",
            )
        elif not re.fullmatch(r"[a-z0-9]{1,20}", name):
            yield fault(
                document,
                path,
                f"`{name}` is not the name of an extension",
                "use small letters and digits only",
            )


def _delivery(document: Document, documents: Sequence[Document]) -> Iterator[Fault]:
    delivery = tree(document, "spec", "delivery")
    if number(delivery, "retry") and not text(delivery, "backoffDelay"):
        yield fault(
            document,
            "spec.delivery.backoffDelay",
            "retries without a delay come all at once",
            "add `backoffPolicy: exponential` and `backoffDelay: PT1S`",
        )
    if look(delivery, "deadLetterSink", "ref") is not None:
        yield from _target(document, "spec.delivery.deadLetterSink", documents)


def _target(document: Document, path: str, documents: Sequence[Document]) -> Iterator[Fault]:
    ref = tree(document, *path.split("."), "ref")
    if not ref:
        return
    group = text(ref, "apiVersion").rpartition("/")[0]
    kind = (group, text(ref, "kind"))
    if kind not in ADDRESSABLE:
        yield fault(
            document,
            f"{path}.ref.kind",
            f"a {text(ref, 'kind')} cannot be sent to",
            "name a Knative Service, a JobSink or a Broker",
        )
        return
    namespace = text(ref, "namespace") or namespace_of(document)
    if namespace != namespace_of(document):
        yield fault(
            document,
            f"{path}.ref.namespace",
            f"`{namespace}` is another namespace than the document's own",
            f"write `{namespace_of(document)}`",
        )
        return
    if kind != ("", "Service") and not _exists(documents, ref, namespace, kind):
        yield fault(
            document,
            f"{path}.ref.name",
            f"there is no {text(ref, 'kind')} `{text(ref, 'name')}` among these documents",
            "add it, or name one of them",
        )


def _exists(
    documents: Sequence[Document], ref: Document, namespace: str, kind: tuple[str, str]
) -> bool:
    return any(
        name_of(d) == text(ref, "name") and namespace_of(d) == namespace
        for d in of(documents, *kind)
    )
