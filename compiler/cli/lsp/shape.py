"""What the language allows at a path of a spec: walks the readers as they would read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from omniforce.spec.blocks.cell_graph import OperationsReader
from omniforce.spec.blocks.parameter import Parameter, ParameterReader, SubmoduleReader
from omniforce.spec.blocks.placed import Placed
from omniforce.spec.blocks.range_text import RangeReader
from omniforce.spec.blocks.search_space import SearchSpaceReader
from omniforce.spec.blocks.study import Study
from omniforce.spec.expression.print import value_to_text
from omniforce.spec.expression.tree import SetOf, Value
from omniforce.spec.frozen import dataclass
from omniforce.spec.nodes import MappingNode, Node, Scalar, SequenceNode
from omniforce.spec.readers import Block, Invalid, KeyOf, ListOf, MapOf, OneKeyOf, Reading, keys_of
from omniforce.spec.source import Path
from omniforce.spec.templates.document import TemplateMetadata, TemplateSpec

from .templates import METADATA, OWN

ROOT: Final = Block(Study)
SPACE = ("spec", "searchSpace")


@dataclass(frozen=True, slots=True)
class Spot:
    """What may stand at a path.

    Attributes:
        reader: of the value there; None where the language knows of none.
        key: the key that the value belongs to, where a block has it.
        name: whether the last step of the path is a name of the writer's own.
    """

    reader: object | None
    key: KeyOf | None = None
    name: bool = False


def spot_at(path: Path, tree: Node | None) -> Spot:
    """What may stand at `path`; the tree tells a choice's values from parameters below it."""
    spot, first = Spot(ROOT), 0
    if path[:1] in ((OWN,), (METADATA,)):
        spot, first = Spot(Block(TemplateSpec if path[0] == OWN else TemplateMetadata)), 1
    for place in range(first, len(path)):
        spot = below(spot, path[: place + 1], tree, path[place + 1 :])
        if spot.reader is None:
            return spot
    return spot


def below(above: Spot, path: Path, tree: Node | None, following: Path = ()) -> Spot:
    """What may stand at `path`, from what may stand one step above it."""
    reader, step = above.reader, path[-1]
    keys = keys_at(reader)
    if step in keys:
        key = keys[str(step)]
        return Spot(_inner(key.reader), key)
    match reader:
        case ListOf() if isinstance(step, int):
            return Spot(_inner(cast("ListOf[object]", reader).item))
        case MapOf():
            return Spot(_inner(cast("MapOf[object]", reader).value), name=True)
        case OperationsReader() if isinstance(step, int):
            return Spot(reader)
        case SearchSpaceReader():
            return Spot(ParameterReader(), name=True)
        case SubmoduleReader():
            inner = _in_submodule(path, str(step), tree, following)
            return Spot(inner, name=isinstance(inner, ParameterReader))
        case _:
            return Spot(None)


def _in_submodule(
    path: Path, name: str, tree: Node | None, following: Path
) -> SearchSpaceReader | ParameterReader:
    """What a key of a `submodule` has: parameters, if it is a value of the host; else it is one."""
    host = node_at(tree, path[:-2])
    if isinstance(host, MappingNode):
        values = values_of(host)
        return SearchSpaceReader() if name in map(value_to_text, values) else ParameterReader()
    is_parameter = bool(following) and following[0] in keys_of(Parameter)
    return ParameterReader() if is_parameter else SearchSpaceReader()


def _inner(reader: object) -> object:
    """Without what only adds a place."""
    return cast("Placed[object]", reader).reader if isinstance(reader, Placed) else reader


def keys_at(reader: object) -> Mapping[str, KeyOf]:
    """The keys that the language itself knows of a mapping that `reader` reads."""
    match reader:
        case Block():
            return keys_of(cast("Block[object]", reader).type)
        case OneKeyOf():
            types = cast("OneKeyOf[object]", reader).types
            return {name: key for t in types for name, key in keys_of(t).items()}
        case ParameterReader():
            return keys_of(Parameter)
        case _:
            return {}


def is_mapping(reader: object) -> bool:
    """Whether a value is written as keys below its own."""
    return isinstance(
        reader, Block | OneKeyOf | MapOf | ParameterReader | SearchSpaceReader | SubmoduleReader
    )


def node_at(tree: Node | None, path: Path) -> Node | None:
    """The value at a path of a tree, or None where it is not written."""
    node = tree
    for step in path:
        match node:
            case MappingNode() if isinstance(step, str):
                node = node.get(step)
            case SequenceNode(items=items) if isinstance(step, int) and step < len(items):
                node = items[step]
            case _:
                return None
    return node


def values_of(parameter: Node | None) -> tuple[Value, ...]:
    """The values of a choice, as far as they are written out; empty for anything else."""
    if isinstance(parameter, MappingNode) and parameter.get("range") is not None:
        return values_of(parameter.get("range"))
    if isinstance(parameter, MappingNode) and _is_bool(parameter.get("type")):
        return (False, True)
    match parameter:
        case MappingNode() | SequenceNode():
            found = RangeReader().read(parameter, ("range",), Reading())
            return () if isinstance(found, Invalid) else _items(found.domain)
        case Scalar(text=text) if text:
            return _of_text(text)
        case _:
            return ()


def _is_bool(node: Node | None) -> bool:
    return isinstance(node, Scalar) and node.text == "bool"


def _of_text(text: str) -> tuple[Value, ...]:
    from omniforce.spec.expression.form import ParameterForm
    from omniforce.spec.expression.parse import parse
    from omniforce.spec.expression.syntax_problem import SyntaxProblem

    try:
        form = parse("parameter", text)
    except SyntaxProblem:
        return ()
    if not isinstance(form, ParameterForm):
        return ()
    return (False, True) if form.type == "bool" else _items(form.domain)


def _items(domain: object) -> tuple[Value, ...]:
    return domain.items if isinstance(domain, SetOf) else ()
