"""Puts the values of parameters where a document says `$(params.name)`.

A scalar that is nothing but a placeholder becomes the value with its type; inside a longer string
the value is inserted as text. It happens on the tree, after YAML has been read, so a value can
never become structure; where the string is an expression, `expression/inserted` sees to the same.
`$$(` stands for `$(`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from ..diagnostic import Diagnostic, Edit
from ..fix import is_sure
from ..frozen import dataclass
from ..nodes import Entry, MappingNode, Node, Scalar, SequenceNode
from ..readers import nearest, or_list
from ..readers.words import MOST_MEANT
from ..source import Span
from .values import PARAMS, Parameters, text_of, typed_node

_PLACEHOLDER: Final = re.compile(r"\$\$\(|\$\(([^)]*)(\)?)")


@dataclass(frozen=True, slots=True)
class Filled:
    """A document with its values.

    Attributes:
        hollow: places whose value could not be told, which has been reported.
        read: the parameters that the document reads.
        ports: those that it reads.
    """

    document: Node
    found: tuple[Diagnostic, ...]
    hollow: tuple[Span, ...]
    read: frozenset[str] = frozenset()
    ports: frozenset[str] = frozenset()


def fill(document: Node, parameters: Parameters, read: frozenset[str] = frozenset()) -> Filled:
    """The document with every placeholder replaced; reports the parameters that nobody reads.

    Args:
        document: a spec.
        parameters: its own.
        read: those that are read elsewhere, where templates are used.
    """
    filling = _Filling(parameters, {})
    filled = filling.node(document, 0)
    filling.read |= read
    filling.report_unread()
    return filling.done_with(filled)


def fill_part(part: Node, parameters: Parameters) -> Filled:
    """A part of a spec, whose other parts may read the rest of the parameters."""
    filling = _Filling(parameters, {})
    return filling.done_with(filling.node(part, 1))


def fill_template(
    part: Node,
    parameters: Parameters,
    ports: Mapping[str, Node | None],
    defaults: Mapping[str, Node],
) -> Filled:
    """A template's part of a spec, with the blocks of its user where its ports are.

    Args:
        part: what it uses, and its body.
        parameters: its own.
        ports: what a user gives; None for one whose block nobody has given.
        defaults: what stands in a port without a block, which may read parameters.
    """
    filling = _Filling(parameters, {})
    made = {name: filling.node(node, 1) for name, node in defaults.items() if not ports.get(name)}
    filling.ports = {**ports, **made}
    filled = filling.node(part, 1)
    filling.report_unread()
    return filling.done_with(filled)


class _Filling:
    def __init__(self, parameters: Parameters, ports: Mapping[str, Node | None]) -> None:
        self.parameters = parameters
        self.ports = ports
        self.ports_read: set[str] = set()
        self.found: list[Diagnostic] = []
        self.hollow: list[Span] = []
        self.read: set[str] = set()
        self.done: dict[int, Node] = {}  # an alias is filled once

    def done_with(self, filled: Node) -> Filled:
        return Filled(
            filled,
            tuple(self.found),
            tuple(self.hollow),
            frozenset(self.read),
            frozenset(self.ports_read),
        )

    def node(self, node: Node, depth: int, path: tuple[str, ...] = ()) -> Node:
        if isinstance(node, Scalar):
            return self.scalar(node)
        known = self.done.get(id(node))
        if known is None:
            known = self.children(node, depth, path)
            self.done[id(node)] = known
        return known

    def children(self, node: MappingNode | SequenceNode, depth: int, path: tuple[str, ...]) -> Node:
        if isinstance(node, SequenceNode):
            items = tuple(self.node(item, depth + 1) for item in node.items)
            return node if _same(items, node.items) else SequenceNode(items, node.span, node.flow)
        entries: list[Entry] = []
        for entry in node.entries:
            self.refuse(entry.key, "a key")
            here = (*path, entry.key.text) if len(path) == depth < 2 else ()
            if here == PARAMS:
                self.refuse_all(entry.value)
                entries.append(entry)
                continue
            value = self.node(entry.value, depth + 1, here)
            entries.append(entry if value is entry.value else Entry(entry.key, value))
        made = tuple(entries)
        return node if _same(made, node.entries) else MappingNode(made, node.span, node.flow)

    def scalar(self, node: Scalar) -> Node:
        if not isinstance(node.value, str) or "$(" not in node.value:
            return node
        text = node.value
        whole = _PLACEHOLDER.fullmatch(text)
        if whole is not None and whole[1] is not None and whole[1].startswith("ports."):
            return self.port(node, whole)
        if whole is not None and whole[0] != "$$(":
            value = self.value(node, whole)
            return node if value is None else typed_node(value, node)
        filled = ""
        inserted: list[tuple[int, int]] = []
        shifts: list[tuple[int, int]] = []  # behind which place of the text, by how much
        at = 0
        for match in _PLACEHOLDER.finditer(text):
            filled += text[at : match.start()]
            at = match.end()
            if match[0] == "$$(":
                filled += "$("
                shifts.append((match.start(), len(filled) - at))
                continue
            value = self.value(node, match)
            put = match[0] if value is None else text_of(value)
            inserted.append((len(filled), len(filled) + len(put)))
            filled += put
            shifts.append((match.start(), len(filled) - at))
        filled += text[at:]
        # What a template has inserted before stands elsewhere now.
        before = ((_moved(start, shifts), _moved(end, shifts)) for start, end in node.inserted)
        return Scalar(filled, filled, node.span, node.plain, False, (*before, *inserted))

    def value(self, node: Scalar, match: re.Match[str]) -> bool | int | float | str | None:
        """The value of one placeholder; None after what is wrong with it has been reported."""
        name = match[1].removeprefix("params.")
        parameter = self.parameters.by_name.get(name) if match[1].startswith("params.") else None
        if parameter is not None and match[2]:
            self.read.add(name)
            if parameter.value is not None:
                return parameter.value
            self.hollow.append(node.span)
            if not parameter.faulty:
                self.no_value(name, node, match)
            return None
        self.hollow.append(node.span)
        self.unknown(name, node, match)
        return None

    def port(self, node: Scalar, match: re.Match[str]) -> Node:
        name = match[1].removeprefix("ports.")
        if name not in self.ports or not match[2]:
            self.hollow.append(node.span)
            self.unknown(name, node, match)
            return node
        self.ports_read.add(name)
        port = self.ports[name]
        if port is None:
            self.hollow.append(node.span)
        return port or node

    def no_value(self, name: str, node: Scalar, match: re.Match[str]) -> None:
        self.found.append(
            Diagnostic(
                "OFC303",
                f"the parameter `{name}` has no default and was not given",
                node.inside(match.start(), match.end()),
                "has no value",
                f"give `-p {name}=...`, or write a `default:` where it is declared",
            )
        )

    def unknown(self, name: str, node: Scalar, match: re.Match[str]) -> None:
        if match[1].startswith("ports.") and self.ports:
            from ..templates.port_faults import unknown_port

            self.found.append(unknown_port(name, node, match, tuple(self.ports)))
            return
        known = tuple(self.parameters.by_name)
        meant = nearest(name, known) if len(self.found) < MOST_MEANT else None
        shown = match[0] if len(match[0]) <= 60 else f"{match[0][:60]}..."
        if not match[2]:
            message, help_ = f"`{shown}` is not closed", "write `)` behind the parameter's name"
        elif not match[1].startswith("params.") and f"params.{name}" != f"params.{meant}":
            message = f"`{shown}` names nothing, a placeholder is `$(params.name)`"
            help_ = f"write `${shown}` if the text itself is meant"
        else:
            message = f"`{shown}` names no parameter of this spec"
            help_ = f"declare it under `params`: `{name}: {{type: string}}`"
            help_ = f"it declares {or_list(known)}" if known else help_
        place = node.inside(match.start(), match.end())
        self.found.append(
            Diagnostic(
                "OFC301",
                message,
                place,
                f"did you mean `{meant}`?" if meant else "unknown parameter",
                f"write `$(params.{meant})`" if meant else help_,
                edits=(Edit(place, f"$(params.{meant})"),) if meant and node.exact else (),
                applicable="safe" if meant and is_sure(name, meant, known) else "maybe",
            )
        )

    def refuse(self, node: Scalar, what: str) -> None:
        match = _PLACEHOLDER.search(node.text) if "$(" in node.text else None
        if match is None or match[0] == "$$(":
            return
        self.hollow.append(node.span)
        if match[1].startswith("params."):
            self.read.add(match[1].removeprefix("params."))
        self.found.append(
            Diagnostic(
                "OFC305",
                f"{what} cannot be a parameter",
                node.inside(match.start(), match.end()),
                "no placeholder here",
                "write the text itself; placeholders stand in values",
            )
        )

    def refuse_all(self, node: Node) -> None:
        """Reports the placeholders in `params` itself, which read nothing."""
        todo = [node]
        while todo:
            match todo.pop():
                case Scalar() as scalar:
                    self.refuse(scalar, "what a parameter is")
                case SequenceNode(items=items):
                    todo += reversed(items)
                case MappingNode(entries=entries):
                    todo += [e.value for e in reversed(entries)]

    def report_unread(self) -> None:
        for name, parameter in self.parameters.by_name.items():
            if name in self.read:
                continue
            self.found.append(
                Diagnostic(
                    "OFC302",
                    f"the parameter `{name}` is never read",
                    parameter.entry.key.span,
                    f"nothing says `$(params.{name})`",
                    f"write `$(params.{name})` where it is meant, or remove it",
                )
            )


def _moved(place: int, shifts: list[tuple[int, int]]) -> int:
    return place + next((by for start, by in reversed(shifts) if start < place), 0)


def _same(made: tuple[object, ...], given: tuple[object, ...]) -> bool:
    return all(a is b for a, b in zip(made, given, strict=True))
