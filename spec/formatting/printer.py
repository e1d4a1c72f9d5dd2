"""Pieces as text: two spaces a level, lists indented, one empty line at most between two things."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from .pieces import (
    Alias,
    Clash,
    Document,
    Item,
    Items,
    Note,
    Pair,
    Pairs,
    Piece,
    Remark,
    Word,
    has_comments,
)
from .words import inline, lines

WIDTH: Final = 100
"""Columns that a flow mapping or list may take on its line; a longer one is broken."""

MARKERS: Final = ("<<<<<<< ours", "=======", ">>>>>>> theirs")


def write(document: Document, spelled: Mapping[int, str] | None = None) -> str:
    """The text of a document.

    Args:
        document: its pieces.
        spelled: other text for words, by their `id`.
    """
    printing = _Printing(spelled or {})
    for line in document.directives:
        printing.line(line)
    if document.directives:
        printing.line("---")
    root = document.root
    printing.remarks(document.head, "")
    if root.flow or not root.entries:
        printing.opened("", root, None, -2)
    else:
        if root.marks:
            printing.line(root.marks)
        printing.block(root, 0)
    printing.remarks(document.foot, "")
    return "\n".join(printing.finished()) + "\n"


@dataclass(slots=True)
class _Line:
    text: str
    note: Note | None = None


@dataclass(slots=True)
class _Printing:
    spelled: Mapping[int, str]
    made: list[_Line] = field(default_factory=list)

    def line(self, text: str, note: Note | None = None) -> None:
        self.made.append(_Line(text, note))

    def gap(self) -> None:
        if self.made and self.made[-1].text:
            self.line("")

    def remarks(self, remarks: Iterable[Remark], room: str) -> None:
        for remark in remarks:
            if remark.gap:
                self.gap()
            self.line(room + remark.text)

    # blocks

    def block(self, piece: Pairs | Items, indent: int) -> None:
        room = " " * indent
        for number, entry in enumerate(piece.entries):
            if isinstance(entry, Clash):
                self.clash(entry, indent)
                continue
            self.leading(entry, room, first=number == 0 and indent > 0)
            self.entry(entry, indent, room)
        self.remarks(piece.tail, room)

    def leading(self, entry: Pair | Item, room: str, *, first: bool) -> None:
        """The comments and the empty lines before an entry; none behind the line of its block."""
        above = entry.above
        if above and first:
            above = (Remark(above[0].text), *above[1:])
        self.remarks(above, room)
        if entry.gap and (above or not first):
            self.gap()

    def entry(self, entry: Pair | Item, indent: int, room: str) -> None:
        if isinstance(entry, Pair):
            self.value(f"{room}{self.key(entry.key)}:", entry.value, entry.note, indent)
        else:
            self.value(f"{room}-", entry.value, entry.note, indent)

    def clash(self, clash: Clash, indent: int) -> None:
        room = " " * indent
        for marker, entries in zip(MARKERS, (clash.ours, clash.theirs, ()), strict=True):
            self.line(marker)
            for entry in entries:
                self.leading(entry, room, first=True)
                self.entry(entry, indent, room)

    def key(self, key: Piece) -> str:
        match key:
            case Alias():
                return f"{self.on_one_line(key)} "
            case Word():
                return _marked(key.marks, inline(key, key=True))
            case _:
                return self.on_one_line(key)

    def value(self, head: str, value: Piece, note: Note | None, indent: int) -> None:
        """A value behind `key:` or a dash."""
        if isinstance(value, Alias):
            self.line(f"{head} *{value.name}", note)
        elif isinstance(value, Word):
            self.word(head, value, note, indent)
        elif value.flow or not value.entries:
            self.opened(f"{head} ", value, note, indent)
        elif head.endswith("-") and note is None and not value.marks and self.compact(value):
            self.beside(head, value, indent)
        else:
            self.line(_marked_head(head, value.marks), note)
            self.block(value, indent + 2)

    def word(self, head: str, word: Word, note: Note | None, indent: int) -> None:
        first, *rest = lines(word, self.spelled.get(id(word)), indent + 2)
        text = _marked(word.marks, first)
        last = len(rest) if word.style not in ("|", ">") else 0
        for number, line in enumerate([f"{head} {text}" if text else head, *rest]):
            self.line(line, note if number == last else None)

    def compact(self, value: Pairs | Items) -> bool:
        """Whether a block begins on the line of the dash before it."""
        first = value.entries[0]
        return isinstance(first, Pair | Item) and not first.above

    def beside(self, head: str, value: Pairs | Items, indent: int) -> None:
        """A block whose first line stands behind a dash."""
        at = len(self.made)
        first, *rest = value.entries
        bare = (
            Pair(first.key, first.value, (), False, first.note)
            if isinstance(first, Pair)
            else (Item(first.value, (), False, first.note) if isinstance(first, Item) else first)
        )
        self.block(type(value)((bare, *rest), False, "", value.tail), indent + 2)  # type: ignore[arg-type]
        begun = self.made[at]
        begun.text = f"{head} {begun.text[indent + 2 :]}"

    # flow

    def opened(self, head: str, value: Pairs | Items, note: Note | None, indent: int) -> None:
        """A mapping in braces or a list in brackets: on its line, on one of its own, or broken."""
        if not has_comments(value):
            text = self.on_one_line(value)
            if len(head) + len(text) <= WIDTH or not value.entries:
                self.line(head + text, note)
                return
            if head.endswith(": ") and note is None and indent + 2 + len(text) <= WIDTH:
                self.line(head.rstrip())
                self.line(" " * (indent + 2) + text)
                return
        if head.endswith(": "):
            self.line(head.rstrip(), note)
            head, note = " " * (indent + 2), None
        self.broken(head, value, indent + 2, "")
        if note is not None:
            self.made[-1].note = note

    def broken(self, head: str, value: Pairs | Items, indent: int, end: str) -> None:
        """Over several lines, words side by side; the closing bracket in the column `indent`."""
        opening, closing = "{}" if isinstance(value, Pairs) else "[]"
        self.line(_marked(value.marks, opening, head))
        room = " " * (indent + 2)
        entries = [e for e in value.entries if isinstance(e, Pair | Item)]
        if not has_comments(value) and all(map(_is_word, entries)):
            self.filled(map(self.flow_entry, entries), room)
        else:
            for entry in entries:
                self.flow_line(entry, indent + 2, room)
        self.remarks((Remark(r.text) for r in value.tail), room)
        self.line(" " * indent + closing + end)

    def filled(self, words: Iterable[str], room: str) -> None:
        """Words side by side, as many as a line takes."""
        line = room
        for word in words:
            if len(line) > len(room) and len(line) + len(word) + 1 > WIDTH:
                self.line(line.rstrip())
                line = room
            line += f"{word}, "
        self.line(line.rstrip())

    def flow_line(self, entry: Pair | Item, indent: int, room: str) -> None:
        """An entry on a line of its own, or over several where it is too long or has comments."""
        self.remarks((Remark(r.text) for r in entry.above), room)
        inner, text = entry.value, f"{room}{self.flow_entry(entry)},"
        if isinstance(inner, Pairs | Items) and (
            has_comments(inner) or (inner.entries and len(text) > WIDTH)
        ):
            key = f"{self.flow_key(entry.key)}: " if isinstance(entry, Pair) else ""
            self.broken(room + key, inner, indent, ",")
            self.made[-1].note = entry.note
        else:
            self.line(text, entry.note)

    def on_one_line(self, piece: Piece) -> str:
        match piece:
            case Alias(name=name):
                return f"*{name}"
            case Word():
                text = inline(piece, self.spelled.get(id(piece)), flow=True)
                return _marked(piece.marks, text)
            case Pairs(entries=entries):
                inner = ", ".join(self.flow_entry(e) for e in entries if isinstance(e, Pair))
                return _marked(piece.marks, f"{{{inner}}}")
            case Items(entries=items):
                inner = ", ".join(self.flow_entry(e) for e in items if isinstance(e, Item))
                return _marked(piece.marks, f"[{inner}]")

    def flow_entry(self, entry: Pair | Item) -> str:
        value = self.on_one_line(entry.value)
        if isinstance(entry, Item):
            return value
        name = self.flow_key(entry.key)
        return f"{name}: {value}" if value else name

    def flow_key(self, key: Piece) -> str:
        if isinstance(key, Word):
            return _marked(key.marks, inline(key, flow=True, key=True))
        return self.on_one_line(key) + (" " if isinstance(key, Alias) else "")

    # comments behind

    def finished(self) -> list[str]:
        """The lines; comments that stood in one column on lines that follow each other do again."""
        out: list[str] = []
        run: list[_Line] = []
        for line in self.made:
            if run and not _go_together(run[-1], line):
                out += _aligned(run)
                run = []
            if line.note is None:
                out.append(line.text)
            else:
                run.append(line)
        return out + _aligned(run)


def _is_word(entry: Pair | Item) -> bool:
    """Whether an entry is one word: an item, or a key that stands for itself."""
    value = entry.value
    if isinstance(entry, Pair):
        return isinstance(entry.key, Word) and isinstance(value, Word) and not value.raw
    return isinstance(value, Word | Alias)


def _go_together(above: _Line, below: _Line) -> bool:
    if above.note is None or below.note is None:
        return False
    (line, column), (next_line, next_column) = above.note.at, below.note.at
    return column == next_column and line + 1 == next_line


def _aligned(run: list[_Line]) -> list[str]:
    width = max((len(line.text) for line in run), default=0)
    return [f"{x.text.ljust(width)} {x.note.text}" for x in run if x.note is not None]


def _marked(marks: str, text: str, head: str = "") -> str:
    return f"{head}{marks} {text}".rstrip() if marks else f"{head}{text}"


def _marked_head(head: str, marks: str) -> str:
    return f"{head} {marks}" if marks else head
