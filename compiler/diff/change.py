"""One difference between two programs, and what it means for the trials that are finished."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from omniforce.spec.frozen import dataclass

Fate = Literal["kept", "imputed", "invalidated"]
FATES: Final[tuple[Fate, ...]] = ("kept", "imputed", "invalidated")
"""What becomes of a finished trial, best first.

A kept trial counts as it is. An imputed one counts as well, with a value for what it was never
asked: the one that it was trained with, or the default. Of an invalidated one the figures are
those of another question, and nothing is learnt from them.
"""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        path: where it is written, dotted: `spec.searchSpace.width.range`.
        before: its text; None for what was not there.
        after: its text; None for what is not there any more.
        fate: of the finished trials that `only` names, or of all.
        why: the reason, in a sentence.
        only: which trials the fate is for, such as `where it lies in 8...32`; the others are
            invalidated. Empty for all.
    """

    path: str
    before: str | None
    after: str | None
    fate: Fate
    why: str
    only: str = ""


def worst(fates: Iterable[Fate]) -> Fate:
    """The worst of several; kept where there are none."""
    found = set(fates)
    if "invalidated" in found:
        return "invalidated"
    return "imputed" if "imputed" in found else "kept"
