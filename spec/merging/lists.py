"""Which item of a changed list is which item of the old one."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from ..formatting.pieces import Item, Pair, Pairs, Word
from ..frozen import dataclass
from .same import said


@dataclass(frozen=True, slots=True)
class Slot:
    """One item of the old list, and what became of it.

    Attributes:
        added: new items before it.
        base: the item; None for the end of the list.
        now: what stands in its place; None where it was taken away.
    """

    added: tuple[Item, ...]
    base: Item | None
    now: Item | None


def align(base: Sequence[Item], changed: Sequence[Item]) -> tuple[Slot, ...]:
    """A slot for each item of the old list, and one for its end."""
    old, new = [_identity(i) for i in base], [_identity(i) for i in changed]
    added: list[list[Item]] = [[] for _ in range(len(base) + 1)]
    now: list[Item | None] = [None] * len(base)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for kind, start, end, first, last in matcher.get_opcodes():
        if kind == "equal":
            now[start:end] = changed[first:last]
        elif kind == "insert":
            added[start] += changed[first:last]
        elif kind == "replace":
            both = min(end - start, last - first)
            now[start : start + both] = changed[first : first + both]
            added[end] += changed[first + both : last]
    return tuple(
        Slot(tuple(added[i]), base[i] if i < len(base) else None, now[i] if i < len(base) else None)
        for i in range(len(base) + 1)
    )


def _identity(item: Item) -> str:
    """What an item is known by: its `name`, its one key, else all that it says."""
    value = item.value
    if isinstance(value, Pairs):
        pairs = [e for e in value.entries if isinstance(e, Pair)]
        for pair in pairs:
            if isinstance(pair.key, Word) and pair.key.value == "name":
                return f"name {said(pair.value)}"
        if len(pairs) == 1 and not isinstance(pairs[0].value, Word):
            return f"key {said(pairs[0].key)}"
    return repr(said(value))
