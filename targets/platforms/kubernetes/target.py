"""The target `kubernetes`: a program as manifests for Knative, KServe and Kubeflow."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Final

from omniforce.compiler.ir.program import Program
from omniforce.compiler.runners import training_of
from omniforce.spec.blocks.training import Training
from omniforce.spec.diagnostic import Diagnostic

from ...target import File
from .access import access
from .check import check
from .check.fault import Fault
from .eventing import eventing
from .functions import functions
from .kustomize import files
from .names import claim_name, namespace_of
from .network import network
from .objects import Tree, identity
from .pipelines.objects import pipelines
from .refusals import TARGET, refusals
from .serving import serving
from .steps import search_of, serve_of
from .storage import namespace, storage
from .study import study_config
from .training.table import training_kind, training_objects
from .trials import trials


@dataclass(frozen=True, slots=True)
class KubernetesTarget:
    """Manifests that a real cluster accepts, one object a file."""

    name: ClassVar[str] = TARGET

    def refuse(self, program: Program) -> tuple[Diagnostic, ...]:
        """All that cannot be said in manifests, or would be taken and never work."""
        found = tuple(refusals(program))
        return found or tuple(map(_unworkable, check(objects(program))))

    def emit(self, program: Program) -> tuple[File, ...]:
        """One file an object, and the kustomization."""
        return files(objects(program))


def _unworkable(fault: Fault) -> Diagnostic:
    # the compiler's own part of a manifest never has one: what remains is a setting of the spec
    message = f"`{fault.where}` would be accepted and never work: {fault.message}"
    return Diagnostic("OFC402", message, None, fault.path, fault.help)


@lru_cache(maxsize=2)  # refused and emitted are the same objects
def objects(program: Program) -> tuple[Tree, ...]:
    """Everything that is applied, in the order in which it is needed."""
    study = study_config(program)
    _, config = identity(study)
    return (
        namespace(program, enforce=_enforced(program)),
        *access(program),
        *network(program),
        study,
        *storage(program),
        *eventing(program),
        *functions(program, config),
        *trials(program, config),
        *training_objects(program, config),
        *pipelines(program),
        *serving(program),
    )


def _enforced(program: Program) -> str:
    """What Pod Security asks in the namespace: less only for a kind whose operator needs it."""
    kind = training_kind(program)
    return "restricted" if kind is None else kind.enforce


def notes(program: Program) -> tuple[str, ...]:
    """What the cluster must have beside the manifests, in sentences for people."""
    kubernetes = program.platform.kubernetes
    here, store, claim = namespace_of(program), kubernetes.store, claim_name(program)
    secret = f"the Secret `{store.name}` in `{here}`"
    said = [f"the cluster must have {secret}, with the store's URL under `{store.key}`"]
    if kubernetes.models.claim_name is not None:
        said.append(f"the cluster must have the claim `{claim}` in `{here}`")
    elif kubernetes.models.access_mode == "ReadWriteOnce":
        said.append(
            f"the claim `{claim}` is ReadWriteOnce, so that all trials run on one node; "
            "`accessMode: ReadWriteMany` under `platform.kubernetes.models` lets them spread"
        )
    if kubernetes.namespace is not None:
        said.append(
            f"nothing else must run in `{here}`: it gets Pod Security `restricted`, and its "
            "network is closed"
        )
    training = training_of(program)
    if training is not None:
        said += _training_notes(program, training)
    serve = serve_of(program)
    if serve is not None:
        said.append(f"KServe must have the runtime `{kubernetes.serving_runtime}`")
    if serve is not None and serve.mode == "Knative":
        said.append(
            "Knative's ConfigMap `config-features` must have "
            "`kubernetes.podspec-persistent-volume-claim: enabled`, since the model server mounts "
            "the claim"
        )
    return tuple(said)


_OPERATORS: Final = {
    "TrainJob": "Kubeflow Trainer 2",
    "PyTorchJob": "Kubeflow's training-operator",
    "MPIJob": "Kubeflow's training-operator",
    "RayJob": "KubeRay",
}


def _training_notes(program: Program, training: Training) -> list[str]:
    said = [f"the cluster must have {_OPERATORS[training.kind]}: each trial is a {training.kind}"]
    if program.platform.kubernetes.queue is not None:
        queue = program.platform.kubernetes.queue.name
        said.append(f"Kueue must have the LocalQueue `{queue}` in `{namespace_of(program)}`")
    if training.kind == "MPIJob":
        said.append(
            "the trial's image must have `mpirun`; its namespace admits Pod Security `baseline`"
        )
    if training.kind == "RayJob":
        said.append("the trial's image must have `ray`")
    if search_of(program).nodes.most > 1:
        said.append("the `release` pipeline trains the chosen parameters on one node")
    return said
