"""Which block a place of a spec belongs to, told from its indentation alone.

YAML's own reader gives up at the first error, and a file that is being typed has one most of the
time. This reads on: it keeps a stack of the mappings and lists that are open at each line, and
knows so much of flow style, quotes and block texts as is needed not to take them for keys.
"""

from __future__ import annotations

import re
from dataclasses import dataclass as mutable
from dataclasses import field
from typing import Final, Literal

from omniforce.spec.frozen import dataclass
from omniforce.spec.source import Path

_KEY: Final = re.compile(
    r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|(?:[^\s\-?:,\[\]{}#&*!|>'"%@`]|-(?=\S))[^\n]*?)"""
    r"\s*:(?=\s|$)"
)
_FLOW: Final = re.compile(
    r"""\s+\#.*|"(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?|[\[\]{},]|:(?=\s|$|[,\[\]{}])|\s+"""
    r"""|(?:[^\s\[\]{},:'"]|:(?!\s|$|[,\[\]{}])|(?<=\w)['"])+"""
)
_DASH: Final = re.compile(r"-(\s+|$)")
_COMMENT: Final = re.compile(r"(^|\s)#")
_PROPERTY: Final = re.compile(r"[&!]\S*\s*")

Kind = Literal["mapping", "list", "flow mapping", "flow list"]


@dataclass(frozen=True, slots=True)
class Written:
    """A key as it stands in the text.

    Attributes:
        path: of its value.
        line: 1-based, as the column of its first character.
        rest: what stands behind its colon on the line, without a comment.
        indent: of the mapping that it belongs to, in characters.
    """

    path: Path
    line: int
    column: int
    rest: str
    indent: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """What is being written at a place.

    Attributes:
        role: `key` where a key of the mapping at `path` begins, or the text of a value that
            stands on lines of its own; `value` behind a colon or dash; `none` in comments and
            block texts.
        path: of the mapping, or of the value.
        text: of the value or key so far.
        column: where that text begins.
        flow: whether it stands in braces or brackets.
        indent: of the mapping, in characters, or of the line.
        after: the character before the cursor, where it is the colon or dash itself.
    """

    role: Literal["key", "value", "none"]
    path: Path
    text: str
    column: int
    flow: bool = False
    indent: int = 0
    after: str = ""


@mutable(slots=True)
class _Frame:
    kind: Kind
    indent: int
    path: Path
    key: str | None = None
    index: int = -1

    def here(self) -> Path:
        """The path of the value that is open in it."""
        if self.kind in ("list", "flow list"):
            return (*self.path, max(self.index, 0))
        return self.path if self.key is None else (*self.path, self.key)


@mutable(slots=True)
class _State:
    """What is open behind the last line that was read."""

    frames: list[_Frame] = field(default_factory=lambda: [_Frame("mapping", 0, ())])
    found: list[Written] = field(default_factory=list)
    deeper: int | None = None  # inside of a block text: lines deeper than this belong to it
    home: int = 0  # the indentation of the line on which flow style began
    text: str = ""  # of the value or key at the end of the line
    column: int = 1
    role: Literal["key", "value", "none"] = "key"
    after: str = ""

    @property
    def flow(self) -> bool:
        """Whether braces or brackets are open."""
        return self.frames[-1].kind.startswith("flow")


def layout(text: str) -> tuple[Written, ...]:
    """Every key of a text, in its order."""
    state = _State()
    for number, line in enumerate(text.split("\n"), 1):
        _line(state, line.rstrip("\r"), number)
    return tuple(state.found)


def cursor_at(text: str, line: int, column: int) -> Cursor:
    """What is being written at a place, 1-based, from what stands before it."""
    lines = text.split("\n", line)[:line]
    state = _State()
    for number, each in enumerate(lines[:-1], 1):
        _line(state, each.rstrip("\r"), number)
    last = lines[-1][: column - 1] if len(lines) == line else ""
    _line(state, last, line, last=True)
    top = state.frames[-1]
    path = top.here() if state.role == "value" else top.path
    return Cursor(state.role, path, state.text, state.column, state.flow, top.indent, state.after)


def _line(state: _State, line: str, number: int, *, last: bool = False) -> None:
    indent = len(line) - len(line.lstrip(" "))
    blank = not line[indent:].strip()
    if blank and not last:
        return
    if state.deeper is not None:
        if indent > state.deeper:
            state.role, state.text = "none", ""
            return
        state.deeper = None
    if state.flow:
        ends = not last and indent <= state.home and _KEY.match(line, indent) is not None
        if not ends:
            _flow(state, line, indent, number)
            return
        while state.flow:  # the brace was never closed
            state.frames.pop()
    if line.startswith("#", indent):
        state.role, state.text = "none", ""
        return
    _block(state, line, indent, number)


def _block(state: _State, line: str, indent: int, number: int) -> None:
    """A line in block style: dashes, then a key, then the beginning of its value."""
    frames = state.frames
    dashed = _DASH.match(line, indent) is not None
    while len(frames) > 1 and (
        frames[-1].indent > indent
        or (frames[-1].kind == "list" and frames[-1].indent == indent and not dashed)
    ):
        frames.pop()
    at = indent
    new = False
    while (dash := _DASH.match(line, at)) is not None:
        top = frames[-1]
        if top.kind != "list" or top.indent != at or new:
            frames.append(top := _Frame("list", at, top.here()))
        top.index += 1
        new = True
        at = dash.end()
    key = _KEY.match(line, at)
    if key is None or _commented(line, at, key.start(1), key.end(1)):
        _rest(state, line, at, indent, new)
        return
    name = key[1][1:-1] if key[1][0] in "\"'" else key[1]
    top = frames[-1]
    if top.kind == "list" or at > top.indent:
        frames.append(top := _Frame("mapping", at, top.here()))
    top.key = name
    value, begins = _value(line, key.end())
    state.found.append(Written(top.here(), number, at + 1, value, top.indent))
    _begin_value(state, line, value, begins, indent, number)


def _commented(line: str, start: int, begin: int, end: int) -> bool:
    hash_ = _COMMENT.search(line, start, end)
    return hash_ is not None and line[begin] not in "\"'"


def _rest(state: _State, line: str, at: int, indent: int, dashed: bool) -> None:
    """A line without a colon: the beginning of a key, an item, or more of a text."""
    hash_ = _COMMENT.search(line, at)
    if hash_ is not None:
        state.role, state.text = "none", ""
        return
    top = state.frames[-1]
    state.text, state.column = line[at:], at + 1
    state.after = "-" if line[at - 1 : at] == "-" else ""
    if dashed:
        state.role = "value"
        if line[at : at + 1] in ("{", "["):
            _begin_flow(state, line, at, indent, 0)
        return
    state.role = "key"
    if top.kind == "list" or at > top.indent:
        state.frames.append(_Frame("mapping", at, top.here()))


def _value(line: str, at: int) -> tuple[str, int]:
    """What stands behind a colon, and where it begins."""
    begins = at + len(line[at:]) - len(line[at:].lstrip())
    hash_ = None if line[begins : begins + 1] in ("'", '"') else _COMMENT.search(line, at)
    end = hash_.start() if hash_ is not None else len(line)
    return line[begins:end].rstrip() if end > begins else "", begins


def _begin_value(
    state: _State, line: str, value: str, begins: int, indent: int, number: int
) -> None:
    marked = _PROPERTY.match(line, begins)
    begins = marked.end() if marked is not None else begins
    state.role, state.text, state.column = "value", line[begins:], begins + 1
    state.after = ":" if line.endswith(":") else ""
    first = line[begins : begins + 1]
    if first in ("|", ">"):
        state.deeper = state.frames[-1].indent
    elif first in ("{", "["):
        _begin_flow(state, line, begins, indent, number)
    elif first not in ("'", '"') and (first == "#" or " #" in line[begins:]):
        state.role, state.text = "none", ""


def _begin_flow(state: _State, line: str, at: int, indent: int, number: int) -> None:
    state.home = indent
    _flow(state, line, at, number)


def _flow(state: _State, line: str, at: int, number: int) -> None:
    """Braces and brackets from `at` to the end of the line, or to where the outermost closes."""
    text, column = ("", at + 1)
    frames = state.frames
    state.role = "value"
    end = at
    for token in _FLOW.finditer(line, at):
        piece, end = token[0], token.end()
        top = frames[-1]
        if piece in ("{", "["):
            kind: Kind = "flow mapping" if piece == "{" else "flow list"
            frames.append(_Frame(kind, top.indent, top.here()))
            if piece == "[":
                frames[-1].index = 0
            text, column = "", end + 1
        elif piece in ("}", "]"):
            if top.kind.startswith("flow"):
                frames.pop()
            text, column = "", end + 1
            if not state.flow:
                state.role, state.text = "none", ""
                return
        elif piece == ",":
            top.index += 1
            top.key = None
            text, column = "", end + 1
        elif piece == ":" and top.kind == "flow mapping" and top.key is None:
            top.key = text.strip().strip("\"'")
            state.found.append(Written(top.here(), number, column, "", top.indent))
            text, column = "", end + 1
        elif piece.lstrip().startswith("#") and piece[0].isspace():
            state.role, state.text = "none", ""
            return
        else:
            text, column = (text + piece, column) if text else (piece.lstrip(), column)
            if not text:
                column = end + 1
            elif text == piece.lstrip():
                column = token.start() + 1 + len(piece) - len(piece.lstrip())
    top = frames[-1]
    state.text, state.column = text, column
    state.role = "key" if top.kind == "flow mapping" and top.key is None else "value"
    state.after = ":" if line[:end].endswith(":") else ""
