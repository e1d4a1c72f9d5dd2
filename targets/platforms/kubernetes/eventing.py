"""The broker of a study and who is woken by what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from omniforce.compiler.events import (
    DEVICE_MEASURED,
    MODEL_TRAINED,
    PING,
    STUDY_CHANGED,
    STUDY_COMPLETED,
    STUDY_STARTED,
    TRIAL_COMPLETED,
    TRIAL_REQUESTED,
)
from omniforce.compiler.ir.program import Program
from omniforce.compiler.runners import JOB, runner_of

from .functions import TIMEOUT
from .names import (
    broker_name,
    function_name,
    named,
    namespace_of,
    tick_name,
    trial_name,
)
from .objects import Component, Tree, make
from .steps import has_measurer

EMITS: Final[dict[str, frozenset[str]]] = {
    "search": frozenset({TRIAL_REQUESTED, STUDY_COMPLETED, MODEL_TRAINED}),
    "dispatch": frozenset(),
    "deadletter": frozenset(),
    "advise": frozenset(),
    "api": frozenset({STUDY_CHANGED, TRIAL_REQUESTED}),
    "trial": frozenset({TRIAL_COMPLETED, MODEL_TRAINED}),
    "measure": frozenset({DEVICE_MEASURED}),
}
"""Which types of events each subscriber sends itself."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One Trigger.

    Attributes:
        name: follows the study's in the Trigger's own.
        type: of the events.
        to: a function, or `trial` for the JobSink.
        runner: the extension `ofcrunner` of a request; two runners on one event would both run.
    """

    name: str
    type: str
    to: str
    component: Component
    runner: str | None = None


SUBSCRIPTIONS: Final = (
    Subscription("study-started", STUDY_STARTED, "search", "search"),
    Subscription("study-started-dispatch", STUDY_STARTED, "dispatch", "worker"),
    Subscription("study-changed", STUDY_CHANGED, "search", "search"),
    Subscription("study-changed-dispatch", STUDY_CHANGED, "dispatch", "worker"),
    Subscription("trial-requested", TRIAL_REQUESTED, "trial", "tte", runner=JOB),
    Subscription("trial-completed", TRIAL_COMPLETED, "search", "search"),
    Subscription("device-measured", DEVICE_MEASURED, "search", "search"),
    Subscription("tick", PING, "search", "search"),
    Subscription("study-completed", STUDY_COMPLETED, "dispatch", "worker"),
    Subscription("study-completed-advise", STUDY_COMPLETED, "advise", "search"),
)


_MODEL_TRAINED: Final = Subscription("model-trained", MODEL_TRAINED, "measure", "tte")


def subscriptions(program: Program) -> tuple[Subscription, ...]:
    """The Triggers of a study: of a trial's runners only the one that its trials have."""
    runner = runner_of(program)
    every = (*SUBSCRIPTIONS, _MODEL_TRAINED) if has_measurer(program) else SUBSCRIPTIONS
    if runner == JOB:
        return every
    requested = Subscription("trial-requested", TRIAL_REQUESTED, "dispatch", "worker", runner)
    return tuple(requested if s.type == TRIAL_REQUESTED else s for s in every)


def self_fed(subscriptions: tuple[Subscription, ...] = SUBSCRIPTIONS) -> tuple[str, ...]:
    """Subscriptions to what the subscriber sends itself.

    The default broker answers a sender only after every subscriber has answered: such a function
    would wait for itself.
    """
    return tuple(s.name for s in subscriptions if s.type in EMITS[s.to])


def eventing(program: Program) -> tuple[Tree, ...]:
    """The Broker, its channel where the class has one, and the Triggers."""
    triggers = tuple(_trigger(program, s) for s in subscriptions(program))
    if program.platform.kubernetes.broker.broker_class == "MTChannelBasedBroker":
        return (_channel(program), _broker(program), *triggers)
    return (_broker(program), *triggers)


def _channel_name(program: Program) -> str:
    return named(program.name, "broker")


def _channel(program: Program) -> Tree:
    return make(
        program,
        "v1",
        "ConfigMap",
        _channel_name(program),
        "search",
        data={
            "channel-template-spec": (
                "apiVersion: messaging.knative.dev/v1\nkind: InMemoryChannel\n"
            )
        },
    )


def _broker(program: Program) -> Tree:
    options = program.platform.kubernetes.broker
    spec = _config(program) | {"delivery": _delivery(program)}
    return make(
        program,
        "eventing.knative.dev/v1",
        "Broker",
        broker_name(program),
        "search",
        annotations={"eventing.knative.dev/broker.class": options.broker_class},
        spec=spec,
    )


def _config(program: Program) -> Tree:
    """Where the Broker's settings are; Kafka's admin keeps them beside the broker's own pods."""
    kubernetes = program.platform.kubernetes
    name, namespace = kubernetes.broker.config, kubernetes.network.eventing
    if kubernetes.broker.broker_class == "MTChannelBasedBroker":
        name, namespace = _channel_name(program), namespace_of(program)
    if name is None:
        return {}
    reference: Tree = {"apiVersion": "v1", "kind": "ConfigMap", "name": name}
    return {"config": reference | {"namespace": namespace}}


def _trigger(program: Program, subscription: Subscription) -> Tree:
    return make(
        program,
        "eventing.knative.dev/v1",
        "Trigger",
        named(program.name, subscription.name),
        subscription.component,
        spec={
            "broker": broker_name(program),
            "filter": {"attributes": filter_of(program, subscription)},
            "subscriber": {"ref": _subscriber(program, subscription)},
            "delivery": _delivery(program),
        },
    )


def source_of(program: Program) -> str:
    """The `source` of the study's own events."""
    return f"/studies/{program.name}"


def filter_of(program: Program, subscription: Subscription) -> Tree:
    """The attributes that an event must have for a subscriber to get it."""
    source = source_of(program)
    if subscription.type == PING:
        source = f"/apis/v1/namespaces/{namespace_of(program)}/pingsources/{tick_name(program)}"
    made: Tree = {"type": subscription.type, "source": source}
    return made | ({"ofcrunner": subscription.runner} if subscription.runner else {})


def _subscriber(program: Program, subscription: Subscription) -> Tree:
    if subscription.to == "trial":
        return {
            "apiVersion": "sinks.knative.dev/v1alpha1",
            "kind": "JobSink",
            "name": trial_name(program),
            "namespace": namespace_of(program),
        }
    return _function(program, subscription.to)


def _function(program: Program, function: str) -> Tree:
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "name": function_name(program, function),
        "namespace": namespace_of(program),
    }


def _delivery(program: Program) -> Tree:
    """Waits 1, 2, 4, 8 and 16 s between tries; as long for an answer as the function may take."""
    return {
        "retry": 5,
        "backoffPolicy": "exponential",
        "backoffDelay": "PT1S",
        "timeout": f"PT{TIMEOUT}S",
        "deadLetterSink": {"ref": _function(program, "deadletter")},
    }
