"""Runs the rules, and finds the place of what they say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..diagnostic import Diagnostic, Related
from ..fix import NO_FIX, Fix, replaced
from ..nodes import MappingNode, Node, Scalar, SequenceNode
from ..source import Path, Span
from .finding import Finding, Place, Readable, Rule


def run(rules: Iterable[Rule], document: Readable) -> Iterator[Diagnostic]:
    """What the rules find, in their order."""
    for rule in rules:
        for finding in rule(document):
            yield _diagnostic(finding, document.document)


def _diagnostic(finding: Finding, document: Node) -> Diagnostic:
    related = (finding.related, *finding.also) if finding.related is not None else finding.also
    return Diagnostic(
        finding.code,
        finding.message,
        locate(finding.place, document),
        finding.label,
        finding.help,
        finding.severity,
        tuple(Related(locate(place, document), label) for place, label in related),
        (fix := _fix(finding, document)).edits,
        fix.applicable,
    )


def _fix(finding: Finding, document: Node) -> Fix:
    """The edit of a finding, where what it replaces stands in the file as it was read."""
    place = finding.place
    node = node_at(document, place.path)
    if not finding.instead or not isinstance(node, Scalar) or not node.exact:
        return NO_FIX
    return replaced(locate(place, document), finding.instead, sure=finding.sure)


def node_at(document: Node, path: Path) -> Node | None:
    """What stands at a path."""
    node: Node | None = document
    for step in path:
        match node:
            case MappingNode() if isinstance(step, str):
                node = node.get(step)
            case SequenceNode(items=items) if isinstance(step, int) and step < len(items):
                node = items[step]
            case _:
                return None
    return node


def locate(place: Place, document: Node) -> Span:
    """The place in the file; of what was not written, the nearest block around it."""
    node, span = document, document.span
    for step in place.path:
        match node:
            case MappingNode(entries=entries):
                entry = next((e for e in entries if e.key.text == step), None)
                if entry is None:
                    return span
                node = entry.value
                span = entry.key.span if place.on_key else node.span
            case SequenceNode(items=items) if isinstance(step, int) and step < len(items):
                node = items[step]
                span = node.span
            case _:
                return span
    if place.at is not None and isinstance(node, Scalar):
        return node.inside(place.at.start, place.at.end)
    return span
