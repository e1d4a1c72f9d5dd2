"""Which objects must be there before a server can check another one, even in a dry run.

Knative's webhook dry-runs a pod and wants its ServiceAccount; nothing in a namespace that is not
there can be checked at all; KFP looks the Pipeline of a PipelineVersion up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..check.look import is_a, text
from ..objects import Tree
from .cluster import Reference, reference_of


def needs(tree: Tree, objects: Iterable[Reference]) -> tuple[Reference, ...]:
    """Those of `objects` without which `tree` cannot be checked, in the order of `objects`."""
    wanted = set(_wanted(tree))
    return tuple(each for each in objects if (each.kind, each.name) in wanted)


def _wanted(tree: Tree) -> Iterator[tuple[str, str]]:
    namespace = reference_of(tree).namespace
    if namespace is not None:
        yield "Namespace", namespace
    if account := text(tree, *_account(tree)):
        yield "ServiceAccount", account
    if pipeline := text(tree, "spec", "pipelineName"):
        yield "Pipeline", pipeline
    if is_a(tree, "rbac.authorization.k8s.io", "RoleBinding"):
        yield "Role", text(tree, "roleRef", "name")


def _account(tree: Tree) -> tuple[str, ...]:
    if is_a(tree, "sinks.knative.dev", "JobSink"):
        return "spec", "job", "spec", "template", "spec", "serviceAccountName"
    if is_a(tree, "serving.kserve.io", "InferenceService"):
        return "spec", "predictor", "serviceAccountName"
    return "spec", "template", "spec", "serviceAccountName"
