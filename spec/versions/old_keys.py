"""Finds the keys of older versions in a tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..diagnostic import Diagnostic
from ..frozen import dataclass
from ..nodes import Entry, MappingNode, Node, Scalar
from ..source import Path
from .changes import ANY, Change, Version


@dataclass(frozen=True, slots=True)
class OldKey:
    """A key that is written otherwise now.

    Attributes:
        twice: whether the same mapping has the new key as well.
    """

    path: Path
    entry: Entry
    change: Change
    version: Version
    twice: bool

    @property
    def value(self) -> str | None:
        """What its value is called now, where that is another word."""
        node = self.entry.value
        if not isinstance(node, Scalar):
            return None
        text = self.change.value(node.text)
        return None if text == node.text else text


def old_keys(body: Node, versions: Iterable[Version]) -> tuple[OldKey, ...]:
    """The old keys of `spec`, or of a template's body; paths begin there."""
    return tuple(
        found
        for version in versions
        for change in version.changes
        for found in _find(body, change, version)
    )


def by_hand(key: OldKey) -> Diagnostic:
    """Says that a key must be rewritten by a person."""
    name, new = key.path[-1], key.change.key
    if key.twice:
        return Diagnostic(
            "OFC112",
            f"`{name}` is the old name of `{new}`, and both are written",
            key.entry.key.span,
            "the old name",
            f"keep `{new}`",
        )
    words = " or ".join(f"`{now}` for `{old}`" for old, now in key.change.values)
    return Diagnostic(
        "OFC113",
        f"`{name}` gets its value from a parameter, and `{new}` takes other values",
        key.entry.value.span,
        "cannot be rewritten here",
        f"give the parameter the values {words}, and write `{new}` and the new `apiVersion`",
    )


def _find(body: Node, change: Change, version: Version) -> Iterator[OldKey]:
    *above, name = change.path
    for path, node in _at(body, tuple(above), ()):
        entry = next((e for e in node.entries if e.key.text == name), None)
        if entry is not None:
            yield OldKey(
                (*path, name), entry, change, version, twice=node.get(change.key) is not None
            )


def _at(node: Node, path: tuple[str, ...], here: Path) -> Iterator[tuple[Path, MappingNode]]:
    """The mappings at a path, of which `*` makes several."""
    if not isinstance(node, MappingNode):
        return
    if not path:
        yield here, node
        return
    for entry in node.entries:
        if path[0] in (ANY, entry.key.text):
            yield from _at(entry.value, path[1:], (*here, entry.key.text))
