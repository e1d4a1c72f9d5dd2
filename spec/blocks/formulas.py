"""Reads the `value` of every derived parameter: what it is computed from, and of which type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from ..expression.bounds import Bounds, bounds
from ..expression.evaluate import names
from ..expression.functions import OF_MANY
from ..expression.tree import Binary, Call, Expression, Literal_, Name, Negate
from ..frozen import dataclass
from ..readers import Reading
from ..resolving.meaning import Computed, Kind, Meaning, bounds_of
from ..resolving.resolve import MOST_FAULTS, resolve_term
from ..space import Choice, DerivedType, Domain, IntRange
from .conditions import place_of
from .declaration import Declaration
from .placed import At
from .topological import in_order


@dataclass(frozen=True, slots=True)
class Formulas:
    """What is known of all names before arrays are unrolled.

    Attributes:
        meanings: of every parameter that could be read.
        terms: of each derived one, what it is computed from, its words resolved.
        box: where numbers lie, by name.
    """

    meanings: dict[str, Meaning]
    terms: dict[str, Expression] = field(default_factory=dict)
    box: dict[str, Bounds] = field(default_factory=dict)

    def type(self, name: str) -> DerivedType:
        """Of a derived parameter."""
        meaning = self.meanings[name]
        return meaning.type if isinstance(meaning, Computed) else "any"


def resolve_formulas(
    declared: Mapping[str, Declaration], unreadable: frozenset[str], reading: Reading
) -> Formulas:
    """The derived parameters, each after those that it reads; reports what is wrong.

    Args:
        declared: the parameters that could be read.
        unreadable: names of those that could not; nothing is said of what reads them.
        reading: where findings gather.
    """
    made = Formulas({d.name: d.domain for d in declared.values() if d.domain is not None})
    made.box.update({name: bounds_of(m) for name, m in made.meanings.items()})
    values = {d.name: d.value for d in declared.values() if d.value is not None}
    reads = {
        name: tuple(dict.fromkeys(n.name for n in names(value.value) if n.name in values))
        for name, value in values.items()
    }
    ordered = in_order(reads)
    if ordered.cycle:
        way = " -> ".join(f"`{n}`" for n in ordered.cycle)
        reading.report(
            "OFC208",
            f"the parameters hang on each other in a circle: {way}",
            values[ordered.cycle[0]].span,
            "begins and ends here",
            "compute one of them from something else",
        )
        return made
    before = len(reading.found)
    for name in ordered.names:
        told = unreadable | (values.keys() - made.terms.keys())
        read = {n.name for n in names(values[name].value)}
        if read & (told - {name}) or len(reading.found) - before >= MOST_FAULTS:
            continue
        _resolve(name, values[name], made, reading)
    return made


def _resolve(name: str, value: At[Expression], made: Formulas, reading: Reading) -> None:
    if any(n.name == name for n in names(value.value)):
        return  # a circle of one, which has been reported
    resolved, kind = resolve_term(value.value, made.meanings)
    for fault in resolved.faults:
        place = place_of(value, fault.at)
        reading.report(
            fault.code, fault.message, place, fault.label, fault.help, fix=fault.fix(value.text)
        )
    if resolved.faults:
        return
    made.terms[name] = resolved.expression
    made.meanings[name] = Computed(_type_of(resolved.expression, kind, made))
    made.box[name] = bounds(resolved.expression, made.box)


def _type_of(term: Expression, kind: Kind, made: Formulas) -> DerivedType:
    match kind:
        case "number":
            return "int" if _is_whole(term, made) else "float"
        case "truth":
            return "bool"
        case "word":
            return "word"
        case "any":
            return "any"


def _is_whole(term: Expression, made: Formulas) -> bool:
    """Whether it is a whole number, whatever its operands are."""
    match term:
        case Literal_(value=value):
            return isinstance(value, int) and not isinstance(value, bool)
        case Name(name=name):
            meaning = made.meanings.get(name)
            return meaning == Computed("int") or _is_whole_domain(meaning)
        case Negate(operand=operand):
            return _is_whole(operand, made)
        case Binary(operator="/"):
            return False
        case Binary(operator="**", left=left, right=right):
            whole = _is_whole(left, made) and _is_whole(right, made)
            return whole and bounds(right, made.box).low >= 0
        case Binary(left=left, right=right):
            return _is_whole(left, made) and _is_whole(right, made)
        case Call(function="ceil" | "floor" | "round" | "position" | "size"):
            return True
        case Call(function=function, arguments=arguments):
            kept = function == "abs" or function in OF_MANY
            return kept and all(_is_whole(a, made) for a in arguments)
        case _:
            return False


def _is_whole_domain(meaning: Domain | object) -> bool:
    match meaning:
        case IntRange():
            return True
        case Choice(values=values):
            return all(isinstance(v, int) and not isinstance(v, bool) for v in values)
        case _:
            return False
