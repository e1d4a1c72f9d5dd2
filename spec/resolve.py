"""Says what the words of a condition mean: parameters, or values of a choice; and if it can hold.

`optimizer == sgd` speaks of a parameter and of one of its values; resolved, it is
`optimizer == "sgd"`, which can be evaluated without knowing the space.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import islice
from typing import Literal, assert_never

from .expression.print import number_to_text, to_text, value_to_text
from .expression.tree import (
    And,
    Binary,
    Compare,
    Expression,
    Literal_,
    Name,
    Negate,
    Not,
    Offsets,
    Or,
    Quantity,
    SetOf,
    Value,
)
from .frozen import dataclass
from .readers import nearest, or_list
from .space import Choice, Domain, contains

Kind = Literal["number", "truth", "word", "any"]

MOST_FAULTS = 100
"""Faults after which no further condition is looked at; nobody reads more in one go."""

MOST_COMPARED = 200
"""Names that an unknown one is compared with, since each takes its time."""

_NOUNS: dict[Kind, str] = {
    "number": "a number",
    "truth": "true or false",
    "word": "a word",
    "any": "a value",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a part of an expression."""

    code: str
    message: str
    at: Offsets
    label: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True)
class Resolved:
    """The expression in which each word has its meaning, and what is wrong with it."""

    expression: Expression
    faults: tuple[Fault, ...]


def resolve(condition: Expression, domains: Mapping[str, Domain]) -> Resolved:
    """Resolves a condition or constraint over the parameters `domains`, by their names."""
    resolving = _Resolving(domains, [])
    made, kind = resolving.typed(condition)
    if not resolving.faults and kind not in ("truth", "any"):
        resolving.fault(
            "OFC209",
            f"`{to_text(condition)}` is {_NOUNS[kind]}, neither true nor false",
            condition.at,
            "expected a comparison",
            f"compare it, as in `{to_text(condition)} <= 10`" if kind == "number" else "",
        )
    return Resolved(made, tuple(resolving.faults))


def with_names(expression: Expression, change: Callable[[Name], Expression]) -> Expression:
    """The expression with every name put through `change`."""
    match expression:
        case Name():
            return change(expression)
        case Binary(left=left, right=right) | Compare(left=left, right=right):
            return replace(
                expression, left=with_names(left, change), right=with_names(right, change)
            )
        case And(operands=operands) | Or(operands=operands):
            return replace(expression, operands=tuple(with_names(o, change) for o in operands))
        case Negate(operand=operand) | Not(operand=operand):
            return replace(expression, operand=with_names(operand, change))
        case Literal_() | Quantity() | SetOf():
            return expression
        case _:
            assert_never(expression)


@dataclass(frozen=True, slots=True)
class _Resolving:
    domains: Mapping[str, Domain]
    faults: list[Fault]

    def fault(self, code: str, message: str, at: Offsets, label: str = "", help_: str = "") -> None:
        self.faults.append(Fault(code, message, at, label, help_))

    def typed(self, node: Expression) -> tuple[Expression, Kind]:
        match node:
            case Literal_(value=value):
                return node, _kind_of((value,))
            case Quantity():
                return node, "number"
            case Name():
                return node, self.name(node)
            case Negate(operand=operand):
                return replace(node, operand=self.expect("number", operand)), "number"
            case Binary(left=left, right=right):
                made = replace(
                    node, left=self.expect("number", left), right=self.expect("number", right)
                )
                return made, "number"
            case Not(operand=operand):
                return replace(node, operand=self.expect("truth", operand)), "truth"
            case And(operands=operands) | Or(operands=operands):
                made_ = tuple(self.expect("truth", o) for o in operands)
                return replace(node, operands=made_), "truth"
            case Compare(operator="in" | "not in"):
                return self.member(node), "truth"
            case Compare(operator="==" | "!="):
                return self.equal(node), "truth"
            case Compare(left=left, right=right):
                made__ = replace(
                    node, left=self.expect("number", left), right=self.expect("number", right)
                )
                return made__, "truth"
            case SetOf():
                self.fault(
                    "OFC209", f"the set `{to_text(node)}` is no value", node.at, "", "use `in`"
                )
                return node, "any"
            case _:
                assert_never(node)

    def name(self, name: Name) -> Kind:
        domain = self.domains.get(name.name)
        if domain is not None:
            return _kind_of(domain.values) if isinstance(domain, Choice) else "number"
        meant = nearest(name.name, tuple(islice(self.domains, MOST_COMPARED)))
        known = or_list(tuple(self.domains)[:8]) if self.domains else ""
        self.fault(
            "OFC207",
            f"`{name.name}` is no parameter of the search space",
            name.at,
            f"did you mean `{meant}`?" if meant else "unknown name",
            f"write `{meant}`" if meant else f"the space has {known}" if known else "",
        )
        return "any"

    def expect(self, wanted: Kind, node: Expression) -> Expression:
        """`node` resolved; reports it where it is not of the wanted kind."""
        made, kind = self.typed(node)
        if kind not in (wanted, "any"):
            self.fault(
                "OFC209",
                f"`{to_text(node)}` is {_NOUNS[kind]}, expected {_NOUNS[wanted]}",
                node.at,
                f"expected {_NOUNS[wanted]}",
                "compare words and truth values with `==`, `!=` or `in`"
                if wanted == "number"
                else "write a comparison",
            )
        return made

    def choice(self, node: Expression) -> tuple[str, Domain] | None:
        """The parameter that a side of a comparison is, if it is just that."""
        if not isinstance(node, Name) or node.name not in self.domains:
            return None
        return node.name, self.domains[node.name]

    def equal(self, node: Compare) -> Compare:
        left, right = node.left, node.right
        one, other = self.choice(left), self.choice(right)
        if one is not None and other is None and self.is_value(right):
            return replace(node, right=self.value_of(one, right))
        if other is not None and one is None and self.is_value(left):
            return replace(node, left=self.value_of(other, left))
        made, kind = self.typed(left)
        if kind == "any" and isinstance(left, Name) and isinstance(right, Name):
            # The left side is unknown, so nobody can say whether the right is a value of it.
            return replace(node, left=made)
        made_right, right_kind = self.typed(right)
        if kind != right_kind and "any" not in (kind, right_kind):
            self.fault(
                "OFC209",
                f"`{to_text(left)}` is {_NOUNS[kind]} and `{to_text(right)}` "
                f"is {_NOUNS[right_kind]}",
                node.at,
                "they are never equal",
                "compare things of one kind",
            )
        return replace(node, left=made, right=made_right)

    def is_value(self, node: Expression) -> bool:
        """Whether it is written like a value: a literal, or a word that is no parameter."""
        return isinstance(node, Literal_) or (isinstance(node, Name) and not node.index)

    def value_of(self, parameter: tuple[str, Domain], node: Expression) -> Expression:
        """A value that a parameter is compared with; reports what it never is."""
        name, domain = parameter
        if isinstance(node, Name) and not isinstance(domain, Choice):
            self.name(node)
            return node
        value: Value = node.name if isinstance(node, Name) else getattr(node, "value", "")
        if not self.can_be(name, domain, value, node.at):
            return node
        return Literal_(value, at=node.at)

    def can_be(self, name: str, domain: Domain, value: Value, at: Offsets) -> bool:
        if contains(domain, _as_domain(domain, value)):
            return True
        shown = value_to_text(value)
        if isinstance(domain, Choice):
            words = tuple(value_to_text(v) for v in domain.values)
            meant = nearest(shown, words[:MOST_COMPARED])
            self.fault(
                "OFC209",
                f"`{name}` is never `{shown}`",
                at,
                f"did you mean `{meant}`?" if meant else f"not a value of `{name}`",
                f"write `{meant}`" if meant else f"write {or_list(words[:12])}",
            )
            return False
        bounds = f"{number_to_text(domain.low)}...{number_to_text(domain.high)}"
        self.fault(
            "OFC209",
            f"`{name}` is never `{shown}`",
            at,
            f"`{name}` goes over `{bounds}`",
            f"write a number of `{bounds}`",
        )
        return False

    def member(self, node: Compare) -> Compare:
        parameter = self.choice(node.left)
        items = node.right.items if isinstance(node.right, SetOf) else ()
        if parameter is not None:
            name, domain = parameter
            for item in items:
                self.can_be(name, domain, item, node.right.at)
            return node
        made, kind = self.typed(node.left)
        found = _kind_of(items)
        if "any" not in (kind, found) and kind != found:
            self.fault(
                "OFC209",
                f"`{to_text(node.left)}` is {_NOUNS[kind]} and never in `{to_text(node.right)}`",
                node.at,
                "the kinds differ",
                "compare things of one kind",
            )
        return replace(node, left=made)


def _as_domain(domain: Domain, value: Value) -> Value:
    # `depth == 2.0` compares with 2, as it would in arithmetic.
    whole = isinstance(value, float) and value.is_integer() and not isinstance(domain, Choice)
    return int(value) if whole else value


def _kind_of(values: tuple[Value, ...]) -> Kind:
    if all(isinstance(v, bool) for v in values):
        return "truth"
    if all(isinstance(v, str) for v in values):
        return "word"
    if all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        return "number"
    return "any"
