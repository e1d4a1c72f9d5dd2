"""The target `ray`: manifests whose RayJob runs the whole study on a Ray cluster of its own."""

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
from ..kubernetes.pods import trial_image
from ..kubernetes.storage import namespace, storage
from .job import RAY, ray_job
from .refusals import TARGET, refusals


@dataclass(frozen=True, slots=True)
class RayTarget:
    """A RayJob, and what its pods need around them."""

    name: ClassVar[str] = TARGET

    def refuse(self, program: Program) -> tuple[Diagnostic, ...]:
        """All that a RayJob does not do, each with its place and a way out."""
        return tuple(refusals(program))

    def emit(self, program: Program) -> tuple[File, ...]:
        """One file an object, and the kustomization."""
        return files(objects(program))


@lru_cache(maxsize=2)
def objects(program: Program) -> tuple[Tree, ...]:
    """Everything that is applied, in the order in which it is needed."""
    config = trial_config(program)
    _, name = identity(config)
    return (
        namespace(program),
        trial_account(program),
        config,
        *storage(program),
        ray_job(program, name),
    )


_IMAGE: Final = (
    "the image `{}` must have Ray {} with its `default` extra: `Containerfile` builds one as "
    "`--target ray`"
)
_LEFT: Final = (
    "a RayJob ends with the model: it is on the volume, under `studies/<study>/models`, and "
    "nothing serves it"
)


def notes(program: Program) -> tuple[str, ...]:
    """What the cluster must have, and what this target leaves undone, in sentences for people."""
    said = [
        _IMAGE.format(trial_image(program), RAY),
        "the cluster must have KubeRay 1.5 or newer",
        _LEFT,
    ]
    if not storage(program):
        said.append(
            f"the cluster must have the claim `{claim_name(program)}` in `{namespace_of(program)}`"
        )
    return tuple(said)
