"""The studies beside this one under `.ofc`, each with a store of its own, as past studies."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from omniforce.spec.problem import Problem
from omniforce.strategies.protocol import Past

from ..past_studies import MOST_LOOKED_AT, Shelf
from ..store.store import Store
from .home import Home


@contextmanager
def shelves(home: Home) -> Generator[tuple[Shelf, ...]]:
    """The other studies' stores, open while the block runs; one that cannot be used is left out.

    A study that was set aside for a fresh one is among them, by the name of its folder.
    """
    files = [each for each in home.root.glob("*/study.db") if each.parent != home.directory]
    files.sort(key=_changed, reverse=True)
    with ExitStack() as stack:
        opened: list[Shelf] = []
        for file in files[:MOST_LOOKED_AT]:
            try:
                store = Store.at(file)
            except Problem:
                continue
            stack.callback(store.close)
            opened.append(Shelf(store, file.parent.name))
        yield tuple(opened)


def in_words(past: Sequence[Past]) -> str:
    """Which studies are learned from: `digits-may (24 trials), digits-june (40 trials)`."""
    if not past:
        return "nothing: no past study resembles this one"
    return ", ".join(f"{each.study} ({len(each.rewards)} trials)" for each in past)


def _changed(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0
