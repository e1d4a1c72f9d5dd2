"""`plain`: the objects and nothing else, for `kubectl apply --server-side -f DIR`.

kubectl applies a folder in the order of its names, which the numbers are for. It would take a
`kustomization.yaml` for an object, so there is none.
"""

from __future__ import annotations

from ..kubernetes.kustomize import object_files
from .layout import Laid, Study


def plain(study: Study) -> Laid:
    """One file an object."""
    return Laid(object_files(study.objects))
