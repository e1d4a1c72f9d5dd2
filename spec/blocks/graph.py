"""The graph that the places of a choice's array are, its keys held against the choice."""

from __future__ import annotations

from ..diagnostic import Related
from ..expression.print import value_to_text
from ..expression.tree import Value
from ..fix import NO_FIX, Fix, instead, replaced
from ..frozen import dataclass
from ..readers import INVALID, Invalid, Reading, nearest, or_list
from ..resolving.meaning import Listing
from ..resolving.values import MOST_COMPARED
from ..source import Span
from ..space import Choice, Domain
from .cell_graph import CellGraph, Edge, edges_of, values_of
from .parameter import Parameter
from .placed import At


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the space says of an array of operations, before it is unrolled.

    Attributes:
        edges: one for each place of the array.
        absent, identity: as those of `space.Graph`.
    """

    edges: tuple[Edge, ...]
    absent: tuple[Value, ...]
    identity: tuple[Value, ...]


def graph_of(
    name: str,
    domain: Domain | Listing | None,
    parameter: Parameter,
    place: Span,
    reading: Reading,
) -> Wiring | Invalid | None:
    """The graph of the parameter `name`, whose key stands at `place`; None where it has none."""
    written = parameter.graph
    if written is None:
        return None
    if not isinstance(domain, Choice):
        return reading.report(
            "OFC249",
            f"`{name}` is no choice and has a `graph`",
            _somewhere(written, place),
            "only a choice has operations to put on edges",
            "remove `graph`, or write `range` as a set of operations: `{none, skip, conv}`",
        )
    if parameter.shared is not None and parameter.shared.value:
        return reading.report(
            "OFC249",
            f"`{name}` is shared and has a `graph`",
            parameter.shared.span,
            "all edges would have one operation",
            "remove `shared`; cells that are all alike are a shared `submodule` of an int",
        )
    edges = _edges(name, written, place, reading)
    good = [
        _known(name, domain, key, each, reading)
        for key, operations in (("absent", written.absent), ("identity", written.identity))
        for each in operations
    ]
    if isinstance(edges, Invalid) or not all(good):
        return INVALID
    absent, identity = values_of(written.absent), values_of(written.identity)
    for each in written.identity:
        if any(_same(each.value, other) for other in absent):
            operation = value_to_text(each.value)
            return reading.report(
                "OFC250",
                f"`{operation}` of `{name}` is both `absent` and `identity`",
                each.span,
                "hands on what it gets, and is no edge",
                f"remove `{operation}` from one of them",
            )
    if not _counts(name, parameter, len(edges), reading):
        return INVALID
    return Wiring(edges, absent, identity)


def _somewhere(written: CellGraph, place: Span) -> Span:
    """A place within the graph; that of the parameter where nothing is written in it."""
    if written.nodes is not None:
        return written.nodes.span
    spans = [each.span for each in written.edges or ()]
    spans += [each.span for each in (*written.absent, *written.identity)]
    return spans[0] if spans else place


def _edges(
    name: str, written: CellGraph, place: Span, reading: Reading
) -> tuple[Edge, ...] | Invalid:
    nodes, edges = written.nodes, written.edges
    if (nodes is None) == (edges is None):
        return reading.report(
            "OFC250",
            f"the graph of `{name}` has neither `nodes` nor `edges`"
            if nodes is None
            else f"the graph of `{name}` has both `nodes` and `edges`",
            place if nodes is None else nodes.span,
            "which edges are there?",
            "write `nodes: 4` for an edge between any two, or `edges: [0>1, 0>2, 1>2]`"
            if nodes is None
            else "remove `nodes`; the edges say it",
        )
    if nodes is not None:
        return edges_of(nodes.value)
    found = edges or ()
    forward = [_forward(name, each, reading) for each in found]
    if not all(forward):
        return INVALID
    known: dict[Edge, At[Edge]] = {}
    for each in found:
        first = known.setdefault(each.value, each)
        if first is not each:
            return reading.report(
                "OFC246",
                f"`{name}` has the edge `{_shown(each.value)}` twice",
                each.span,
                "is there already",
                "remove it; two operations between two nodes need a node between them",
                related=(Related(first.span, "the first one"),),
            )
    output = max(target for _, target in known)
    reached = {0}
    for source, target in sorted(known):
        if source in reached:
            reached.add(target)
    if output not in reached:
        return reading.report(
            "OFC247",
            f"no path of `{name}` leads from node 0 to node {output}",
            next(each.span for each in found if each.value[1] == output),
            "the output, which nothing of the input reaches",
            f"add an edge to it, such as `{max(reached)}>{output}`",
        )
    return tuple(known)


def _forward(name: str, edge: At[Edge], reading: Reading) -> bool:
    source, target = edge.value
    if source < target:
        return True
    turned = _shown((target, source))
    node = edge.text
    reading.report(
        "OFC246",
        f"the edge `{_shown(edge.value)}` of `{name}` goes back"
        if source > target
        else f"the edge `{_shown(edge.value)}` of `{name}` goes nowhere",
        edge.span,
        "must go from a lower node to a higher one",
        f"write `{turned}`, or number the nodes in the order in which they are computed"
        if source > target
        else "remove it, or give it another node",
        fix=replaced(edge.span, turned, sure=False)
        if source > target and node is not None and node.exact
        else NO_FIX,
    )
    return False


def _known(name: str, domain: Choice, key: str, each: At[Value], reading: Reading) -> bool:
    """Whether the choice has an operation; reports one that it does not have."""
    if any(_same(each.value, value) for value in domain.values):
        return True
    words = tuple(map(value_to_text, domain.values))
    operation = value_to_text(each.value)
    meant = nearest(operation, words[:MOST_COMPARED])
    reading.report(
        "OFC245",
        f"`{operation}` is `{key}` in the graph of `{name}`, and none of its values",
        each.span,
        f"did you mean `{meant}`?" if meant else "no such operation",
        f"write `{meant}`" if meant else f"write {or_list(words[:12])}",
        fix=_spelled(each, operation, meant, words),
    )
    return False


def _spelled(each: At[Value], written: str, meant: str | None, known: tuple[str, ...]) -> Fix:
    node = each.text
    return instead(node, meant, known) if node is not None and node.text == written else NO_FIX


def _counts(name: str, parameter: Parameter, edges: int, reading: Reading) -> bool:
    """Whether a `count` that is written agrees with the edges."""
    count = parameter.count
    if count is None or count.value == edges:
        return True
    counted = isinstance(count.value, str)
    reading.report(
        "OFC248",
        f"`{name}` is counted by `{str(count.value)[:40]}`, and its graph has {edges} edges"
        if counted
        else f"`{name}` is an array of {count.value} places, and its graph has {edges} edges",
        count.span,
        "a graph has the edges that it has" if counted else "one place for each edge",
        f"remove `count`; it is {edges}"
        + ("; an edge that is not there has an operation that is `absent`" if counted else ""),
        fix=replaced(count.span, str(edges), sure=False)
        if count.text is not None and count.text.exact and not counted
        else NO_FIX,
    )
    return False


def _same(left: Value, right: Value) -> bool:
    # Python holds `True == 1`.
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def _shown(edge: Edge) -> str:
    return f"{edge[0]}>{edge[1]}"
