"""A mapping of another system's file, read key by key; what nobody asked for is a finding."""

from __future__ import annotations

import math
from collections.abc import Iterator

from omniforce.spec.nodes import MappingNode, Node, Scalar, SequenceNode
from omniforce.spec.source import Span

from .findings import Findings


class ForeignBlock:
    """Remembers which keys were read; `finish` reports the others."""

    def __init__(self, node: MappingNode, path: str, findings: Findings) -> None:
        self.node, self.path, self._findings = node, path, findings
        self._read: set[str] = set()

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.node.span

    def called(self, key: str) -> str:
        """A key with its way from the top: `spec.objective.goal`."""
        return f"{self.path}.{key}" if self.path else key

    def node_of(self, key: str) -> Node | None:
        """What stands under a key; None where there is nothing, or a null."""
        self._read.add(key)
        node = self.node.get(key)
        return None if isinstance(node, Scalar) and node.value is None else node

    def place(self, key: str) -> Span | None:
        """Where a key's value stands."""
        node = self.node.get(key)
        return None if node is None else node.span

    def text(self, key: str) -> str | None:
        """A word; numbers and truth values count as they are written."""
        node = self.node_of(key)
        if node is None:
            return None
        if isinstance(node, Scalar):
            return node.text
        self._wrong(key, node, "a word")
        return None

    def number(self, key: str) -> int | float | None:
        """A finite number, also one in quotes: Katib's API has no others."""
        node = self.node_of(key)
        if node is None:
            return None
        found = number_of(node)
        if found is None:
            self._wrong(key, node, "a number")
        return found

    def whole(self, key: str) -> int | None:
        """A whole number."""
        node = self.node_of(key)
        if node is None:
            return None
        found = number_of(node)
        if found is None or found != int(found):
            self._wrong(key, node, "a whole number")
            return None
        return int(found)

    def truth(self, key: str) -> bool | None:
        """True or false."""
        node = self.node_of(key)
        if node is None:
            return None
        if isinstance(node, Scalar) and str(node.text).lower() in ("true", "false"):
            return node.text.lower() == "true"
        self._wrong(key, node, "`true` or `false`")
        return None

    def block(self, key: str) -> ForeignBlock | None:
        """A mapping."""
        node = self.node_of(key)
        if node is None:
            return None
        if isinstance(node, MappingNode):
            return ForeignBlock(node, self.called(key), self._findings)
        self._wrong(key, node, "a mapping")
        return None

    def items(self, key: str) -> tuple[Node, ...]:
        """A list; empty where there is none."""
        node = self.node_of(key)
        if node is None:
            return ()
        if isinstance(node, SequenceNode):
            return node.items
        self._wrong(key, node, "a list")
        return ()

    def blocks(self, key: str) -> Iterator[ForeignBlock]:
        """A list of mappings."""
        for number, node in enumerate(self.items(key)):
            if isinstance(node, MappingNode):
                yield ForeignBlock(node, f"{self.called(key)}[{number}]", self._findings)
            else:
                self._wrong(f"{key}[{number}]", node, "a mapping")

    def passed_over(self, *keys: str) -> None:
        """Keys that change nothing of what a study is, and need no word."""
        self._read.update(keys)

    def finish(self, help_: str = "") -> None:
        """Reports the keys that nobody has asked for."""
        for entry in self.node.entries:
            if entry.key.text not in self._read:
                what = f"`{self.called(entry.key.text)}` is not taken over"
                # a line that is shown would show the values of variables as well
                told = "env" not in entry.key.text.lower()
                self._findings.unsaid(what, entry.key.span if told else None, help_)

    def _wrong(self, key: str, node: Node, expected: str) -> None:
        self._findings.wrong(
            f"`{self.called(key)}` is no such thing as it should be",
            node.span,
            f"expected {expected}",
            "check that the file is what the other system takes",
        )


def number_of(node: Node) -> int | float | None:
    """A finite number, in quotes or not; None for anything else."""
    if not isinstance(node, Scalar) or isinstance(node.value, bool):
        return None
    if isinstance(node.value, int):
        return node.value if abs(node.value) < 2**63 else None
    return number_in(node.text)


def number_in(text: str) -> int | float | None:
    """The finite number that a text says; whole where it is written so."""
    text = text.strip()
    if len(text) > 40 or "_" in text:
        return None
    try:
        whole = int(text)
        return whole if abs(whole) < 2**63 else None
    except ValueError:
        pass
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None
