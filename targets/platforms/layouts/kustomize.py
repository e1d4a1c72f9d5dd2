"""`kustomize`: a base that is ours, and an overlay for each environment that is its owner's.

base/NN-kind-name.yaml, base/kustomization.yaml   written anew each time
overlays/<environment>/kustomization.yaml         written once, then left alone
"""

from __future__ import annotations

from typing import Final

from ...target import File
from ..kubernetes.kustomize import files
from ..kubernetes.objects import Tree
from ..kubernetes.yaml_writer import write
from .layout import Laid, Study

OVERLAYS: Final = "overlays"

_HEAD: Final = """\
# Yours: `ofc compile` wrote this file once, and will not touch it again.
# Patches, images and more go here: https://kubectl.docs.kubernetes.io/references/kustomize/
"""


def kustomize(study: Study) -> Laid:
    """The base, and what each overlay begins with."""
    base = tuple(File(f"base/{f.path}", f.text) for f in files(study.objects))
    listing: Tree = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": ["../../base"],
    }
    overlays = tuple(
        File(f"{OVERLAYS}/{name}/kustomization.yaml", _HEAD + write(listing))
        for name in study.environments
    )
    return Laid(base, overlays)
