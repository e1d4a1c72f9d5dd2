"""The choices of a parameter that an algorithm does not know, at the place of the first."""

from __future__ import annotations

from collections.abc import Mapping

from omniforce.spec.blocks.algorithm import Argument
from omniforce.spec.diagnostic import Diagnostic, Related
from omniforce.spec.expression.tree import Value
from omniforce.spec.nodes import MappingNode, Scalar, SequenceNode
from omniforce.spec.readers import nearest, or_list
from omniforce.spec.readers.words import short
from omniforce.spec.rules.run import node_at
from omniforce.spec.source import Path, Span

from .context import Context

NAMED = 3
"""Choices that an algorithm does not know, as many as a message names."""

Places = Mapping[tuple[type, Value], Span]
"""Where values stand."""


def unknown_choices(
    argument: Argument, unknown: tuple[Value, ...], span: Span | None, places: Places
) -> Diagnostic:
    """One finding for all choices of a parameter that its argument cannot be.

    Args:
        argument: what the algorithm says of it.
        unknown: at least one.
        span: where the parameter's values stand.
        places: of each value, where it is known.
    """
    first, *further = unknown[:NAMED]
    meant = nearest(_text(first), tuple(map(_text, argument.values)))
    others = len(unknown) - NAMED
    shown = [f"`{short(_text(v))}`" for v in unknown[:NAMED]]
    also = [places[v] for v in map(_key, further) if v in places]
    return Diagnostic(
        "OFC324",
        f"`{argument.name}` cannot be {_one_of(shown, others)}",
        places.get(_key(first), span),
        f"did you mean `{meant}`?" if meant else "not known",
        f"the algorithm knows {listed(argument.values)}",
        related=tuple(Related(place, "not known") for place in also),
    )


def _key(value: Value) -> tuple[type, Value]:
    """`1` and `true` are two values."""
    return type(value), value


def _one_of(shown: list[str], others: int) -> str:
    if others > 0:
        return f"{', '.join(shown)} or {others:,} more of its values"
    return " or ".join((", ".join(shown[:-1]), shown[-1])) if len(shown) > 1 else shown[0]


def places_of(path: Path, context: Context) -> Places:
    """Where each value of the set of a parameter stands, if YAML knows."""
    ranged = (*path, "range")
    node = (
        node_at(context.document, ranged if ranged in context.spans else path)
        if context.document
        else None
    )
    match node:
        case SequenceNode(items=items):
            written = items
        case MappingNode(entries=entries):
            written = tuple(e.key for e in entries)
        case _:
            return {}
    scalars = (n for n in written if isinstance(n, Scalar) and n.value is not None)
    return {_key(n.value): n.span for n in scalars if n.value is not None}


def listed(values: tuple[Value, ...]) -> str:
    """Values as a message lists them."""
    return or_list(tuple(map(_text, values)))


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
