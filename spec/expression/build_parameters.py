"""A parameter in one line, from what the parser has matched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from .form import Bell, ParameterForm, Shares
from .modifiers import Modifier, once
from .places import Children, between, offsets_of
from .tree import Interval, Value


class ParameterRules:
    """One method a rule or alias of grammar.lark, given the children in order."""

    def scale(self, children: Children) -> Modifier:
        """`log`."""
        return Modifier("scale", str(children[0]), offsets_of(children[0]))

    def step(self, children: Children) -> Modifier:
        """`step 2`."""
        word, bound = children
        return Modifier("step", bound.value, between(word, bound))

    def default(self, children: Children) -> Modifier:
        """`default 1e-3`."""
        return Modifier("default", children[1], offsets_of(children[0]))

    def count(self, children: Children) -> Modifier:
        """`count depth`."""
        word, length = children
        value = int(length) if length.type == "INT" and len(length) < 7 else str(length)
        return Modifier("count", value, between(word, length))

    def when(self, children: Children) -> Modifier:
        """`when optimizer == sgd`."""
        word, condition = children
        return Modifier("when", condition, between(word, condition))

    def parameter_without_range(self, children: Children) -> ParameterForm:
        """`bool default true`."""
        return _form(str(children[0]), None, children[1:])

    def parameter_with_type(self, children: Children) -> ParameterForm:
        """`int 2...5`."""
        return _form(str(children[0]), children[1], children[2:])

    def parameter_without_type(self, children: Children) -> ParameterForm:
        """`2...5 default 3`."""
        return _form(None, children[0], children[1:])

    def computed_parameter(self, children: Children) -> ParameterForm:
        """`= base * 2 ** depth`."""
        _, value, *modifiers = children
        return ParameterForm(value=value, **once(modifiers))

    def prior_modifier(self, children: Children) -> Modifier:
        """`prior normal(0.1, 0.02)`."""
        word, prior = children
        return Modifier("prior", prior, between(word, prior))

    def size(self, children: Children) -> Modifier:
        """`size 1...2`."""
        word, size = children
        value = size if isinstance(size, Interval) else size.value
        return Modifier("size", value, between(word, size))

    def shared(self, children: Children) -> Modifier:
        """`shared`."""
        return Modifier("shared", True, offsets_of(children[0]))

    def bell(self, children: Children) -> Bell:
        """`normal(0.1, 0.02)`."""
        name, _, *numbers, right = children
        return Bell(str(name), tuple(n.value for n in numbers), at=between(name, right))

    def shares(self, children: Children) -> Shares:
        """`{adam: 0.7, sgd: 0.3}`."""
        left, *items, right = children
        return Shares(tuple(items), at=between(left, right))

    def share(self, children: Children) -> tuple[Value, int | float]:
        """`adam: 0.7`."""
        value, weight = children
        return value, weight.value


def _form(type_: str | None, domain: object, modifiers: Sequence[Modifier]) -> ParameterForm:
    return ParameterForm(type=type_, domain=cast("Any", domain), **once(modifiers))
