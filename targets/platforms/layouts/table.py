"""The layouts by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from .argocd.layout import argocd
from .kustomize import kustomize
from .layout import Laid, Study
from .plain import plain

LAYOUTS: Final[Mapping[str, Callable[[Study], Laid]]] = {
    "plain": plain,
    "kustomize": kustomize,
    "argocd": argocd,
}
