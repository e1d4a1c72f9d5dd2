"""Everything of a study on a cluster, also what was applied by hand or made while it ran."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from omniforce.spec.frozen import dataclass

from ..check.look import look, text
from ..names import named
from ..objects import Tree
from .apply_set import OUTSIDE, PART_OF, id_of, kinds_there
from .cluster import Cluster, Forbidden, Missing, Reference, reference_of

KINDS: Final = (
    "ConfigMap",
    "PersistentVolumeClaim",
    "ServiceAccount",
    "Job.batch",
    "NetworkPolicy.networking.k8s.io",
    "Role.rbac.authorization.k8s.io",
    "RoleBinding.rbac.authorization.k8s.io",
    "Broker.eventing.knative.dev",
    "Trigger.eventing.knative.dev",
    "Service.serving.knative.dev",
    "JobSink.sinks.knative.dev",
    "PingSource.sources.knative.dev",
    "Pipeline.pipelines.kubeflow.org",
    "PipelineVersion.pipelines.kubeflow.org",
    "InferenceService.serving.kserve.io",
    "Experiment.kubeflow.org",
    "OptimizationJob.trainer.kubeflow.org",
    "RayJob.ray.io",
    "TrainJob.trainer.kubeflow.org",
    "TrainingRuntime.trainer.kubeflow.org",
)
"""Every kind that a study may have on a cluster, without what controllers make of them."""

INSTANCE: Final = "app.kubernetes.io/instance"
MANAGED: Final = "app.kubernetes.io/managed-by"
JOB_SINK: Final = "sinks.knative.dev/job-sink"


@dataclass(frozen=True, slots=True)
class Belonging:
    """One object of a study; `uid` is the server's own name for it."""

    reference: Reference
    uid: str
    ending: bool = False


@dataclass(frozen=True, slots=True)
class Belongings:
    """What of a study is there.

    Attributes:
        objects: in no order that means anything.
        namespace: the namespace itself, where the study made it.
        parent: of the set, None where the study was never applied by ofc.
        runs: whether the tick is there, which is only while the study runs.
        unseen: kinds that the identity may not list, and that the set does not name.
    """

    objects: tuple[Belonging, ...]
    namespace: Belonging | None
    parent: Belonging | None
    runs: bool
    unseen: tuple[str, ...] = ()


def belongings(cluster: Cluster, study: str, namespace: str) -> Belongings:
    """Looks for all of it: by the set's label, and by the labels that every object of ours has.

    Raises:
        ClusterFault: a kind of the set may not be listed, or nobody answers.
    """
    parent = Reference("v1", "ConfigMap", namespace, named(study, "applyset"))
    there = cluster.get(parent)
    listed = kinds_there(there)
    found: dict[Reference, Tree] = {}
    unseen: list[str] = []
    for kind in dict.fromkeys((*KINDS, *listed)):
        try:
            trees = tuple(_of_kind(cluster, kind, study, namespace, id_of(parent)))
        except Forbidden:
            if kind in listed or not listed:
                raise
            unseen.append(kind)
            continue
        found |= {reference_of(tree): tree for tree in trees}
    found.pop(parent, None)
    tick = named(study, "tick")
    whole = cluster.get(Reference("v1", "Namespace", None, namespace))
    return Belongings(
        tuple(_belonging(tree) for tree in found.values()),
        _belonging(whole) if whole is not None and _is_ours(whole, study) else None,
        None if there is None else _belonging(there),
        any(r.kind == "PingSource" and r.name == tick for r in found),
        tuple(unseen),
    )


def _of_kind(
    cluster: Cluster, kind: str, study: str, namespace: str, set_id: str
) -> Iterator[Tree]:
    name, _, group = kind.partition(".")
    if name in OUTSIDE or (version := cluster.preferred(group, name)) is None:
        return
    try:
        yield from cluster.list(version, name, namespace, {PART_OF: set_id})
        if name == "Job":
            # the JobSink makes Jobs with the labels of its template, and no more
            there: Iterable[Tree] = cluster.list(version, name, namespace, {INSTANCE: study})
            yield from (t for t in there if _is_ours(t, study) or _labels(t).get(JOB_SINK))
            return
        there = cluster.list(version, name, namespace, {INSTANCE: study, MANAGED: "ofc"})
        # another set's member under our labels is the other's
        yield from (t for t in there if _labels(t).get(PART_OF, set_id) == set_id)
    except Missing:
        return


def _is_ours(tree: Tree, study: str) -> bool:
    labels = _labels(tree)
    return labels.get(INSTANCE) == study and labels.get(MANAGED) == "ofc"


def _labels(tree: Tree) -> Mapping[str, object]:
    found = look(tree, "metadata", "labels")
    return found if isinstance(found, Mapping) else {}


def _belonging(tree: Tree) -> Belonging:
    ending = look(tree, "metadata", "deletionTimestamp") is not None
    return Belonging(reference_of(tree), text(tree, "metadata", "uid"), ending)
