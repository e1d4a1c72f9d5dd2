"""What a parameter is compared with: one of its values, another parameter, or what it never is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..expression.print import number_to_text, to_text, value_to_text
from ..expression.tree import Compare, Expression, Literal_, Name, Offsets, SetOf, Value
from ..fix import is_sure
from ..readers import nearest, or_list
from ..space import Choice, contains
from .meaning import NOUNS, Computed, Listing, Meaning, kind_of, kind_of_values

if TYPE_CHECKING:
    from .resolve import Resolving

MOST_COMPARED = 200
"""Words that an unknown one is compared with, since each takes its time."""


def equal(resolving: Resolving, node: Compare) -> Compare:
    """`optimizer == sgd`, where a word that is no parameter is a value of the other side."""
    left, right = node.left, node.right
    one, other = _parameter(resolving, left), _parameter(resolving, right)
    if one is not None and other is None and _is_value(right):
        return replace(node, right=_value_of(resolving, one, right))
    if other is not None and one is None and _is_value(left):
        return replace(node, left=_value_of(resolving, other, left))
    made, kind = resolving.typed(left)
    if kind == "any" and isinstance(left, Name) and isinstance(right, Name):
        # The left side is unknown, so nobody can say whether the right is a value of it.
        return replace(node, left=made)
    made_right, right_kind = resolving.typed(right)
    if kind != right_kind and "any" not in (kind, right_kind):
        resolving.fault(
            "OFC209",
            f"`{to_text(left)}` is {NOUNS[kind]} and `{to_text(right)}` is {NOUNS[right_kind]}",
            node.at,
            "they are never equal",
            "compare things of one kind",
        )
    return replace(node, left=made, right=made_right)


def _parameter(resolving: Resolving, node: Expression) -> tuple[str, Meaning] | None:
    """The parameter that a side of a comparison is, if it is just that and has a value."""
    if not isinstance(node, Name) or node.name not in resolving.meanings:
        return None
    meaning = resolving.meanings[node.name]
    return None if isinstance(meaning, Listing) else (node.name, meaning)


def _is_value(node: Expression) -> bool:
    """Whether it is written like a value: a literal, or a word that is no parameter."""
    return isinstance(node, Literal_) or (isinstance(node, Name) and not node.index)


def _value_of(resolving: Resolving, parameter: tuple[str, Meaning], node: Expression) -> Expression:
    """A value that a parameter is compared with; reports what it never is."""
    name, meaning = parameter
    words = isinstance(meaning, Choice) or kind_of(meaning) in ("word", "any")
    if isinstance(node, Name) and (not words or node.name in resolving.meanings):
        resolving.name(node)
        return node
    value: Value = node.name if isinstance(node, Name) else getattr(node, "value", "")
    if not can_be(resolving, name, meaning, value, node.at, alone=True):
        return node
    return Literal_(value, at=node.at)


def can_be(
    resolving: Resolving,
    name: str,
    meaning: Meaning,
    value: Value,
    at: Offsets,
    *,
    alone: bool = False,
) -> bool:
    """Whether a parameter can have a value; reports where it cannot.

    Args:
        resolving: where that is reported.
        name: of the parameter.
        meaning: what values it has.
        value: the one in question.
        at: its place.
        alone: whether nothing but the value stands there.
    """
    shown = value_to_text(value)
    if isinstance(meaning, Computed):
        kind = kind_of_values((value,))
        if kind_of(meaning) not in (kind, "any"):
            resolving.fault(
                "OFC209",
                f"`{name}` is {NOUNS[kind_of(meaning)]} and `{shown}` is {NOUNS[kind]}",
                at,
                "they are never equal",
                "compare things of one kind",
            )
            return False
        return True
    domain = Choice(meaning.values) if isinstance(meaning, Listing) else meaning
    if contains(domain, _as_in(meaning, value)):
        return True
    if isinstance(domain, Choice):
        words = tuple(value_to_text(v) for v in domain.values)
        meant = nearest(shown, words[:MOST_COMPARED])
        resolving.fault(
            "OFC209",
            f"`{shown}` is never in `{name}`"
            if isinstance(meaning, Listing)
            else f"`{name}` is never `{shown}`",
            at,
            f"did you mean `{meant}`?" if meant else f"not a value of `{name}`",
            f"write `{meant}`" if meant else f"write {or_list(words[:12])}",
            meant if meant is not None and alone else "",
            meant is not None and is_sure(shown, meant, words[:MOST_COMPARED]),
        )
        return False
    bounds = f"{number_to_text(domain.low)}...{number_to_text(domain.high)}"
    resolving.fault(
        "OFC209",
        f"`{name}` is never `{shown}`",
        at,
        f"`{name}` goes over `{bounds}`",
        f"write a number of `{bounds}`",
    )
    return False


def member(resolving: Resolving, node: Compare) -> Compare:
    """`kernel in {3, 5}`, or `flip in augment` where that is a subset."""
    if not isinstance(node.right, SetOf):
        return _in_subset(resolving, node)
    items = node.right.items
    parameter = _parameter(resolving, node.left)
    if parameter is not None:
        name, meaning = parameter
        for item in items:
            can_be(resolving, name, meaning, item, node.right.at)
        return node
    made, kind = resolving.typed(node.left)
    found = kind_of_values(items)
    if "any" not in (kind, found) and kind != found:
        resolving.fault(
            "OFC209",
            f"`{to_text(node.left)}` is {NOUNS[kind]} and never in `{to_text(node.right)}`",
            node.at,
            "the kinds differ",
            "compare things of one kind",
        )
    return replace(node, left=made)


def _in_subset(resolving: Resolving, node: Compare) -> Compare:
    """`flip in augment`: of a value, or of a choice with such values."""
    left, right = node.left, node.right
    if not isinstance(right, Name):
        return node
    listing = resolving.meaning(right)
    if listing is None:
        return node
    if not isinstance(listing, Listing) or listing.kind != "subset":
        resolving.fault(
            "OFC222",
            f"`{right.name}` is no subset, so nothing is in it or not"
            if not isinstance(listing, Listing)
            else f"`{right.name}` is a permutation, and each of its values is in it",
            right.at,
            "expected a subset",
            f"write a set as in `{to_text(left)} in {{3, 5}}`"
            if not isinstance(listing, Listing)
            else f"ask for the place, as in `position({right.name}, {to_text(left)}) == 0`",
        )
        return node
    parameter = _parameter(resolving, left)
    if parameter is not None:
        name, meaning = parameter
        if isinstance(meaning, Choice):
            return node
        resolving.fault(
            "OFC209",
            f"`{name}` is {NOUNS[kind_of(meaning)]}, and a subset holds values",
            left.at,
            "expected a value or a choice",
            f"write a value as in `{value_to_text(listing.values[0])} in {right.name}`, or "
            f'`"{name}" in {right.name}` for the word',
        )
        return node
    if not _is_value(left):
        resolving.typed(left)
        resolving.fault(
            "OFC209",
            f"`{to_text(left)}` is looked for in the subset `{right.name}`",
            left.at,
            "expected a value",
            f"write a value as in `{value_to_text(listing.values[0])} in {right.name}`",
        )
        return node
    value: Value = left.name if isinstance(left, Name) else getattr(left, "value", "")
    can_be(resolving, right.name, listing, value, left.at)
    return replace(node, left=Literal_(value, at=left.at))


def _as_in(meaning: Meaning, value: Value) -> Value:
    # `depth == 2.0` compares with 2, as it would in arithmetic.
    listed = isinstance(meaning, Choice | Listing)
    whole = isinstance(value, float) and value.is_integer() and not listed
    return int(value) if whole else value
