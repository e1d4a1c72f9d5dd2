"""The target `trainer`: manifests whose search Kubeflow Trainer runs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Final

from omniforce.compiler.ir.program import Program
from omniforce.spec.diagnostic import Diagnostic

from ...target import File
from ..foreign_search.objects import trial_account, trial_config
from ..kubernetes.kustomize import files
from ..kubernetes.names import claim_name, namespace_of
from ..kubernetes.objects import Tree, identity
from ..kubernetes.storage import namespace, storage
from .job import optimization_job, training_runtime
from .refusals import TARGET, refusals


@dataclass(frozen=True, slots=True)
class TrainerTarget:
    """An OptimizationJob, the runtime of its trials, and what these need around them."""

    name: ClassVar[str] = TARGET

    def refuse(self, program: Program) -> tuple[Diagnostic, ...]:
        """All that an OptimizationJob cannot be told, each with its place and a way out."""
        return tuple(refusals(program))

    def emit(self, program: Program) -> tuple[File, ...]:
        """One file an object, and the kustomization."""
        return files(objects(program))


@lru_cache(maxsize=2)
def objects(program: Program) -> tuple[Tree, ...]:
    """Everything that is applied, in the order in which it is needed."""
    config = trial_config(program)
    _, name = identity(config)
    runtime = training_runtime(program, name)
    return (
        # its controller puts the pod that suggests beside the trials, and says nothing of its
        # security: `restricted` would refuse that one
        namespace(program, enforce="baseline"),
        trial_account(program),
        config,
        *storage(program),
        runtime,
        optimization_job(program, runtime),
    )


_UNRELEASED: Final = (
    "OptimizationJob is in no release of Kubeflow Trainer yet: the cluster must run its main branch"
)
_GATE: Final = (
    "Trainer's controller must have the feature gate `TrainJobStatus`, through which trials report"
)
_LEFT: Final = (
    "Trainer only searches: the best parameters are in the OptimizationJob's `status.result`, "
    "and nothing trains or serves them"
)


def notes(program: Program) -> tuple[str, ...]:
    """What the cluster must have, and what this target leaves undone, in sentences for people."""
    said = [_UNRELEASED, _GATE, _LEFT]
    if not storage(program):
        said.append(
            f"the cluster must have the claim `{claim_name(program)}` in `{namespace_of(program)}`"
        )
    return tuple(said)
