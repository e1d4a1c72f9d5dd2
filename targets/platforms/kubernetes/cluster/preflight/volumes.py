"""Whether data and models have a volume to live on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from omniforce.spec.diagnostic import Diagnostic

from ...check.look import look, name_of, text
from ...names import claim_name
from ...objects import Tree
from .asking import Asking, error, note, warning
from .quantity import quantity

_MODELS: Final = "spec.platform.kubernetes.models"
_DEFAULT: Final = "storageclass.kubernetes.io/is-default-class"


def volumes(asking: Asking) -> Iterator[Diagnostic]:
    """The claim that the writer has, or the class that ours is made from."""
    models = asking.program.platform.kubernetes.models
    name = claim_name(asking.program)
    claim = asking.get("v1", "PersistentVolumeClaim", name, asking.namespace)
    if models.claim_name is not None:
        yield from _own(asking, models.claim_name, claim)
        return
    if claim is not None:
        yield from _shrunk(asking, claim)
        return  # it has its class already
    yield from _class(asking, models.storage_class)
    if models.access_mode == "ReadWriteMany":
        yield note(
            "OFC659",
            "whether the storage class makes `ReadWriteMany` volumes cannot be known before one "
            "is asked for",
            f"see that the claim `{name}` is bound once it is applied",
            asking.at(f"{_MODELS}.accessMode"),
        )


def _own(asking: Asking, name: str, claim: Tree | None) -> Iterator[Diagnostic]:
    span = asking.at(f"{_MODELS}.claimName")
    if claim is None:
        yield error(
            "OFC666",
            f"there is no claim `{name}` in `{asking.namespace}`",
            "make it, or remove `claimName` to have one made",
            span,
        )
        return
    if text(claim, "status", "phase") == "Lost":
        yield error(
            "OFC666",
            f"the claim `{name}` has lost its volume",
            "bring the volume back, or name another claim",
            span,
        )
    modes = look(claim, "spec", "accessModes")
    if isinstance(modes, list) and not {"ReadWriteOnce", "ReadWriteMany"} & set(map(str, modes)):
        yield error(
            "OFC666",
            f"the claim `{name}` is {', '.join(map(str, modes))}, and trials write to it",
            "name a claim that is ReadWriteOnce or ReadWriteMany",
            span,
        )


def _shrunk(asking: Asking, claim: Tree) -> Iterator[Diagnostic]:
    has = quantity(look(claim, "spec", "resources", "requests", "storage"))
    size = asking.program.platform.kubernetes.models.size
    if has is not None and size < has:
        yield error(
            "OFC666",
            f"the claim `{name_of(claim)}` has {has / 2**30:g} GiB, and a volume never shrinks: "
            f"{size / 2**30:g} GiB are asked for",
            f"write `size: {has / 2**30:g}GiB`",
            asking.at(f"{_MODELS}.size"),
        )


def _class(asking: Asking, name: str | None) -> Iterator[Diagnostic]:
    classes = asking.list("storage.k8s.io/v1", "StorageClass")
    names = [name_of(c) for c in classes]
    known = ", ".join(f"`{n}`" for n in names) or "none"
    if name is None:
        if not any(_is_default(c) for c in classes):
            yield error(
                "OFC659",
                f"no storage class is the default, and none is named; there are: {known}",
                f"write `storageClass: {names[0] if names else 'NAME'}` under "
                "`platform.kubernetes.models`",
                asking.at(_MODELS),
            )
        return
    found = next((c for c in classes if name_of(c) == name), None)
    if found is None:
        yield error(
            "OFC659",
            f"there is no storage class `{name}`; there are: {known}",
            f"write `storageClass: {names[0]}`" if names else "install a storage provisioner",
            asking.at(f"{_MODELS}.storageClass"),
        )
    elif text(found, "provisioner") == "kubernetes.io/no-provisioner":
        yield warning(
            "OFC659",
            f"the storage class `{name}` makes no volumes by itself",
            "have a volume made for the claim, or name another class",
            asking.at(f"{_MODELS}.storageClass"),
        )


def _is_default(storage_class: Tree) -> bool:
    return text(storage_class, "metadata", "annotations", _DEFAULT) == "true"
