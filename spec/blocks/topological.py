"""An order in which everything stands behind what it reads."""

from __future__ import annotations

from collections.abc import Mapping

from ..frozen import dataclass


@dataclass(frozen=True, slots=True)
class Order:
    """The names in order, or a circle, its first name repeated at the end."""

    names: tuple[str, ...]
    cycle: tuple[str, ...] = ()


def in_order(reads: Mapping[str, tuple[str, ...]]) -> Order:
    """The given order, changed only where something is read before it is declared."""
    done: dict[str, None] = {}
    for start in reads:
        way: dict[str, list[str]] = {}
        if start not in done:
            way[start] = [n for n in reads[start] if n not in done]
        while way:
            name, waiting = next(reversed(way.items()))
            if not waiting:
                way.popitem()
                done[name] = None
                continue
            following = waiting.pop(0)
            if following in way:
                circle = list(way)[list(way).index(following) :]
                return Order((), (*circle, following))
            if following not in done:
                way[following] = [n for n in reads[following] if n not in done]
    return Order(tuple(done))
