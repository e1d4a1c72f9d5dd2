"""Paths from input to output as words of operations, how often each stands in a network.

The path encoding of White, Neiswanger and Savani (2021), BANANAS, section 3.1, with edges that
only hand on what they get left out of the words, so that equal computations have equal words.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from .cell import Cell
from .mixing import counts, mixed
from .network import Networks
from .numbers import Rows, working

PATHS = 256
"""No more are read, the shorter ones first, since a graph may have 2^(nodes - 2) of them."""

WORDS = 256
"""Columns at most. Where there are more words, several share one."""


def letters(cell: Cell) -> tuple[int, ...]:
    """The operations that words are made of, by place."""
    return tuple(at for at in working(cell) if not cell.identity[at])


def width(cell: Cell) -> int:
    """How many columns there are: one for each word, or `WORDS` where there are more."""
    return min(_words(cell), WORDS)


def path_words(networks: Networks) -> Rows:
    """How many live paths spell each word: n x width."""
    cell = networks.cell
    routes, columns, spelled = _routes(cell), width(cell), letters(cell)
    if not routes:
        return np.zeros((networks.count, columns), np.float32)
    # A word is a number in which no digit is 0, so that every number is one word.
    digit = np.zeros(len(cell.operations) + 1, np.uint64)
    digit[list(spelled)] = np.arange(1, len(spelled) + 1)
    digits, base = digit[networks.operations], np.uint64(len(spelled))
    found = np.zeros((len(routes), networks.count), np.uint64)
    whole = np.ones((len(routes), networks.count), np.bool_)
    for at, route in enumerate(routes):
        for edge in route:
            longer = found[at] * base + digits[edge]
            found[at] = np.where(networks.identity[edge], found[at], longer)
            whole[at] &= networks.live[edge]
    if _words(cell) > WORDS:
        found = mixed(found, found)
    return counts(found, whole, columns).astype(np.float32)


def _words(cell: Cell) -> int:
    """How many words there may be."""
    count, longest = len(letters(cell)), max(map(len, _routes(cell)), default=0)
    return sum(count**length for length in range(longest + 1))


@lru_cache(maxsize=64)
def _routes(cell: Cell) -> tuple[tuple[int, ...], ...]:
    """The paths from input to output, as edges; the shorter ones first."""
    leads = _lead_on(cell)
    frontier: list[tuple[int, tuple[int, ...]]] = [(0, ())]
    found: list[tuple[int, ...]] = []
    while frontier and len(found) < PATHS:
        longer = [
            (target, (*route, edge))
            for node, route in frontier
            for edge, (source, target) in enumerate(cell.edges)
            if source == node and leads[target]
        ]
        found += [route for node, route in longer if node == cell.nodes - 1]
        # A ladder has as many half paths as paths: bounded too.
        frontier = [each for each in longer if each[0] != cell.nodes - 1][:PATHS]
    return tuple(found[:PATHS])


def _lead_on(cell: Cell) -> list[bool]:
    """Per node, whether a path leads from it to the output."""
    leads = [False] * (cell.nodes - 1) + [True]
    for source, target in sorted(cell.edges, reverse=True):
        leads[source] = leads[source] or leads[target]
    return leads
