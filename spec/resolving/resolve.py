"""Says what the words of a condition mean: parameters, or values of a choice; and if it can hold.

`optimizer == sgd` speaks of a parameter and of one of its values; resolved, it is
`optimizer == "sgd"`, which can be evaluated without knowing the space.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import islice
from typing import assert_never

from ..expression.functions import OF_MANY
from ..expression.print import to_text, value_to_text
from ..expression.tree import (
    And,
    Binary,
    Call,
    Compare,
    Expression,
    Literal_,
    Name,
    Negate,
    Not,
    Offsets,
    Or,
    Places,
    Quantity,
    SetOf,
)
from ..fix import NO_FIX, Fix, is_sure, replaced
from ..frozen import dataclass
from ..nodes import Scalar
from ..readers import nearest, or_list
from .calls import call
from .meaning import NOUNS, Kind, Listing, Meaning, kind_of, kind_of_values
from .values import MOST_COMPARED, equal, member

MOST_FAULTS = 100
"""Faults after which no further condition is looked at; nobody reads more in one go."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a part of an expression."""

    code: str
    message: str
    at: Offsets
    label: str = ""
    help: str = ""
    instead: str = ""
    sure: bool = False

    def fix(self, text: Scalar | None) -> Fix:
        """Its edit, in the scalar that its offsets count from."""
        if not self.instead or text is None or not text.exact:
            return NO_FIX
        place = text.inside(self.at.start, self.at.end)
        return replaced(place, self.instead, sure=self.sure)


@dataclass(frozen=True, slots=True)
class Resolved:
    """The expression in which each word has its meaning, and what is wrong with it."""

    expression: Expression
    faults: tuple[Fault, ...]


def resolve(condition: Expression, meanings: Mapping[str, Meaning]) -> Resolved:
    """Resolves a condition or constraint over the parameters `meanings`, by their names."""
    resolving = Resolving(meanings, [])
    made, kind = resolving.typed(condition)
    if not resolving.faults and kind not in ("truth", "any"):
        resolving.fault(
            "OFC209",
            f"`{to_text(condition)}` is {NOUNS[kind]}, neither true nor false",
            condition.at,
            "expected a comparison",
            f"compare it, as in `{to_text(condition)} <= 10`" if kind == "number" else "",
        )
    return Resolved(made, tuple(resolving.faults))


def resolve_term(term: Expression, meanings: Mapping[str, Meaning]) -> tuple[Resolved, Kind]:
    """Resolves what a derived value is computed from, and says of which kind it is.

    One word alone that is like no parameter is a constant.
    """
    resolving = Resolving(meanings, [])
    word = isinstance(term, Name) and not term.index and term.name not in meanings
    if isinstance(term, Name) and word and not resolving.like(term.name):
        return Resolved(Literal_(term.name, at=term.at), ()), "word"
    made, kind = resolving.typed(term)
    if isinstance(term, Name) and word:
        first, *rest = resolving.faults
        first = replace(first, help=f'{first.help}, or `"{term.name}"` for the word')
        resolving.faults[:] = [first, *rest]
    return Resolved(made, tuple(resolving.faults)), kind


def with_names(
    expression: Expression, change: Callable[[Name], Expression], *, in_sums: bool = True
) -> Expression:
    """The expression with every name put through `change`, or every one outside of `sum` and such.

    What `change` makes of the name of a range of places must be a name.
    """

    def within(part: Expression) -> Expression:
        return with_names(part, change, in_sums=in_sums)

    match expression:
        case Name():
            return change(expression)
        case Binary(left=left, right=right) | Compare(left=left, right=right):
            return replace(expression, left=within(left), right=within(right))
        case And(operands=operands) | Or(operands=operands):
            return replace(expression, operands=tuple(map(within, operands)))
        case Negate(operand=operand) | Not(operand=operand):
            return replace(expression, operand=within(operand))
        case Call(function=function, arguments=arguments):
            if function in OF_MANY and not in_sums:
                return expression
            return replace(expression, arguments=tuple(map(within, arguments)))
        case Places(name=name):
            made = change(Name(name, at=expression.at))
            return replace(expression, name=made.name) if isinstance(made, Name) else expression
        case Literal_() | Quantity() | SetOf():
            return expression
        case _:
            assert_never(expression)


@dataclass(frozen=True, slots=True)
class Resolving:
    """One resolution: what names mean, and what has been found wrong."""

    meanings: Mapping[str, Meaning]
    faults: list[Fault]

    def fault(
        self,
        code: str,
        message: str,
        at: Offsets,
        label: str = "",
        help_: str = "",
        instead: str = "",
        sure: bool = False,
    ) -> None:
        """Notes what is wrong."""
        self.faults.append(Fault(code, message, at, label, help_, instead, sure))

    def typed(self, node: Expression) -> tuple[Expression, Kind]:
        """The node resolved, and the kind of its value."""
        match node:
            case Literal_(value=value):
                return node, kind_of_values((value,))
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
                return member(self, node), "truth"
            case Compare(operator="==" | "!="):
                return equal(self, node), "truth"
            case Compare(left=left, right=right):
                made__ = replace(
                    node, left=self.expect("number", left), right=self.expect("number", right)
                )
                return made__, "truth"
            case Call():
                return call(self, node)
            case Places():
                self.fault(
                    "OFC216",
                    f"`{to_text(node)}` is several places where one value is wanted",
                    node.at,
                    "several values",
                    f"name one place, or write `sum({to_text(node)})`",
                )
                return node, "any"
            case SetOf():
                self.fault(
                    "OFC209", f"the set `{to_text(node)}` is no value", node.at, "", "use `in`"
                )
                return node, "any"
            case _:
                assert_never(node)

    def name(self, name: Name) -> Kind:
        """The kind of a parameter that stands for its value; reports one that has no such."""
        meaning = self.meaning(name)
        if isinstance(meaning, Listing):
            first = value_to_text(meaning.values[0])
            asked = (
                f"position({name.name}, {first}) == 0"
                if meaning.kind == "permutation"
                else f"{first} in {name.name}"
            )
            self.fault(
                "OFC222",
                f"`{name.name}` is a {meaning.kind} and has no single value",
                name.at,
                "a list of values",
                f"ask of it as in `{asked}`",
            )
            return "any"
        return "any" if meaning is None else kind_of(meaning)

    def meaning(self, name: Name) -> Meaning | None:
        """What a name means; reports one that nobody knows."""
        known = self.meanings.get(name.name)
        if known is not None:
            return known
        meant = self.like(name.name)
        listed = or_list(tuple(islice(self.meanings, 8))) if self.meanings else ""
        self.fault(
            "OFC207",
            f"`{name.name}` is no parameter of the search space",
            name.at,
            f"did you mean `{meant}`?" if meant else "unknown name",
            f"write `{meant}`" if meant else f"the space has {listed}" if listed else "",
            meant if meant is not None and not name.index else "",
            meant is not None and is_sure(name.name, meant, islice(self.meanings, MOST_COMPARED)),
        )
        return None

    def like(self, name: str) -> str | None:
        """The parameter that an unknown name may be a slip of."""
        return nearest(name, tuple(islice(self.meanings, MOST_COMPARED)))

    def expect(self, wanted: Kind, node: Expression) -> Expression:
        """`node` resolved; reports it where it is not of the wanted kind."""
        made, kind = self.typed(node)
        if kind not in (wanted, "any"):
            self.fault(
                "OFC209",
                f"`{to_text(node)}` is {NOUNS[kind]}, expected {NOUNS[wanted]}",
                node.at,
                f"expected {NOUNS[wanted]}",
                "compare words and truth values with `==`, `!=` or `in`"
                if wanted == "number"
                else "write a comparison",
            )
        return made
