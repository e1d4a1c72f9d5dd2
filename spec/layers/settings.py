"""Single values from the command line: `--set spec.search.parallelism=4`.

A setting is a path and one value. The value is read as YAML reads a word without quotes, so `4` is
a number and `"4"` a string, and it is never more than that: no list and no mapping comes of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from ..diagnostic import Diagnostic
from ..frozen import dataclass
from ..nodes import Entry, MappingNode, Node, Scalar, SequenceNode
from ..readers.words import describe, nearest, or_list, short
from ..source import Path, Source, Span
from ..yaml.characters import bad_character
from ..yaml.core_schema import resolve
from .overlay import is_set

NAME: Final = "--set"
"""What messages call the settings; each is a line of this source."""
DEPTH: Final = 100

_STEP: Final = re.compile(r"(?P<word>[^.\[\]=\"'\s]+)|\"(?P<double>[^\"]+)\"|'(?P<single>[^']+)'")
_INDEX: Final = re.compile(r"\[([0-9]{1,6})\]")


@dataclass(frozen=True, slots=True)
class Setting:
    """One of them, with the place of each of its steps."""

    path: Path
    places: tuple[Span, ...]
    value: Scalar


@dataclass(frozen=True, slots=True)
class Settings:
    """Those that could be read, the text that they stand in, and what is wrong with the others."""

    settings: tuple[Setting, ...]
    source: Source
    found: tuple[Diagnostic, ...]


def read_settings(texts: Sequence[str]) -> Settings:
    """The settings of a command line, in its order."""
    source = Source(NAME, "\n".join(t.replace("\n", " ").replace("\r", " ") for t in texts))
    made: list[Setting] = []
    found: list[Diagnostic] = []
    for i, text in enumerate(texts):
        setting = _read(text, i + 1)
        (made if isinstance(setting, Setting) else found).append(setting)  # type: ignore[arg-type]
    return Settings(tuple(made), source, tuple(found))


def _read(text: str, line: int) -> Setting | Diagnostic:
    if bad_character(text) is not None or "\n" in text or "\r" in text:
        return _unreadable(
            line, 0, len(text), "the setting has a line break or a control character",
            "write an overlay, and give it with `-f`",
        )  # fmt: skip
    path: list[str | int] = []
    places: list[Span] = []
    at = 0
    while True:
        match = _STEP.match(text, at)
        if match is None:
            return _no_step(text, at, line)
        path.append(next(g for g in match.groups() if g is not None))
        places.append(_place(line, at, match.end()))
        at = match.end()
        while (match := _INDEX.match(text, at)) is not None:
            path.append(int(match[1]))
            places.append(_place(line, at, match.end()))
            at = match.end()
        if len(path) > DEPTH:
            return _unreadable(line, 0, at, f"the path has more than {DEPTH} steps", "shorten it")
        if text[at : at + 1] != ".":
            break
        at += 1
    if text[at : at + 1] != "=":
        return _no_step(text, at, line)
    return _with_value(tuple(path), tuple(places), text, at + 1, line)


def _with_value(
    path: Path, places: tuple[Span, ...], text: str, at: int, line: int
) -> Setting | Diagnostic:
    written = text[at:].strip(" \t")
    start = at + (len(text[at:]) - len(text[at:].lstrip(" \t")))
    place = _place(line, start, start + len(written))
    if (
        len(written) >= 2
        and written[0] in "\"'"
        and written.find(written[0], 1) == len(written) - 1
    ):
        inner = written[1:-1]
        return Setting(path, places, Scalar(inner, inner, place, False))
    value = resolve(written)
    if value is None:
        return _unreadable(
            line, at, len(text), f"`{text[:at][:60]}` sets nothing",
            f"write a value; `{text[: at - 1][:60]}='\"\"'` is an empty text, and "
            "`{$patch: delete}` in an overlay removes a key",
        )  # fmt: skip
    return Setting(path, places, Scalar(value, written, place))


def _no_step(text: str, at: int, line: int) -> Diagnostic:
    if at >= len(text):
        return _unreadable(
            line, 0, len(text), f"`{short(text)}` sets nothing", "write `--set path.to.key=value`"
        )
    return _unreadable(
        line, at, at + 1, f"`{text[at]}` cannot stand here in a path",
        "write `spec.search.parallelism=4`, `spec.objectives[0]=...`, "
        "and a key with dots in quotes: `metadata.labels.\"example.org/team\"=vision`",
    )  # fmt: skip


def _unreadable(line: int, start: int, end: int, message: str, help_: str) -> Diagnostic:
    return Diagnostic("OFC345", message, _place(line, start, end), "", help_)


def _place(line: int, start: int, end: int) -> Span:
    return Span(NAME, line, start + 1, line, max(end, start + 1) + 1)


def apply(document: Node, settings: Sequence[Setting]) -> tuple[Node, tuple[Diagnostic, ...]]:
    """The document with the settings done in their order, and those that lead nowhere."""
    found: list[Diagnostic] = []
    for setting in settings:
        made = _set(document, setting, 0)
        if isinstance(made, Diagnostic):
            found.append(made)
        else:
            document = made
    return document, tuple(found)


def _set(node: Node | None, setting: Setting, depth: int) -> Node | Diagnostic:
    if depth == len(setting.path):
        return setting.value
    step, place = setting.path[depth], setting.places[depth]
    if isinstance(step, int):
        return _set_item(node, step, setting, depth)
    if node is None:
        node = MappingNode((), place)
    if not isinstance(node, MappingNode) or is_set(node):
        what = "a set" if isinstance(node, MappingNode) else describe(node)
        here = _written(setting.path[:depth])
        return Diagnostic(
            "OFC346",
            f"`{here}` is {what}, and nothing is called `{step}` in it",
            place,
            "leads nowhere",
            f"set it as a whole: `--set {here}=...`, or write an overlay",
        )
    if depth == 0 and node.get(step) is None and step not in _ROOTS:
        meant = nearest(step, _ROOTS)
        return Diagnostic(
            "OFC346",
            f"a path begins at the document, and `{short(step)}` is no key of it",
            place,
            f"did you mean `{meant}`?" if meant else "expected `spec`",
            f"write {or_list(_ROOTS)} first, as in `spec.search.parallelism=4`",
        )
    value = _set(node.get(step), setting, depth + 1)
    if isinstance(value, Diagnostic):
        return value
    if node.get(step) is None:
        entries = (*node.entries, Entry(Scalar(step, step, place), value))
    else:
        entries = tuple(Entry(e.key, value) if e.key.text == step else e for e in node.entries)
    return MappingNode(entries, node.span, node.flow)


_ROOTS: Final = ("spec", "metadata", "apiVersion", "kind")


def _set_item(node: Node | None, index: int, setting: Setting, depth: int) -> Node | Diagnostic:
    here = _written(setting.path[:depth])
    if not isinstance(node, SequenceNode) or index >= len(node.items):
        what = (
            f"has {len(node.items)} items, the first is `[0]`"
            if isinstance(node, SequenceNode)
            else f"is {describe(node) if node is not None else 'not there'}, and no list"
        )
        return Diagnostic(
            "OFC346",
            f"`{here}` {what}",
            setting.places[depth],
            "leads nowhere",
            "write an overlay: `[{$patch: append}, ...]` adds to a list",
        )
    value = _set(node.items[index], setting, depth + 1)
    if isinstance(value, Diagnostic):
        return value
    items = (*node.items[:index], value, *node.items[index + 1 :])
    return SequenceNode(items, node.span, node.flow)


def _written(path: Path) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f"{'.' if text else ''}{step}"
    return text
