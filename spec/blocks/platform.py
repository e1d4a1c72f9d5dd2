"""`platform`: what only the place that it goes to needs to know. Nothing here changes a result."""

from __future__ import annotations

from typing import Literal

from ..expression.reading import Size
from ..frozen import dataclass
from ..readers import Block, ListOf, Number, OneOf, Text, key
from .scheduling import LABEL, SELECTOR, TOLERATIONS, Toleration
from .training import Queue, QueueName, Training

_IMAGE = (
    r"[a-z0-9]+([._-][a-z0-9]+)*(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*"
    r"(:[\w.-]+)?(@sha256:[0-9a-f]{64})?"
)
_NAME = r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?"


@dataclass(frozen=True, slots=True)
class Images:
    """The project's own images; `Containerfile` builds both."""

    functions: str = key(
        Text("an image reference", pattern=_IMAGE),
        "The slim one, for functions.",
        "localhost:5000/omniforce/functions:0.1.0",
    )
    trial: str = key(
        Text("an image reference", pattern=_IMAGE),
        "The full one, for trials and pipelines.",
        "localhost:5000/omniforce/full:0.1.0",
    )


@dataclass(frozen=True, slots=True)
class SecretRef:
    """A key of a Secret. Its value is never written anywhere."""

    name: str = key(Text("a Secret's name", pattern=_NAME), "The Secret.", "ofc-store")
    key: str = key(Text("a key", pattern=r"[-._a-zA-Z0-9]+"), "The key in it.", "url")


@dataclass(frozen=True, slots=True)
class Models:
    """The volume that data and models live on, and models are served from."""

    claim_name: str | None = key(
        Text("a claim's name", pattern=_NAME),
        "An existing PVC; one is made where none is named.",
        None,
    )
    size: int = key(Size(), "Of the PVC that is made.", 2**30)
    access_mode: Literal["ReadWriteOnce", "ReadWriteMany"] = key(
        OneOf(("ReadWriteOnce", "ReadWriteMany")),
        "`ReadWriteMany` where trials run on several nodes.",
        "ReadWriteOnce",
    )
    storage_class: str | None = key(Text("a class's name"), "Its storage class.", None)


@dataclass(frozen=True, slots=True)
class BrokerOptions:
    """The broker of the study's events."""

    broker_class: Literal["MTChannelBasedBroker", "Kafka"] = key(
        OneOf(("MTChannelBasedBroker", "Kafka")),
        "Kafka's is the choice for production; the other is synchronous.",
        "MTChannelBasedBroker",
        name="class",
    )
    config: str | None = key(
        Text("a ConfigMap's name", pattern=_NAME), "Kafka's own settings, made by its admin.", None
    )
    url: str | None = key(
        Text("a URL", pattern=r"https?://\S+"),
        "Its address, from its status, where the class is not the default.",
        None,
    )


@dataclass(frozen=True, slots=True)
class Network:
    """What network policies must let through, beside the system's own."""

    gateways: tuple[str, ...] = key(
        ListOf(Text("a namespace", pattern=_NAME)),
        "Namespaces of the activator and the gateways.",
        ("knative-serving", "kourier-system"),
    )
    eventing: str = key(
        Text("a namespace", pattern=_NAME), "Where the broker's pods are.", "knative-eventing"
    )
    pipelines: str = key(
        Text("a namespace", pattern=_NAME), "Where KFP's services are.", "kubeflow"
    )
    store_cidr: str = key(
        Text("a CIDR", pattern=r"[0-9a-fA-F.:]+/[0-9]{1,3}"), "Where the store is.", "0.0.0.0/0"
    )
    store_port: int = key(Number(int, minimum=1, maximum=65535), "The store's port.", 5432)


@dataclass(frozen=True, slots=True)
class Kubernetes:
    """Where on a cluster."""

    namespace: str | None = key(
        Text("a namespace", pattern=_NAME), "`ofc-<name>` where none is named.", None
    )
    images: Images = key(Block(Images), "What runs.", Images())
    store: SecretRef = key(Block(SecretRef), "The Secret with the store's URL.", SecretRef())
    models: Models = key(Block(Models), "The volume for data and models.", Models())
    broker: BrokerOptions = key(Block(BrokerOptions), "The broker.", BrokerOptions())
    network: Network = key(Block(Network), "What policies let through.", Network())
    serving_runtime: str = key(
        Text("a ServingRuntime's name", pattern=_NAME),
        "KServe's runtime for ONNX models.",
        "kserve-tritonserver",
    )
    training: Training | None = key(
        Block(Training), "What a trial on several nodes becomes.", None, quiet=True
    )
    queue: Queue | None = key(
        Block(Queue, short=QueueName()), "Kueue's queue for trials.", None, quiet=True
    )
    node_selector: tuple[tuple[str, str], ...] = key(
        SELECTOR, "Labels of the nodes that trials run on.", (), quiet=True
    )
    tolerations: tuple[Toleration, ...] = key(
        TOLERATIONS, "Taints that trials put up with.", (), quiet=True
    )
    gpu_resource: str = key(
        Text("a resource's name", pattern=LABEL),
        "What the nodes call a GPU.",
        "nvidia.com/gpu",
        quiet=True,
    )


@dataclass(frozen=True, slots=True)
class Rates:
    """What running costs in money and energy, for the budgets in them."""

    cpu_hour: float = key(Number(float, minimum=0.0), "US dollars for one core for an hour.", 0.0)
    memory_hour: float = key(Number(float, minimum=0.0), "For one GiB for an hour.", 0.0)
    gpu_hour: float = key(Number(float, minimum=0.0), "For one GPU for an hour.", 0.0)
    cpu_watts: float = key(
        Number(float, minimum=0.0), "Of one busy core, where nothing measures energy.", 0.0
    )
    gpu_watts: float = key(Number(float, minimum=0.0), "Of one busy GPU.", 0.0)


@dataclass(frozen=True, slots=True)
class Platform:
    """Settings of each platform that the spec may go to."""

    kubernetes: Kubernetes = key(Block(Kubernetes), "Of a cluster.", Kubernetes())
    rates: Rates = key(Block(Rates), "What running costs.", Rates(), quiet=True)
