"""Whether somebody makes brokers of the class that is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from omniforce.spec.diagnostic import Diagnostic

from ...check.look import text
from ...names import broker_name
from ..applying.ready import READY, state_of
from .asking import Asking, error

_CONTROLLERS: Final = {
    "MTChannelBasedBroker": "mt-broker-controller",
    "Kafka": "kafka-controller",
}
"""The Deployment that makes the brokers of a class."""

_BROKER: Final = "spec.platform.kubernetes.broker"


def broker(asking: Asking) -> Iterator[Diagnostic]:
    """The class, its channel, and the settings that a class needs."""
    kubernetes = asking.program.platform.kubernetes
    options, eventing = kubernetes.broker, kubernetes.network.eventing
    kind = options.broker_class
    if _works(asking):
        return  # whoever makes brokers here has made this one
    controller = _CONTROLLERS[kind]
    other = next(each for each in _CONTROLLERS if each != kind)
    if asking.get("apps/v1", "Deployment", controller, eventing) is None:
        yield error(
            "OFC665",
            f"nobody makes brokers of class `{kind}`: there is no Deployment `{controller}` in "
            f"`{eventing}`",
            f"install that class, write `class: {other}`, or name the right namespace under "
            "`network.eventing`",
            asking.at(f"{_BROKER}.class"),
        )
    channel = ("messaging.knative.dev/v1", "InMemoryChannel")
    if kind == "MTChannelBasedBroker" and not asking.cluster.serves(*channel):
        yield error(
            "OFC665",
            "the broker keeps its events in an InMemoryChannel, which the cluster does not have",
            "install Knative Eventing's in-memory channel, or write `class: Kafka`",
            asking.at(f"{_BROKER}.class"),
        )
    name = options.config
    if name is not None and asking.get("v1", "ConfigMap", name, eventing) is None:
        yield error(
            "OFC665",
            f"the broker's settings are in the ConfigMap `{name}`, and `{eventing}` has none",
            "name the one that Kafka's admin has made, or remove `config`",
            asking.at(f"{_BROKER}.config"),
        )


def _works(asking: Asking) -> bool:
    """Whether the study's own broker is there and Ready already, of the class that is asked for."""
    name = broker_name(asking.program)
    live = asking.get("eventing.knative.dev/v1", "Broker", name, asking.namespace)
    made = text(live, "metadata", "annotations", "eventing.knative.dev/broker.class")
    wanted = asking.program.platform.kubernetes.broker.broker_class
    return live is not None and made == wanted and state_of(live) == READY
