"""The keys that a mapping may have and does not have yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from omniforce.spec.blocks.algorithm import Argument
from omniforce.spec.blocks.parameter import ParameterReader, SubmoduleReader
from omniforce.spec.blocks.search_space import SearchSpaceReader
from omniforce.spec.expression.print import value_to_text
from omniforce.spec.json_schema.key_facts import key_facts, takes_what
from omniforce.spec.nodes import MappingNode, Scalar
from omniforce.spec.readers import KeyOf, ListOf, OneKeyOf

from .document import Document
from .layout import Cursor
from .library import STRATEGY, Library
from .offers import Offer
from .shape import SPACE, Spot, is_mapping, keys_at, node_at, values_of
from .templates import SPEC
from .used import taken

ARGUMENTS = ("spec", "algorithm", "arguments")
OPTIONS = (*STRATEGY, "options")
OWN_KEYS = frozenset(("params", "use"))


def key_offers(
    document: Document, cursor: Cursor, spot: Spot, library: Library
) -> tuple[Offer, ...]:
    """The keys of the mapping at the cursor, those that must be written first."""
    written = document.siblings(cursor.path) - {cursor.text}
    if isinstance(spot.reader, OneKeyOf) and written:
        return ()
    indent = _indent(cursor)
    known = sorted(keys_at(spot.reader).values(), key=lambda k: not k.required)
    single = isinstance(spot.reader, OneKeyOf)
    found = [_of_key(key, indent, cursor.flow, single=single) for key in known]
    found += _own(document, cursor, spot, library, indent)
    if document.template and cursor.path == SPEC:
        written |= OWN_KEYS  # these stand beside a body, not in it
    return tuple(o for o in found if o.label not in written)


def _indent(cursor: Cursor) -> int:
    """Of the keys: where the cursor's text begins, or behind the dash."""
    return cursor.indent if cursor.flow else cursor.column - 1


def _of_key(key: KeyOf, indent: int, flow: bool, *, single: bool) -> Offer:
    detail = "required" if key.required and not single else takes_what(key.reader)
    text = f"{key.name}: "
    if not flow and is_mapping(key.reader) and not isinstance(key.reader, ParameterReader):
        text = f"{key.name}:\n{' ' * (indent + 2)}"
    elif not flow and isinstance(key.reader, ListOf):
        text = f"{key.name}:\n{' ' * (indent + 2)}- "
    return Offer(key.name, "key", text, detail if len(detail) < 60 else "", key_facts(key))


def _own(
    document: Document, cursor: Cursor, spot: Spot, library: Library, indent: int
) -> Iterator[Offer]:
    """Keys whose names the language does not know, and a library does."""
    for each in taken(document, cursor.path):
        below = f"\n{' ' * (indent + 2)}" if each.block and not cursor.flow else " "
        yield Offer(each.name, "params", f"{each.name}:{below}", each.what, each.doc)
    if cursor.path == ARGUMENTS:
        yield from (_of_argument(a) for a in _unset(document, library))
    elif cursor.path == OPTIONS:
        node = node_at(document.tree, (*STRATEGY, "name"))
        for option in library.options(node.text) if isinstance(node, Scalar) else ():
            takes = " or ".join(option.words) or option.kind.__name__
            default = f"\n\nDefault: `{option.default}`" if option.default is not None else ""
            yield Offer(option.name, "key", f"{option.name}: ", takes, f"{option.doc}{default}")
    elif isinstance(spot.reader, SearchSpaceReader | SubmoduleReader):
        host = node_at(document.tree, cursor.path[:-1])
        values = () if cursor.path == SPACE else values_of(host)
        if isinstance(spot.reader, SubmoduleReader) and values:
            below = "" if cursor.flow else f"\n{' ' * (indent + 2)}"
            for value in values:
                name = value_to_text(value)
                yield Offer(name, "value", f"{name}:{below}", f"the parameters of `{name}`")
            return
        for argument in _unset(document, library):
            yield replace(_of_argument(argument), text=f"{argument.name}: ")


def _unset(document: Document, library: Library) -> Iterator[Argument]:
    """What the algorithm reads and neither the space nor `arguments` says."""
    algorithm = library.algorithm(document.tree)
    fixed = node_at(document.tree, ARGUMENTS)
    names = {e.key.text for e in fixed.entries} if isinstance(fixed, MappingNode) else set[str]()
    said = names | document.declared("parameter").keys()
    for argument in algorithm.arguments if algorithm is not None else ():
        if argument.name not in said:
            yield argument


def _of_argument(argument: Argument) -> Offer:
    lines = [argument.doc] if argument.doc else []
    if argument.values:
        lines.append(f"One of {', '.join(f'`{value_to_text(v)}`' for v in argument.values)}.")
    if argument.default is not None:
        lines.append(f"Default: `{value_to_text(argument.default)}`")
    text = f"{argument.name}: "
    return Offer(argument.name, "name", text, argument.type, "\n\n".join(lines))
