"""Which nodes of a cluster a pod may run on, in Kubernetes' own words."""

from __future__ import annotations

from typing import Final, Literal

from ..frozen import dataclass
from ..readers import ListOf, MapOf, Number, OneOf, Text
from ..readers import key as said
from ..readers.blocks import Block

LABEL: Final = (
    r"([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
)
VALUE: Final = r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?"

SELECTOR: Final = MapOf(Text("a label's value", pattern=VALUE), LABEL, "a label of a node")
"""`{accelerator: a100, topology.kubernetes.io/zone: eu-west-1a}`."""


@dataclass(frozen=True, slots=True)
class Toleration:
    """A taint that a pod puts up with. Without `key`, every one."""

    key: str | None = said(Text("a taint's key", pattern=LABEL), "The taint's key.", None)
    operator: Literal["Exists", "Equal"] = said(
        OneOf(("Exists", "Equal")), "`Equal` compares `value` too.", "Exists"
    )
    value: str | None = said(Text("a taint's value", pattern=VALUE), "The taint's value.", None)
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = said(
        OneOf(("NoSchedule", "PreferNoSchedule", "NoExecute")), "Of all effects, one.", None
    )
    toleration_seconds: int | None = said(
        Number(int, minimum=0, maximum=31_536_000), "How long, of `NoExecute`.", None
    )


TOLERATIONS: Final = ListOf(Block(Toleration), maximum=100)
"""A list of them."""
