"""The text of a program, for people, diffs and tests: `parse_text(to_text(p)) == p`.

    program digits-edge sha256:ab...

    search = Search(data: prepare.data)  # spec.yaml:12:3-30:4
      parallelism: 2
      space:
        coordinates:
          - {"name": "depth", "index": [], "domain": {"kind": "IntRange", "low": 2, "high": 5}}

A step says its name, kind, inputs, order and place in its first line; below stands what it is,
without what is absent, each value in JSON, in several lines where one would be long.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, NoReturn, TypeVar, cast, get_args

from omniforce.spec.frozen import dataclass
from omniforce.spec.plain.values import MalformedPlain, Plain, from_plain, to_plain
from omniforce.spec.readers import camel

from .program import Program, Step

T = TypeVar("T")

WIDTH = 96
KINDS: dict[str, type[Step]] = {kind.__name__: kind for kind in get_args(Step)}
HEAD_KEYS = ("name", "inputs", "after", "span", "digest", "steps", "places")
"""What the first line says, or the steps do; the places of messages are left to the spec."""

_HEAD = re.compile(
    r"(?P<name>\S+) = (?P<kind>\w+)\((?P<inputs>[^()]*)\)"
    r"(?: after (?P<after>[^#]*?))?(?:  # (?P<span>.*))?"
)
_INPUT = re.compile(r"(\S+): ([^\s.]+)\.(\S+)")


class MalformedText(Exception):  # noqa: N818 - says what is wrong with data, not with us
    """The text is no program. The message says in which line, and why."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")
        self.line = line
        self.problem = problem


def to_text(program: Program) -> str:
    """The whole program, ending in a line break."""
    lines = [f"program {program.name} {program.digest}"]
    lines += _body(program)
    for step in program.steps:
        lines += ["", _head(step), *_body(step)]
    return "\n".join(lines) + "\n"


def _head(step: Step) -> str:
    inputs = ", ".join(f"{i.name}: {i.source.step}.{i.source.port}" for i in step.inputs)
    after = f" after {', '.join(step.after)}" if step.after else ""
    # As within a JSON string, so that a file's name cannot break the line.
    span = json.dumps(to_plain(step.span), ensure_ascii=False)[1:-1] if step.span else ""
    place = f"  # {span}" if span else ""
    return f"{step.name} = {type(step).__name__}({inputs}){after}{place}"


def _body(value: Step | Program) -> Iterator[str]:
    plain = _without_absent(value, to_plain(value))
    for key, item in plain.items() if isinstance(plain, dict) else ():
        if key not in HEAD_KEYS:
            yield from _value(key, item, 1)


def _without_absent(value: object, plain: Plain) -> Plain:
    """`plain`, made of `value`, without the fields that are None or empty unless set."""
    if isinstance(value, tuple) and isinstance(plain, list):
        pairs = zip(cast("tuple[object, ...]", value), plain, strict=True)
        return [_without_absent(v, p) for v, p in pairs]
    if not isinstance(plain, dict) or not is_dataclass(value):
        return plain
    made: dict[str, Plain] = {k: p for k, p in plain.items() if k == "kind"}
    for field in fields(cast("Any", value)):
        key, found = camel(field.name), getattr(value, field.name)
        absent = found in (None, ()) and field.default in (None, ())
        if key in plain and not (absent and found == field.default):
            made[key] = _without_absent(found, plain[key])
    return made


def _value(key: str, value: Plain, depth: int) -> Iterator[str]:
    """`key: value`, or the key with its value below."""
    inline = _json(value)
    if not isinstance(value, dict | list) or len(inline) + len(key) + 2 * depth <= WIDTH:
        yield f"{'  ' * depth}{key}: {inline}"
        return
    yield f"{'  ' * depth}{key}:"
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _value(name, item, depth + 1)
        return
    for item in value:
        yield from _item(item, depth + 1)


def _item(item: Plain, depth: int) -> Iterator[str]:
    inline = _json(item)
    if not isinstance(item, dict) or len(inline) + 2 * depth <= WIDTH:
        yield f"{'  ' * depth}- {inline}"
        return
    lines = [line for name, value in item.items() for line in _value(name, value, depth + 1)]
    yield f"{'  ' * depth}- {lines[0].lstrip()}"
    yield from lines[1:]


def _json(value: Plain) -> str:
    return json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    depth: int
    text: str


def parse_text(text: str) -> Program:
    """The program that `to_text` has written.

    Raises:
        MalformedText: it is none.
    """
    lines = tuple(_lines(text))
    if not lines:
        raise MalformedText(1, "the text is empty")
    first = lines[0]
    words = first.text.split(" ")
    if first.depth or len(words) != 3 or words[0] != "program":
        _refuse(first, "expected `program NAME DIGEST`")
    heads = [i for i, line in enumerate(lines) if line.depth == 0]
    ends = [*heads[1:], len(lines)]
    blocks = [(lines[i], lines[i + 1 : end]) for i, end in zip(heads, ends, strict=True)]
    facts = _mapping(blocks[0][1], 1) | {"name": words[1], "digest": words[2], "steps": []}
    steps = tuple(_step(head, body) for head, body in blocks[1:])
    return replace(_made(Program, facts, first), steps=steps)


def _lines(text: str) -> Iterator[_Line]:
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.lstrip(" ")
        if not stripped:
            continue
        spaces = len(line) - len(stripped)
        if spaces % 2:
            raise MalformedText(number, "indented by an odd number of spaces")
        yield _Line(number, spaces // 2, stripped)


def _step(head: _Line, body: tuple[_Line, ...]) -> Step:
    found = _HEAD.fullmatch(head.text)
    if found is None or found["kind"] not in KINDS:
        _refuse(head, "expected `name = Kind(input: step.port)`")
    inputs: list[Plain] = []
    for written in found["inputs"].split(", ") if found["inputs"] else ():
        one = _INPUT.fullmatch(written)
        if one is None:
            _refuse(head, f"expected `input: step.port`, found `{written}`")
        name, step, port = one.groups()
        inputs.append({"name": name, "source": {"step": step, "port": port}})
    after: list[Plain] = [*found["after"].split(", ")] if found["after"] else []
    plain = _mapping(body, 1)
    plain |= {"name": str(found["name"]), "inputs": inputs, "after": after}
    if found["span"]:
        plain["span"] = _loaded(f'"{found["span"]}"', head)
    return _made(KINDS[found["kind"]], plain, head)


def _made(class_: type[T], plain: Plain, head: _Line) -> T:
    try:
        return from_plain(class_, plain)
    except MalformedPlain as error:
        raise MalformedText(head.number, str(error)) from error


def _mapping(lines: tuple[_Line, ...], depth: int) -> dict[str, Plain]:
    made: dict[str, Plain] = {}
    for line, below in _blocks(lines, depth):
        key, colon, rest = line.text.partition(":")
        if not colon or not key.isidentifier():
            _refuse(line, "expected `key: value`")
        if key in made:
            _refuse(line, f"`{key}` is there twice")
        made[key] = _below(below, depth + 1, line) if not rest else _inline(rest, below, line)
    return made


def _below(lines: tuple[_Line, ...], depth: int, head: _Line) -> Plain:
    if not lines:
        _refuse(head, "nothing stands below")
    if lines[0].text.startswith("-"):
        return [_entry(line, below, depth) for line, below in _blocks(lines, depth)]
    return _mapping(lines, depth)


def _entry(line: _Line, below: tuple[_Line, ...], depth: int) -> Plain:
    if not line.text.startswith("- "):
        _refuse(line, "expected `- value`")
    if re.match(r"[A-Za-z_]\w*:", line.text[2:]):
        first = _Line(line.number, depth + 1, line.text[2:])
        return _mapping((first, *below), depth + 1)
    return _inline(line.text[1:], below, line)


def _inline(text: str, below: tuple[_Line, ...], line: _Line) -> Plain:
    if below:
        _refuse(below[0], "is indented too far")
    return _loaded(text, line)


def _blocks(lines: tuple[_Line, ...], depth: int) -> Iterator[tuple[_Line, tuple[_Line, ...]]]:
    """Each line of this depth with the deeper ones below it."""
    if not lines:
        return
    starts = [i for i, line in enumerate(lines) if line.depth <= depth]
    if starts[:1] != [0]:
        _refuse(lines[0], "is indented too far")
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        if lines[start].depth < depth:
            _refuse(lines[start], "is indented too little")
        yield lines[start], lines[start + 1 : end]


def _loaded(text: str, line: _Line) -> Plain:
    try:
        return json.loads(text)  # type: ignore[no-any-return]
    except (ValueError, RecursionError) as error:
        raise MalformedText(line.number, f"`{text.strip()[:40]}` is no JSON") from error


def _refuse(line: _Line, problem: str) -> NoReturn:
    raise MalformedText(line.number, problem)
