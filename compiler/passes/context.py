"""What a pass is, what it may look at beside the program, and what it gives back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Protocol

from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.expression.tree import Offsets
from omniforce.spec.fix import NO_FIX, Fix, respelled
from omniforce.spec.frozen import dataclass
from omniforce.spec.nodes import Node, Scalar
from omniforce.spec.rules.finding import Place
from omniforce.spec.rules.run import locate, node_at
from omniforce.spec.source import Path, Span

from ..catalogue import Catalogue
from ..ir.program import Program


@dataclass(frozen=True, slots=True)
class Context:
    """What all passes may look at.

    Attributes:
        catalogue: the algorithms and strategies that there are.
        spans: the place of every value that was written in the spec.
        document: the spec as written, for the places of keys and of parts of a text.
    """

    catalogue: Catalogue
    spans: Mapping[Path, Span] = field(default_factory=dict)
    document: Node | None = None

    def at(self, *path: str | int) -> Span | None:
        """The place of a value, or of the nearest block around it where it was not written."""
        for end in range(len(path), -1, -1):
            if span := self.spans.get(path[:end]):
                return span
        return None

    def key_at(self, *path: str | int) -> Span | None:
        """The place of the key before a value."""
        if self.document is None:
            return self.at(*path)
        return locate(Place(path, on_key=True), self.document)

    def part_at(self, at: Offsets, *path: str | int) -> Span | None:
        """The place of a part of an expression; of the whole one where the part is not known."""
        if self.document is None or not at.end:
            return self.at(*path)
        return locate(Place(path, at), self.document)

    def respelled(
        self,
        written: str,
        meant: str | None,
        known: Iterable[str],
        *path: str | int,
        at: Offsets | None = None,
    ) -> Fix:
        """The word that was meant, where the word that was written stands in the file as it is.

        Args:
            written: the word.
            meant: the one that was probably meant.
            known: all that could be meant.
            path: of the scalar.
            at: its part that is the word; None where the whole scalar is.
        """
        node = node_at(self.document, path) if self.document is not None else None
        if meant is None or not isinstance(node, Scalar) or not node.exact:
            return NO_FIX
        start, end = (at.start, at.end) if at is not None else (0, len(node.text))
        if node.text[start:end] != written:
            return NO_FIX
        place = node.span if at is None else node.inside(start, end)
        return respelled(place, written, meant, known)

    def written(self, *path: str | int) -> bool:
        """Whether the writer wrote this value, so that it is no default."""
        return path in self.spans


@dataclass(frozen=True, slots=True)
class Outcome:
    """A program, what the user did wrong, and why the pass chose what it chose.

    Attributes:
        program: complete as far as it can be, also where there are errors, so that the passes
            after this one find theirs in the same run.
        notes: reasons in a sentence each; `--trace` and `ofc.lock` show them.
    """

    program: Program
    diagnostics: tuple[Diagnostic, ...] = ()
    notes: tuple[str, ...] = ()


class Pass(Protocol):
    """One step of the compiler. Running it twice changes nothing more."""

    @property
    def name(self) -> str:
        """In words, as `--trace` and a bug report show it."""
        ...

    def run(self, program: Program, context: Context) -> Outcome:
        """The program with this pass's part filled in."""
        ...
