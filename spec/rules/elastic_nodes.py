"""A number of nodes that may change is asked only of what can change it."""

from __future__ import annotations

from collections.abc import Iterator

from ..blocks.nodes import Nodes
from ..blocks.training import ELASTIC_KINDS, Training
from .finding import Finding, Place, Readable

NODES = ("spec", "search", "trial", "nodes")
TRAINING = ("spec", "platform", "kubernetes", "training")


def elastic_nodes(document: Readable) -> Iterator[Finding]:
    """Asks that `training` can do with bounds, where `nodes` has them; and of whom a runtime is."""
    training = document.value(Training, *TRAINING)
    if training is None:
        return
    if training.runtime is not None and training.kind != "TrainJob":
        yield Finding(
            "OFC431",
            f"the runtime `{training.runtime}` is for a TrainJob, and the trials are "
            f"{training.kind}s",
            Place((*TRAINING, "runtime")),
            f"no {training.kind} has a runtime",
            "remove `runtime`, or write `kind: TrainJob`",
            (Place((*TRAINING, "kind")), f"`{training.kind}`"),
        )
    nodes = document.value(Nodes, *NODES)
    if nodes is None or not nodes.elastic:
        return
    if training.kind not in ELASTIC_KINDS:
        yield _refused(
            nodes,
            f"{_article(training.kind)} {training.kind}",
            "kind",
            f"write `nodes: {nodes.most}`",
        )
    elif training.kind == "TrainJob" and training.runtime is not None:
        way_out = "remove `runtime`, so that the study brings its own"
        yield _refused(nodes, f"the runtime `{training.runtime}`", "runtime", way_out)


def _refused(nodes: Nodes, what: str, key: str, way_out: str) -> Finding:
    return Finding(
        "OFC430",
        f"a trial has {nodes.least} to {nodes.most} nodes, and {what} keeps as many as it starts "
        "with",
        Place(NODES),
        "cannot change",
        way_out,
        (Place((*TRAINING, key)), "by this"),
    )


def _article(kind: str) -> str:
    return "an" if kind.startswith("M") else "a"
