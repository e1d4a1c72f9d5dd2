"""Where a thing stands in a file: the text that was read and the spans into it."""

from __future__ import annotations

from .frozen import dataclass

Path = tuple[str | int, ...]
"""The way from the document's root to a value: keys and positions, as in `("spec", "data", 0)`."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a file, 1-based, the end exclusive, in characters and not in bytes."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def inside(self, start: int, end: int) -> Span:
        """The part from `start` to `end`, counted in characters from this span's own beginning.

        Only spans that stay on one line have exact parts; a longer one answers itself.
        """
        if self.line != self.end_line:
            return self
        return Span(
            self.file, self.line, self.column + start, self.line, self.column + max(end, start + 1)
        )


@dataclass(frozen=True, slots=True)
class Source:
    """One file as it was read. `name` is what messages call it; `<stdin>` for a pipe."""

    name: str
    text: str

    def line(self, number: int) -> str:
        """The 1-based line without its line break; empty past the end."""
        lines = self.text.split("\n", number)
        return lines[number - 1].rstrip("\r") if number <= len(lines) else ""
