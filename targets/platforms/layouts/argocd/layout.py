"""`argocd`: what Argo CD syncs, and beside it what whoever runs Argo CD applies once.

manifests/    the objects with their sync waves, and a smoke test after the sync
argocd/       the Application, and health checks for kinds that Argo CD does not know
"""

from __future__ import annotations

from typing import Final

from ....target import File
from ...kubernetes.kustomize import object_files
from ...kubernetes.objects import Tree
from ...kubernetes.yaml_writer import write
from ..layout import Laid, Study
from .application import MANIFESTS, application
from .health import health_checks
from .smoke_test import smoke_test

HOLD_DATA: Final = frozenset({"Namespace", "PersistentVolumeClaim"})
KEEP: Final = "Prune=false,Delete=false"


def argocd(study: Study) -> Laid:
    """Both folders; the second is no part of what is synced."""
    synced = object_files((*map(_kept, study.objects), *smoke_test(study.program)))
    ours = [File(f"{MANIFESTS}/{f.path}", f.text) for f in synced]
    ours.append(File("argocd/argocd-cm.yaml", write(health_checks())))
    notes = [
        "Argo CD's `argocd-cm` must have the checks of `argocd/argocd-cm.yaml`, or waves run ahead"
    ]
    if study.repository is None:
        notes.append("no Application was written: name the repository with `--repo URL`")
    else:
        made = application(study.program, study.objects, study.repository)
        ours.append(File("argocd/application.yaml", write(made)))
    return Laid(tuple(sorted(ours, key=lambda f: f.path)), notes=tuple(notes))


def _kept(tree: Tree) -> Tree:
    """A volume's claim, and the namespace around it, as objects that Argo CD never removes.

    An Application that is deleted, or a spec that names another claim, takes no data along.
    """
    metadata = tree["metadata"]
    if tree["kind"] not in HOLD_DATA or not isinstance(metadata, dict):
        return tree
    annotations = {**metadata["annotations"], "argocd.argoproj.io/sync-options": KEEP}
    return {**tree, "metadata": {**metadata, "annotations": annotations}}
