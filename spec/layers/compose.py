"""A spec of several texts: templates below, then the spec, its overlays, and single settings.

What stands higher goes before what stands lower, value by value:

    -p name=value        a parameter's value
    --set path=value     single values
    -f prod.yaml         overlays, the last one first
    -f omniforce.yaml    the spec
    use: [...]           its templates, the last one first
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ..diagnostic import Diagnostic, Related
from ..nodes import Entry, MappingNode, Node, Scalar, SequenceNode
from ..params.placeholders import fill_part
from ..params.values import read_parameters
from ..readers import describe
from ..source import Source, Span
from ..templates.expand import Expanded, expand
from ..templates.library import Templates
from ..templates.reference import masked
from ..versions import LATEST, VERSIONS, upgrade, upgrade_body
from ..yaml.reader import NODES, read_yaml
from .composed import Composed, use_of
from .nodes_size import size_of
from .overlay import lay_over
from .settings import Setting, apply, read_settings

USE = ("spec", "use")


def compose(
    document: Node,
    source: Source,
    params: Mapping[str, str],
    overlays: Sequence[Source],
    texts: Sequence[str],
    templates: Templates | None,
) -> Composed:
    """The document of a spec with all that is laid over and under it.

    Args:
        document: the spec's own.
        source: its text.
        params: values for its parameters, which its uses may read.
        overlays: each laid over those before.
        texts: of `--set`.
        templates: where templates are found.
    """
    found: list[Diagnostic] = []
    layers: list[Node] = [document]
    complete = True
    version = _version(document, source)
    for overlay in overlays:
        layer, said = _read_overlay(overlay, version)
        found += said
        if layer is None or not _is_overlay(layer, document, found):
            complete = False
        else:
            layers.append(layer)
    settings = read_settings(texts)
    found += settings.found
    sources = (*overlays, *((settings.source,) if texts else ()))
    if not complete:
        return Composed(None, tuple(found), sources)
    whole, said = _laid(layers, settings.settings)
    use = use_of(whole)
    if use is None:
        return Composed(whole, (*found, *said), sources)
    # What is wrong in `use` is said now, and of the rest when it lies over the templates.
    found += [d for d in said if d.span is not None and _in_use(d.span, layers, settings.settings)]
    filled = fill_part(use, read_parameters(whole, params))
    found += filled.found
    expanded = expand(filled.document, templates)
    made = _over_templates(expanded, layers, settings.settings, found)
    return Composed(
        made,
        tuple(found),
        (*sources, *(s for s in expanded.sources if s.name not in {k.name for k in sources})),
        filled.read,
        expanded.used,
        expanded.uses,
    )


def without_credentials(
    sources: Iterable[Source], found: Iterable[Diagnostic]
) -> tuple[Source, ...]:
    """The sources, those that hold credentials with stars in their place: messages quote them."""
    files = {d.span.file for d in found if d.code == "OFC351" and d.span is not None}
    return tuple(replace(s, text=masked(s.text)) if s.name in files else s for s in sources)


def _version(document: Node, source: Source) -> str:
    """The version of the language that a spec says, whatever it was brought to since."""
    node = document.get("apiVersion") if isinstance(document, MappingNode) else None
    if node is None:
        return LATEST
    written = source.line(node.span.line)[node.span.column - 1 : node.span.end_column - 1]
    version = written.strip("\"'")
    return version if version in VERSIONS else LATEST


def _read_overlay(source: Source, version: str) -> tuple[Node | None, tuple[Diagnostic, ...]]:
    """An overlay in the newest form; one that says no version has that of its spec."""
    layer, found = read_yaml(source)
    if layer is None:
        way = "write `spec:` and below it what is to be otherwise, or leave the overlay out"
        return None, tuple(replace(d, help=way) if d.code == "OFC010" else d for d in found)
    spec = layer.get("spec") if isinstance(layer, MappingNode) else None
    if not isinstance(layer, MappingNode) or spec is None or layer.get("apiVersion") is not None:
        layer, said = upgrade(layer, source)
        return layer, (*found, *said)
    newer, said = upgrade_body(spec, version)
    entries = tuple(Entry(e.key, newer) if e.key.text == "spec" else e for e in layer.entries)
    return replace(layer, entries=entries), (*found, *said)


def told_with_use(
    found: Iterable[Diagnostic], uses: Iterable[tuple[str, Span]]
) -> Iterable[Diagnostic]:
    """Findings in templates with the place of the use beside them."""
    places = dict(uses)
    for each in found:
        use = places.get(each.span.file) if each.span is not None else None
        if use is None or any(r.span == use for r in each.related):
            yield each
        else:
            yield replace(each, related=(*each.related, Related(use, "used here")))


def _over_templates(
    expanded: Expanded, layers: list[Node], settings: Sequence[Setting], found: list[Diagnostic]
) -> Node | None:
    found += expanded.found
    if expanded.body is None:
        return None
    below = _escaped(expanded.body)
    first, *rest = (_without_use(layer) for layer in layers)
    laid = lay_over(below, first, keep_above=True)
    found += laid.found
    made, said = _laid(
        [_in_the_order_of(first, laid.document), *rest], [s for s in settings if s.path[:2] != USE]
    )
    found += said
    if size_of(made) > NODES:
        found.append(
            Diagnostic(
                "OFC358",
                f"with its templates, the spec has more than {NODES:,} values",
                made.span,
                "too much",
                "use fewer templates",
            )
        )
        return None
    return made


def _in_the_order_of(first: Node, whole: Node) -> Node:
    """The document with its own keys where the spec has them, and not as the templates came."""
    if not isinstance(first, MappingNode) or not isinstance(whole, MappingNode):
        return whole
    places = {e.key.text: i for i, e in enumerate(first.entries)}
    entries = sorted(whole.entries, key=lambda e: places.get(e.key.text, len(places)))
    return replace(whole, entries=tuple(entries))


def _laid(
    layers: Sequence[Node], settings: Sequence[Setting]
) -> tuple[Node, tuple[Diagnostic, ...]]:
    whole, found = layers[0], list[Diagnostic]()
    for layer in layers[1:]:
        laid = lay_over(whole, layer)
        whole = laid.document
        found += laid.found
    whole, said = apply(whole, settings)
    return whole, (*found, *said)


def _is_overlay(layer: Node, document: Node, found: list[Diagnostic]) -> bool:
    """Whether a document can lie over a spec; reports it where it cannot."""
    if not isinstance(layer, MappingNode):
        found.append(
            Diagnostic(
                "OFC341",
                f"an overlay is a part of a spec, and this is {describe(layer)}",
                layer.span,
                "expected a mapping",
                "write `spec:` and below it what is to be otherwise",
            )
        )
        return False
    below = document.get("kind") if isinstance(document, MappingNode) else None
    kind = layer.get("kind")
    if not isinstance(kind, Scalar) or not isinstance(below, Scalar) or kind.text == below.text:
        return True
    found.append(
        Diagnostic(
            "OFC341",
            f"the overlay says `kind: {kind.text[:60]}`, and its spec `kind: {below.text[:60]}`",
            kind.span,
            "another kind",
            f"write `kind: {below.text[:60]}`, or leave it out",
            related=(Related(below.span, "the kind of the spec"),),
        )
    )
    return False


def _in_use(span: Span, layers: Sequence[Node], settings: Sequence[Setting]) -> bool:
    if any(s.path[:2] == USE and span in s.places for s in settings):
        return True
    places = [use.span for use in map(use_of, layers) if use is not None]
    return any(
        p.file == span.file
        and (p.line, p.column) <= (span.line, span.column)
        and (span.end_line, span.end_column) <= (p.end_line, p.end_column)
        for p in places
    )


def _without_use(document: Node) -> Node:
    spec = document.get("spec") if isinstance(document, MappingNode) else None
    if not isinstance(document, MappingNode) or not isinstance(spec, MappingNode):
        return document
    rest = replace(spec, entries=tuple(e for e in spec.entries if e.key.text != "use"))
    return replace(
        document,
        entries=tuple(Entry(e.key, rest) if e.key.text == "spec" else e for e in document.entries),
    )


def _escaped(node: Node) -> Node:
    """A tree whose texts are done, as one whose placeholders are still to be filled."""
    match node:
        case Scalar(value=str(value)) if "$(" in value:
            text = value.replace("$(", "$$(")
            inserted = tuple(
                (start + value.count("$(", 0, start), end + value.count("$(", 0, end))
                for start, end in node.inserted
            )
            return Scalar(text, text, node.span, node.plain, False, inserted)
        case Scalar():
            return node
        case SequenceNode(items=items):
            return replace(node, items=tuple(map(_escaped, items)))
        case MappingNode(entries=entries):
            return replace(node, entries=tuple(Entry(e.key, _escaped(e.value)) for e in entries))
