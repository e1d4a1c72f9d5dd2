"""`platform.kubernetes.training` and `.queue`: what runs a trial on several nodes there."""

from __future__ import annotations

from typing import Final, Literal

from ..expression.reading import Duration
from ..frozen import dataclass
from ..nodes import Node
from ..readers import INVALID, Invalid, Number, OneOf, Reading, Schema, Text, key
from ..source import Path

Kind = Literal["TrainJob", "PyTorchJob", "MPIJob", "RayJob"]
KINDS: Final = ("TrainJob", "PyTorchJob", "MPIJob", "RayJob")

ELASTIC_KINDS: Final = frozenset({"TrainJob", "PyTorchJob"})
"""Kinds whose number of nodes may change while they train."""

_NAME = r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?"


@dataclass(frozen=True, slots=True)
class Training:
    """What a trial on several nodes becomes.

    Attributes:
        runtime: None where the study brings a TrainingRuntime of its own, with its volumes and a
            pod that Pod Security admits.
        processes: None for one a GPU, or one where there are no GPUs.
    """

    kind: Kind = key(
        OneOf(KINDS), "Of which kind; the others than TrainJob are for older clusters.", "TrainJob"
    )
    runtime: str | None = key(
        Text("a ClusterTrainingRuntime's name", pattern=_NAME),
        "The cluster's own runtime of a TrainJob, such as `torch-distributed`.",
        None,
    )
    processes: int | None = key(
        Number(int, minimum=1, maximum=64), "Processes on each node; one a GPU otherwise.", None
    )
    restarts: int = key(
        Number(int, minimum=0, maximum=100),
        "How often an elastic trial goes on after it lost a node.",
        3,
    )


@dataclass(frozen=True, slots=True)
class Queue:
    """A LocalQueue of Kueue that trials wait in."""

    name: str = key(Text("a LocalQueue's name", pattern=_NAME), "The queue, in the namespace.")
    priority: str | None = key(
        Text("a WorkloadPriorityClass's name", pattern=_NAME), "Its priority class.", None
    )
    patience: float = key(
        Duration(), "How long a trial may wait in it before it is asked for again.", 3600.0
    )


class QueueName:
    """The one-line form of a queue: only its name."""

    def read(self, node: Node, path: Path, reading: Reading) -> Queue | Invalid:
        """The queue with its defaults."""
        name = Text("a LocalQueue's name", pattern=_NAME).read(node, path, reading)
        return INVALID if isinstance(name, Invalid) else Queue(name)

    def schema(self) -> Schema:
        """A string."""
        return Text("a LocalQueue's name", pattern=_NAME).schema()
