"""There is a node that a trial can run on: its labels agree, and its tolerations mean something."""

from __future__ import annotations

from collections.abc import Iterator

from ..blocks.devices import Device
from ..blocks.platform import Kubernetes
from ..blocks.scheduling import Toleration
from ..source import Path
from .finding import Finding, Place, Readable

KUBERNETES = ("spec", "platform", "kubernetes")
SELECTOR = "nodeSelector"


def placement(document: Readable) -> Iterator[Finding]:
    """Asks that no label is wanted with two values, and that no toleration contradicts itself."""
    yield from _labels(document)
    for path in _owners(document):
        yield from _tolerations(document, path)


def _owners(document: Readable) -> tuple[Path, ...]:
    return (KUBERNETES, *(("spec", "devices", name) for name in document.devices()))


def _labels(document: Readable) -> Iterator[Finding]:
    """A trial is measured on its devices where it trained, so that all labels are asked at once."""
    seen: dict[str, tuple[str, Path]] = {}
    for path in _owners(document):
        owner = document.value(Device, *path) or document.value(Kubernetes, *path)
        for label, value in owner.node_selector if owner is not None else ():
            place = (*path, SELECTOR, label)
            first, where = seen.setdefault(label, (value, place))
            if first != value:
                yield Finding(
                    "OFC432",
                    f"a trial needs a node with `{label}` both `{first}` and `{value}`",
                    Place(place),
                    "no node has both",
                    "keep one of them: a trial is measured on the node that it trains on",
                    (Place(where), f"`{first}` here"),
                )


def _tolerations(document: Readable, path: Path) -> Iterator[Finding]:
    number = 0
    while (document.written(*path, "tolerations", number)) is not None:
        place = (*path, "tolerations", number)
        toleration = document.value(Toleration, *place)
        number += 1
        if toleration is None:
            continue
        wrong = _contradiction(toleration)
        if wrong is not None:
            key, message, way_out = wrong
            yield Finding("OFC433", message, Place((*place, key)), "tolerates nothing", way_out)


def _contradiction(toleration: Toleration) -> tuple[str, str, str] | None:
    """The key that is wrong, why, and what to write."""
    if toleration.operator == "Exists" and toleration.value is not None:
        return (
            "value",
            "a toleration that `Exists` compares no value",
            "write `operator: Equal`, or remove `value`",
        )
    if toleration.operator == "Equal" and toleration.key is None:
        return (
            "operator",
            "a toleration that is `Equal` to a value names no taint",
            "add `key:`, or write `operator: Exists`",
        )
    if toleration.toleration_seconds is not None and toleration.effect != "NoExecute":
        return (
            "tolerationSeconds",
            "only the effect `NoExecute` ends, and another is tolerated for some seconds",
            "write `effect: NoExecute`, or remove `tolerationSeconds`",
        )
    return None
