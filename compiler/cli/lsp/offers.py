"""What a completion offers, before the protocol has a say in it."""

from __future__ import annotations

from typing import Literal

from omniforce.spec.frozen import dataclass

Kind = Literal["key", "word", "parameter", "params", "device", "metric", "value", "name"]


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that may be written.

    Attributes:
        text: what is put in; of several lines, each with its whole indentation.
        detail: a few words beside the label.
        doc: Markdown.
    """

    label: str
    kind: Kind
    text: str
    detail: str = ""
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Offers:
    """What may be written at a place, the likeliest first.

    Attributes:
        start: column from which on it replaces what is there.
        end: column up to which it does.
    """

    all: tuple[Offer, ...]
    start: int = 1
    end: int = 1
