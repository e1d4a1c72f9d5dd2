"""The target `katib`: manifests whose search Katib runs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from omniforce.compiler.ir.program import Program
from omniforce.spec.diagnostic import Diagnostic

from ...target import File
from ..foreign_search.objects import trial_account, trial_config
from ..kubernetes.kustomize import files
from ..kubernetes.names import namespace_of
from ..kubernetes.objects import Tree, identity
from ..kubernetes.steps import search_of
from ..kubernetes.storage import namespace, storage
from .algorithm import algorithm_of
from .experiment import experiment
from .refusals import TARGET, refusals


@dataclass(frozen=True, slots=True)
class KatibTarget:
    """An Experiment, and what its trials need around them."""

    name: ClassVar[str] = TARGET

    def refuse(self, program: Program) -> tuple[Diagnostic, ...]:
        """All that Katib cannot be told, each with its place and a way out."""
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
        _namespace(program),
        trial_account(program),
        config,
        *storage(program),
        experiment(program, name),
    )


def _namespace(program: Program) -> Tree:
    """The Namespace, in which Katib may put its collector beside a trial.

    Katib's own pods, the one that suggests and by default the collector, say nothing of their
    security: `restricted` would refuse them. Ours pass it all the same.
    """
    return namespace(
        program,
        enforce="baseline",
        labels={"katib.kubeflow.org/metrics-collector-injection": "enabled"},
    )


def notes(program: Program) -> tuple[str, ...]:
    """What the cluster must have, and what this target leaves undone, in sentences for people."""
    search, here = search_of(program), namespace_of(program)
    chosen = algorithm_of(search)
    said = [f"the strategy `{search.strategy.name}` is Katib's own `{chosen}`"]
    if chosen == "tpe":
        said[0] += ", since its `bayesianoptimization` draws every float on a log scale"
    said.append(
        "Katib only searches: the best parameters are in the Experiment's "
        "`status.currentOptimalTrial`, and nothing trains or serves them"
    )
    kubernetes = program.platform.kubernetes
    if kubernetes.models.claim_name is not None:
        said.append(f"the cluster must have the claim `{kubernetes.models.claim_name}` in `{here}`")
    if kubernetes.namespace is not None:
        said.append(f"`{here}` is labelled so that Katib puts its collector into its pods")
    return tuple(said)
