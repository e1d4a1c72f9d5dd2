"""The Application: where Argo CD finds the manifests, and how it compares and applies them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from omniforce.compiler.ir.program import Program

from ...kubernetes.names import namespace_of
from ...kubernetes.objects import DOMAIN, Tree, labels_of
from ..layout import Repository

MANIFESTS: Final = "manifests"

_WRITTEN_BY_KNATIVE: Final = {
    ("serving.knative.dev", "Service"),
    ("eventing.knative.dev", "Broker"),
    ("eventing.knative.dev", "Trigger"),
    ("sinks.knative.dev", "JobSink"),
}
"""Kinds whose webhook notes who applied them: another identity of Argo CD is no difference."""


def application(program: Program, objects: Iterable[Tree], repository: Repository) -> Tree:
    """The Application, which syncs when it is told to: `automated` is its owner's choice."""
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": namespace_of(program),
            "namespace": "argocd",
            "labels": labels_of(program, "search"),
            "annotations": {
                # compared by a dry run on the server, which fills in what the servers do
                "argocd.argoproj.io/compare-options": "ServerSideDiff=true",
                f"{DOMAIN}/spec-digest": program.digest,
            },
        },
        "spec": {
            "project": "default",
            "source": {
                "repoURL": repository.url,
                "targetRevision": repository.revision,
                "path": f"{repository.path.strip('/')}/{MANIFESTS}".removeprefix("./").lstrip("/"),
            },
            "destination": {
                "server": "https://kubernetes.default.svc",
                "namespace": namespace_of(program),
            },
            "syncPolicy": {
                "syncOptions": ["ServerSideApply=true", "RespectIgnoreDifferences=true"],
            },
            "ignoreDifferences": list(_ignored(objects)),
        },
    }


def _ignored(objects: Iterable[Tree]) -> Iterable[Tree]:
    kinds = {(str(o["apiVersion"]).partition("/")[0], str(o["kind"])) for o in objects}
    for group, kind in sorted(kinds & _WRITTEN_BY_KNATIVE):
        yield {
            "group": group,
            "kind": kind,
            "jsonPointers": [
                f"/metadata/annotations/{group}~1creator",
                f"/metadata/annotations/{group}~1lastModifier",
            ],
        }
