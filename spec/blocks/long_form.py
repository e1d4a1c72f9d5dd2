"""A search space as written, with every short form made long and every default written out."""

from __future__ import annotations

from ..expression.print import to_text
from ..expression.tree import Interval
from ..nodes import MappingNode, Node, Scalar, SequenceNode
from ..readers import Invalid, Reading
from ..resolving.meaning import Listing
from ..space import Choice, Domain, FloatRange, IntRange
from ..yaml.text import Plain
from .cell_graph import CellGraph, as_text, edges_of, values_of
from .domain import domain_of
from .parameter import Parameter, ParameterReader
from .range_text import is_set
from .search_space import by_value


def long_form(written: Node, filled: Node) -> dict[str, Plain]:
    """The parameters of a mapping of parameters.

    Args:
        written: with its placeholders, which are kept.
        filled: the same with the values of parameters; it can be read.
    """
    if not isinstance(written, MappingNode) or not isinstance(filled, MappingNode):
        return {}
    pairs = zip(written.entries, filled.entries, strict=True)
    return {
        w.key.text: _parameter(w.key.text, w.value, f.value)
        for w, f in pairs
        if not w.key.text.startswith("x-")
    }


def _parameter(name: str, written: Node, filled: Node) -> Plain:
    keyed = isinstance(written, MappingNode) and not is_set(written)
    if not keyed and _has_placeholder(written):
        return plain(written)
    parameter = ParameterReader().read(filled, (name,), Reading())
    if isinstance(parameter, Invalid):
        return plain(written)
    computed = parameter.value is not None
    domain = None if computed else domain_of(name, parameter, filled.span, Reading())
    if isinstance(domain, Invalid):
        return plain(written)
    made = _keys(parameter, domain)
    if not keyed or not isinstance(written, MappingNode) or not isinstance(filled, MappingNode):
        return made
    for entry in written.entries:
        if entry.key.text in made and _has_placeholder(entry.value):
            made[entry.key.text] = plain(entry.value)
    below, below_filled = written.get("submodule"), filled.get("submodule")
    if isinstance(below, MappingNode) and isinstance(below_filled, MappingNode):
        made["submodule"] = _submodule(domain, below, below_filled)
    return made


def _keys(parameter: Parameter, domain: Domain | Listing | None) -> dict[str, Plain]:
    made: dict[str, Plain] = {}
    if parameter.value is not None:
        made["value"] = to_text(parameter.value.value)
    if domain is not None:
        made["type"] = _type(parameter, domain)
    ranged = parameter.range
    if ranged is not None:
        whole = ranged.domain
        made["range"] = to_text(whole) if isinstance(whole, Interval) else list(whole.items)
    if isinstance(domain, IntRange | FloatRange):
        made["scale"] = domain.scale
        if domain.step is not None:
            made["step"] = domain.step
    if parameter.default is not None:
        default = parameter.default.value
        made["default"] = list(default) if isinstance(default, tuple) else default
    if parameter.prior is not None:
        made["prior"] = to_text(parameter.prior.value)
    if parameter.size is not None:
        size = parameter.size.value
        made["size"] = to_text(size) if isinstance(size, Interval) else size
    if parameter.when is not None:
        made["when"] = to_text(parameter.when.value)
    if parameter.count is not None:
        made["count"] = parameter.count.value
    if parameter.shared is not None:
        made["shared"] = parameter.shared.value
    if parameter.graph is not None:
        made |= _graph(parameter.graph)
    return made


def _graph(written: CellGraph) -> dict[str, Plain]:
    """The graph with each of its edges, and the length that it gives the array."""
    edges = tuple(each.value for each in written.edges or ())
    if written.nodes is not None:
        edges = edges_of(written.nodes.value)
    graph: dict[str, Plain] = {"edges": list(as_text(edges))}
    for name, operations in (("absent", written.absent), ("identity", written.identity)):
        if operations:
            graph[name] = list(values_of(operations))
    return {"count": len(edges), "graph": graph}


def _type(parameter: Parameter, domain: Domain | Listing) -> str:
    if parameter.type is not None:
        return parameter.type.value
    match domain:
        case IntRange():
            return "int"
        case FloatRange():
            return "float"
        case Choice():
            return "choice"
        case Listing(kind=kind):
            return kind


def _submodule(
    domain: Domain | Listing | None, written: MappingNode, filled: MappingNode
) -> dict[str, Plain]:
    if not isinstance(domain, Choice) or not by_value(domain, filled):
        return long_form(written, filled)
    pairs = zip(written.entries, filled.entries, strict=True)
    return {
        w.key.text: long_form(w.value, f.value) for w, f in pairs if not w.key.text.startswith("x-")
    }


def _has_placeholder(node: Node) -> bool:
    match node:
        case Scalar(text=text):
            return "$(" in text
        case SequenceNode(items=items):
            return any(map(_has_placeholder, items))
        case MappingNode(entries=entries):
            return any("$(" in e.key.text or _has_placeholder(e.value) for e in entries)


def plain(node: Node) -> Plain:
    """A tree as plain values, placeholders as they were written."""
    match node:
        case Scalar(value=value):
            return value
        case SequenceNode(items=items):
            return [plain(item) for item in items]
        case MappingNode(entries=entries):
            return {e.key.text: plain(e.value) for e in entries}
