"""From YAML's events to pieces, each comment beside what it is about.

A comment on a line of its own is about what follows; one that is indented deeper than that belongs
to the end of the deepest block that begins in its column or before it.
"""

from __future__ import annotations

import re
from typing import Final, cast

import yaml

from ..yaml.faults import tag_at
from .pieces import (
    Alias,
    Document,
    Item,
    Items,
    Note,
    Pair,
    Pairs,
    Piece,
    Position,
    Remark,
    Word,
    has_comments,
)
from .remarks import Remarks, note_of

_DASH: Final = re.compile(r"(?:[ \t\n]+|#[^\n]*)*-")
_GAP: Final = re.compile(r"(?:[ \t\n]+(?:#[^\n]*\n)?)*")
_START = (yaml.ScalarEvent, yaml.AliasEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent)


class Unformattable(Exception):  # noqa: N818 - the state of a file, not a fault of the run
    """The file is YAML, and has no house form: its root is one scalar, a key is a block."""


def gather(text: str) -> Document:
    """The pieces of a text that libyaml can read; its line breaks are line feeds.

    Raises:
        Unformattable: there is no house form of it.
    """
    return _Gathering(text).document()


class _Gathering:
    """Walks the events and the comments side by side."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.events = list(yaml.parse(text, Loader=yaml.CLoader))
        self.at = 0
        self.remarks = Remarks(text)
        self.columns: list[tuple[int, bool]] = []  # of the open blocks, and if it is a list
        self.words: list[Word] = []
        self.end = 0  # offset behind what was read last

    def document(self) -> Document:
        directives: tuple[str, ...] = ()
        while not isinstance(self.events[self.at], _START):
            event = self.events[self.at]
            if isinstance(event, yaml.DocumentStartEvent) and (event.version or event.tags):
                directives = tuple(x for x in self.text.split("\n") if x.startswith("%"))
            self.at += 1
        event = self.events[self.at]
        if not isinstance(event, yaml.CollectionStartEvent):
            raise Unformattable
        head = self.remarks.before(self.start()) if event.flow_style else ()
        root = self.piece()
        foot = self.remarks.before(None)
        if not isinstance(root, Pairs | Items):
            raise Unformattable
        return Document(root, directives, head, foot, tuple(self.words))

    # events

    def piece(self) -> Piece:
        event = self.events[self.at]
        self.at += 1
        match event:
            case yaml.AliasEvent():
                self.end = _finish(event).index
                return Alias(event.anchor or "")
            case yaml.ScalarEvent():
                return self.word(event)
            case yaml.MappingStartEvent() if event.flow_style:
                return self.flow_pairs(self.marks(event)[0])
            case yaml.SequenceStartEvent() if event.flow_style:
                return self.flow_items(self.marks(event)[0])
            case yaml.MappingStartEvent():
                return self.pairs(self.marks(event)[0])
            case yaml.SequenceStartEvent():
                marks, start = self.marks(event)
                return self.items(marks, start)
            case _:
                raise Unformattable

    def marks(self, event: yaml.NodeEvent) -> tuple[str, int]:
        """Anchor and tag, and the offset behind them."""
        start = _begin(event).index
        tag = getattr(event, "tag", None)
        if event.anchor is None and tag is None:
            return "", start
        written: list[str] = []
        expected = {sign for sign, mark in (("&", event.anchor), ("!", tag)) if mark is not None}
        while (sign := self.text[start : start + 1]) in expected:
            expected.remove(sign)
            end = start + 1 + len(event.anchor or "")
            if sign == "!":
                end = tag_at(self.text, start)[1]
            written.append(self.text[start:end])
            start = cast("re.Match[str]", _GAP.match(self.text, end)).end()
        return " ".join(written), start

    def word(self, event: yaml.ScalarEvent) -> Word:
        marks, start = self.marks(event)
        self.end = _finish(event).index
        raw = self.text[start : self.end]
        word = Word(event.value, raw, event.style or None, marks)
        self.words.append(word)
        return word

    def start(self) -> Position:
        """Where the next piece begins, or the collection ends."""
        mark = _begin(self.events[self.at])
        return mark.line, mark.column

    def pairs(self, marks: str) -> Pairs:
        self.columns.append((self.start()[1], False))
        made: list[Pair] = []
        while not isinstance(self.events[self.at], yaml.MappingEndEvent):
            made.append(self.pair())
        self.at += 1
        return Pairs(tuple(made), False, marks, self.tail())

    def pair(self) -> Pair:
        start = self.start()
        above = self.remarks.before(start)
        key = self.key()
        value, hoisted, note = self.value()
        return Pair(key, value, (*above, *hoisted), self.remarks.gap(start[0]), note)

    def key(self) -> Piece:
        event = self.events[self.at]
        if isinstance(event, yaml.CollectionStartEvent) and not event.flow_style:
            raise Unformattable
        key = self.piece()
        if isinstance(key, Word) and not key.value and key.style is None:
            raise Unformattable
        if isinstance(key, Pairs | Items) and has_comments(key):
            raise Unformattable
        return key

    def items(self, marks: str, dash: int) -> Items:
        column = dash - (self.text.rfind("\n", 0, dash) + 1)
        self.columns.append((column, True))
        self.end = dash
        made: list[Item] = []
        while not isinstance(self.events[self.at], yaml.SequenceEndEvent):
            made.append(self.item())
        self.at += 1
        return Items(tuple(made), False, marks, self.tail())

    def item(self) -> Item:
        found = _DASH.match(self.text, self.end)
        self.end = found.end() if found is not None else self.end
        dash = self.end - 1
        line = self.line_of(dash)
        above = self.remarks.before((line, self.columns[-1][0]))
        value, hoisted, note = self.value()
        return Item(value, (*above, *hoisted), self.remarks.gap(line), note)

    def line_of(self, offset: int) -> int:
        """The line of an offset; between the last comment or event and the next, so it is near."""
        event = _begin(self.events[self.at])
        return int(event.line) - self.text.count("\n", offset, event.index)

    def value(self) -> tuple[Piece, tuple[Remark, ...], Note | None]:
        """A value of a block, comments that go above its key or dash, and the one on its line."""
        event = self.events[self.at]
        if isinstance(event, yaml.CollectionStartEvent) and not event.flow_style:
            return self.nested(event)
        start = _begin(event)
        between = self.remarks.take((start.line, start.column))
        early = next((c for c in between if not c.alone), None)
        piece = self.piece()
        is_block = isinstance(piece, Word) and piece.style in ("|", ">")
        last = start.line if is_block else _finish(self.events[self.at - 1]).line
        note = self.remarks.note(last)
        if note is None and early is not None:
            between.remove(early)
            note = note_of(early)
        return piece, self.remarks.remarks(between), note

    def nested(
        self, event: yaml.CollectionStartEvent
    ) -> tuple[Piece, tuple[Remark, ...], Note | None]:
        """A block below a key or a dash; only the first comment behind that is taken here."""
        first = _begin(self.events[self.at + 1])
        where: Position = (first.line, first.column)
        if isinstance(event, yaml.SequenceStartEvent):
            dash = self.marks(event)[1]
            line = first.line - self.text.count("\n", dash, first.index)
            where = (line, dash - (self.text.rfind("\n", 0, dash) + 1))
        note = self.remarks.early(where)
        return self.piece(), (), note

    def tail(self) -> tuple[Remark, ...]:
        """The comments that belong to the end of the block that has just ended."""
        column, is_list = self.columns.pop()
        levels, at = 0, self.at
        while isinstance(self.events[at], yaml.CollectionEndEvent):
            levels, at = levels + 1, at + 1
        following = self.events[at]
        until: Position | None = None
        beside = -1
        if isinstance(following, _START):
            until = (_begin(following).line, _begin(following).column)
            beside, among_items = self.columns[-1 - levels]
            if among_items and (found_dash := _DASH.match(self.text, self.end)) is not None:
                breaks = self.text.count("\n", found_dash.end(), _begin(following).index)
                until = (until[0] - breaks, beside)
        if is_list and self.columns and self.columns[-1] == (column, False):
            column += 1  # a list in the column of its key: what stands there is the mapping's
        return self.remarks.tail(column, beside, until)

    # flow

    def flow_pairs(self, marks: str) -> Pairs:
        made: list[Pair] = []
        while not isinstance(self.events[self.at], yaml.MappingEndEvent):
            start = self.start()
            above = self.remarks.take(start)
            key = self.key()
            above += self.remarks.take(self.start())
            value = self.piece()
            made.append(Pair(key, value, self.remarks.remarks(above), False, self.flow_note()))
        return Pairs(tuple(made), True, marks, self.flow_end())

    def flow_items(self, marks: str) -> Items:
        made: list[Item] = []
        while not isinstance(self.events[self.at], yaml.SequenceEndEvent):
            above = self.remarks.take(self.start())
            value = self.piece()
            made.append(Item(value, self.remarks.remarks(above), False, self.flow_note()))
        return Items(tuple(made), True, marks, self.flow_end())

    def flow_note(self) -> Note | None:
        """The comment on the line of the last value, before the next one."""
        return self.remarks.note(_finish(self.events[self.at - 1]).line, self.start())

    def flow_end(self) -> tuple[Remark, ...]:
        event = self.events[self.at]
        self.at += 1
        self.end = _finish(event).index
        return self.remarks.before((_begin(event).line, _begin(event).column))


def _begin(event: yaml.Event) -> yaml.Mark:
    return cast("yaml.Mark", event.start_mark)  # libyaml's events have both


def _finish(event: yaml.Event) -> yaml.Mark:
    return cast("yaml.Mark", event.end_mark)
