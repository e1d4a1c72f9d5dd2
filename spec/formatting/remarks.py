"""The comments of a text in their order, each taken once, by whoever it is about."""

from __future__ import annotations

from collections.abc import Iterable

from ..source import Source
from ..yaml.comments import Comment, comments
from .pieces import Note, Position, Remark


class Remarks:
    """What of the comments nobody has taken yet."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._comments = comments(Source("", text))
        self._next = 0

    def gap(self, line: int) -> bool:
        """Whether an empty line stands before a line."""
        return line > 0 and not self._lines[line - 1].strip()

    def take(self, until: Position | None) -> list[Comment]:
        """The comments before a place; None is the end."""
        first = self._next
        while (found := self._waiting()) is not None and (until is None or place(found) < until):
            self._next += 1
        return list(self._comments[first : self._next])

    def remarks(self, taken: Iterable[Comment]) -> tuple[Remark, ...]:
        """Comments as lines of their own."""
        return tuple(Remark(c.text, self.gap(c.span.line - 1)) for c in taken)

    def before(self, where: Position | None) -> tuple[Remark, ...]:
        """Those before a place, as lines of their own."""
        return self.remarks(self.take(where))

    def note(self, line: int, before: Position | None = None) -> Note | None:
        """The next comment, if it stands behind something on this line."""
        found = self._waiting()
        if found is None or found.alone or found.span.line - 1 != line:
            return None
        if before is not None and place(found) > before:
            return None
        self._next += 1
        return note_of(found)

    def early(self, before: Position) -> Note | None:
        """The next comment, if it stands behind a key or a dash, whose block begins at `before`."""
        found = self._waiting()
        if found is None or found.alone or place(found) >= before:
            return None
        self._next += 1
        return note_of(found)

    def tail(self, column: int, beside: int, until: Position | None) -> tuple[Remark, ...]:
        """The next comments that belong to the end of a block.

        Args:
            column: of the block.
            beside: the column of what follows it; deeper ones only are the block's.
            until: where that begins.
        """
        first = self._next
        while (found := self._waiting()) is not None:
            where = place(found)
            if until is not None and where >= until:
                break
            if where[1] < column or where[1] <= beside:
                break
            self._next += 1
        return self.remarks(self._comments[first : self._next])

    def _waiting(self) -> Comment | None:
        return self._comments[self._next] if self._next < len(self._comments) else None


def place(comment: Comment) -> Position:
    """Where a comment begins."""
    return comment.span.line - 1, comment.span.column - 1


def note_of(comment: Comment) -> Note:
    """A comment behind something."""
    return Note(comment.text, place(comment))
