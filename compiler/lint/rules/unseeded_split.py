"""A split whose seed is not written is the same each time, and nobody sees which."""

from __future__ import annotations

from collections.abc import Iterator

from omniforce.spec.diagnostic import Edit
from omniforce.spec.nodes import MappingNode
from omniforce.spec.source import Span

from ..advice import Advice, Subject

SPLIT = ("spec", "data", "split")


def unseeded_split(subject: Subject) -> Iterator[Advice]:
    """Asks for `seed` beside the shares of a split."""
    if not subject.written(*SPLIT) or subject.written(*SPLIT, "seed"):
        return
    seed = subject.spec.data.split.seed
    yield Advice(
        f"the seed of the split is not written, and is {seed}",
        subject.at(*SPLIT),
        "which rows are in which part hangs on it",
        f"write `seed: {seed}` beside the shares",
        edits=_edits(subject, seed),
    )


def _edits(subject: Subject, seed: int) -> tuple[Edit, ...]:
    node = subject.document
    for key in SPLIT:
        inner = node.get(key) if isinstance(node, MappingNode) else None
        if inner is None:
            return ()
        node = inner
    if not isinstance(node, MappingNode) or not node.entries:
        return ()
    last = node.entries[-1].value.span
    end = Span(last.file, last.end_line, last.end_column, last.end_line, last.end_column)
    indent = " " * (node.entries[0].key.span.column - 1)
    return (Edit(end, f", seed: {seed}" if node.flow else f"\n{indent}seed: {seed}"),)
