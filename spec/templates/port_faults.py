"""What can be wrong with the ports of a template and what its user puts there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..diagnostic import Diagnostic, Related
from ..nodes import Entry, MappingNode, Node, Scalar, SequenceNode
from ..readers import describe, nearest, or_list
from ..source import Span
from .document import LISTS, Port


def unknown_port(
    name: str, node: Scalar, match: re.Match[str], known: tuple[str, ...]
) -> Diagnostic:
    """`$(ports.name)` in a template, where no such block can be put."""
    name = name.removeprefix("ports.")
    place = node.inside(match.start(), match.end())
    if name in known:
        return Diagnostic(
            "OFC355",
            f"`{match[0][:60]}` is a whole block, and stands inside a text",
            place,
            "a block inside a text",
            "let the port be all that stands behind its key, or take a parameter",
        )
    meant = nearest(name, known)
    return Diagnostic(
        "OFC355",
        f"`{match[0][:60]}` names no port of this template",
        place,
        f"did you mean `{meant}`?" if meant else "unknown port",
        f"write `$(ports.{meant})`" if meant else f"it has the ports {or_list(known)}",
    )


def wrong_ports(
    template: str,
    known: Mapping[str, Port],
    entries: Mapping[str, Entry],
    given: tuple[Entry, ...],
    place: Span,
) -> Iterator[Diagnostic]:
    """What the user of a template gives its ports, held against what they take.

    Args:
        template: its name.
        known: its ports, by name.
        entries: where each is declared.
        given: what the user gives.
        place: of the use.
    """
    for entry in given:
        name = entry.key.text
        port = known.get(name)
        if port is None:
            meant = nearest(name, known)
            ways = f"it has the ports {or_list(known)}" if known else "remove it"
            yield Diagnostic(
                "OFC355",
                f"the template `{template}` has no port `{name[:60]}`",
                entry.key.span,
                f"did you mean `{meant}`?" if meant else "unknown port",
                f"write `{meant}`" if meant else ways,
            )
        elif not fits(port, entry.value):
            what = "a list" if port.type in LISTS else "a mapping"
            yield Diagnostic(
                "OFC355",
                f"the port `{name}` takes {what}, and this is {describe(entry.value)}",
                entry.value.span,
                f"expected {what}",
                f"write the block as it stands under `{port.type}` in a spec",
                related=(Related(entries[name].key.span, "declared here"),),
            )
    there = {e.key.text for e in given}
    for name, port in known.items():
        if name not in there and port.default is None:
            yield Diagnostic(
                "OFC355",
                f"the template `{template}` needs a block for its port `{name}`",
                place,
                f"needs the port `{name}`",
                f"add `ports: {{{name}: ...}}`" + (f"; it is {port.doc}" if port.doc else ""),
                related=(Related(entries[name].key.span, "declared here"),),
            )


def unread_ports(entries: Mapping[str, Entry], read: frozenset[str]) -> Iterator[Diagnostic]:
    """The ports that a template declares and does not put anywhere."""
    for name, entry in entries.items():
        if name not in read:
            yield Diagnostic(
                "OFC355",
                f"the port `{name}` is never read",
                entry.key.span,
                f"nothing says `$(ports.{name})`",
                f"write `$(ports.{name})` where the block goes, or remove it",
            )


def declared(spec: MappingNode, block: str) -> dict[str, Entry]:
    """What a template declares under `params` or `ports`, by name."""
    node = spec.get(block)
    return {e.key.text: e for e in node.entries} if isinstance(node, MappingNode) else {}


def fits(port: Port, node: Node) -> bool:
    """Whether a block has the shape that a port takes."""
    return isinstance(node, SequenceNode if port.type in LISTS else MappingNode)
