"""What the spec sets of an algorithm's arguments, held against its description.

A parameter that is only there to compute others from, or is computed to be read by conditions and
constraints, need not be read by the algorithm.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from omniforce.spec.blocks.algorithm import AlgorithmInterface, Argument
from omniforce.spec.diagnostic import Diagnostic, Related
from omniforce.spec.expression.evaluate import names
from omniforce.spec.expression.tree import Literal_, Value
from omniforce.spec.fix import NO_FIX, respelled
from omniforce.spec.nodes import MappingNode, Node, Scalar, SequenceNode
from omniforce.spec.readers import nearest, or_list
from omniforce.spec.source import Path, Span
from omniforce.spec.space import Choice, Derived, Domain, FloatRange, IntRange, Space

from ..ir.program import Search
from .context import Context
from .unknown_choices import Places, listed, places_of, unknown_choices

CUSTOM = "custom/"
"""How lowering calls an estimator of the writer's own, of which only names are known."""

COMPUTED = FloatRange(-math.inf, math.inf)
"""Where a computed number that need not be whole may lie."""


def argument_faults(
    search: Search, interface: AlgorithmInterface, context: Context
) -> Iterator[Diagnostic]:
    """Parameters nobody reads, arguments nobody sets, and values that do not fit."""
    fixed = dict(search.arguments)
    searched = _set_by(search.space)
    helping = _helping(search.space, context)
    known = {a.name: a for a in interface.arguments}
    for name in (n for n in fixed if n in searched):
        yield Diagnostic(
            "OFC326",
            f"`{name}` is fixed under `arguments` and searched as well",
            context.key_at("spec", "algorithm", "arguments", name),
            "fixed here",
            f"remove `{name}` from `arguments`, or from `searchSpace`",
            related=_related(_parameter(name, context), "searched here"),
        )
    if not known:
        return
    for name in dict.fromkeys((*searched, *fixed)):
        if name not in known and name not in helping:
            where = (
                _parameter(name, context)
                if name in searched
                else context.key_at("spec", "algorithm", "arguments", name)
            )
            yield _unread(name, known, interface, where, name not in searched)
    if interface.name.startswith(CUSTOM):
        return
    for name, argument in known.items():
        if name in searched:
            for domain in searched[name]:
                span = _values_at(name, context)
                yield from _misfit(argument, domain, span, places_of(_path(name, context), context))
        elif name in fixed:
            span = context.at("spec", "algorithm", "arguments", name)
            yield from _misfit(argument, Choice((fixed[name],)), span, {})
        elif argument.default is None:
            yield Diagnostic(
                "OFC323",
                f"nothing sets `{name}`, which `{interface.name}` needs",
                context.key_at("spec", "algorithm"),
                f"`{name}` has no default",
                f"search it, or fix it with `arguments: {{{name}: ...}}`",
            )


def _set_by(space: Space) -> dict[str, list[Domain]]:
    """What a trial sets, by argument: searched, as a list, or computed; one for each branch."""
    by_name: dict[str, tuple[str, Domain]] = {c.name: (c.argument, c.domain) for c in space}
    by_name |= {c.name: (c.argument, Choice(c.values)) for c in space.composites}
    by_name |= {d.name: (d.argument, _like(d)) for d in space.derived}
    found: dict[str, list[Domain]] = {}
    for argument, domain in by_name.values():
        found.setdefault(argument, []).append(domain)
    return found


def _like(derived: Derived) -> Domain:
    """A domain of the type that a derived value has."""
    match derived:
        case Derived(expression=Literal_(value=value)):
            return Choice((float(value),) if derived.type == "float" else (value,))
        case Derived(type="int"):
            return IntRange(-(2**62), 2**62)
        case Derived(type="float"):
            return COMPUTED
        case Derived(type="bool"):
            return Choice((False, True))
        case _:
            return Choice(())


def _helping(space: Space, context: Context) -> frozenset[str]:
    """The parameters that are there for others: read by computed values, or computed and read."""
    called = {c.name: c.argument for c in space}
    read = {called.get(n.name, n.name) for d in space.derived for n in names(d.expression)}
    texts = " ".join(
        text
        for block in ("searchSpace", "constraints")
        for text in _texts(_block(context.document, block))
    )
    words = set(re.findall(r"[A-Za-z_][A-Za-z0-9_]*", texts))
    return frozenset(read | {d.argument for d in space.derived if d.argument in words})


def _block(document: Node | None, name: str) -> Node | None:
    spec = document.get("spec") if isinstance(document, MappingNode) else None
    return spec.get(name) if isinstance(spec, MappingNode) else None


def _texts(node: Node | None) -> Iterator[str]:
    """The values in a block that are texts, without its keys."""
    match node:
        case Scalar(text=text):
            yield text
        case SequenceNode(items=items):
            for item in items:
                yield from _texts(item)
        case MappingNode(entries=entries):
            for entry in entries:
                yield from _texts(entry.value)
        case _:
            return


def _values_at(name: str, context: Context) -> Span | None:
    """Where it is written what a parameter may be."""
    path = _path(name, context)
    computed = (*path, "value")
    return context.at(*(computed if computed in context.spans else (*path, "range")))


def _parameter(name: str, context: Context) -> Span | None:
    return context.key_at(*_path(name, context))


def _path(name: str, context: Context) -> Path:
    """Where a parameter stands, however deep in the tree of the search space."""
    root: Path = ("spec", "searchSpace")
    paths = (p for p in context.spans if p[:2] == root and p[-1] == name)
    return min(paths, key=len, default=root)


def _related(span: Span | None, label: str) -> tuple[Related, ...]:
    return (Related(span, label),) if span is not None else ()


def _unread(
    name: str,
    known: dict[str, Argument],
    interface: AlgorithmInterface,
    span: Span | None,
    fixed: bool,
) -> Diagnostic:
    meant = nearest(name, known)
    # A parameter of the space may be named in conditions as well, so only a fixed one is sure.
    fix = respelled(span, name, meant, known) if fixed and span is not None else NO_FIX
    return Diagnostic(
        "OFC322",
        f"`{interface.name}` does not read `{name}`",
        span,
        f"did you mean `{meant}`?" if meant else "nothing reads it",
        f"write `{meant}`" if meant else f"it reads {or_list(known)}",
        edits=fix.edits,
        applicable=fix.applicable,
    )


def _misfit(
    argument: Argument,
    domain: Domain,
    span: Span | None,
    places: Places,
) -> Iterator[Diagnostic]:
    """What of a domain the argument cannot take: a wrong type, or choices it does not know."""
    if not _fits(argument, domain):
        yield Diagnostic(
            "OFC325",
            f"`{argument.name}` takes {_WORDS[argument.type]}, not {_describe(domain)}",
            span,
            f"expected {_WORDS[argument.type]}",
            f"the algorithm knows {listed(argument.values)}"
            if argument.values
            else "make it whole, as in `round(a * b)`"
            if argument.type == "int" and domain == COMPUTED
            else f"give it {_FORMS[argument.type]}",
        )
    elif argument.values and (unknown := [v for v in _listed(domain) if v not in argument.values]):
        yield unknown_choices(argument, tuple(unknown), span, places)


_WORDS = {
    "int": "whole numbers",
    "float": "numbers",
    "bool": "`true` and `false`",
    "choice": "one of its choices",
}


_FORMS = {
    "int": "`type: int` and a range such as `1...8`",
    "float": "`type: float` and a range such as `0.1...1`",
    "bool": "`type: choice` and the range `{true, false}`",
    "choice": "`type: choice`",
}


def _fits(argument: Argument, domain: Domain) -> bool:
    match domain:
        case IntRange():
            return argument.type in ("int", "float") or _is_listed(argument, domain)
        case FloatRange():
            return argument.type == "float"
        case Choice(values=values):
            return all(_takes(argument, v) for v in values)


def _is_listed(argument: Argument, domain: IntRange) -> bool:
    if (domain.high - domain.low) // domain.step > len(argument.values):
        return False
    values = range(domain.low, domain.high + 1, domain.step)
    return argument.type == "choice" and all(v in argument.values for v in values)


def _takes(argument: Argument, value: Value) -> bool:
    match argument.type:
        case "int":
            return type(value) is int
        case "float":
            return type(value) in (int, float)
        case "bool":
            return type(value) is bool
        case "choice":
            return True


def _listed(domain: Domain) -> tuple[Value, ...]:
    return domain.values if isinstance(domain, Choice) else ()


def _describe(domain: Domain) -> str:
    match domain:
        case IntRange():
            return "a range of whole numbers"
        case FloatRange():
            return "real numbers" if domain == COMPUTED else "a range of real numbers"
        case Choice(values=values):
            return listed(values) if len(values) <= 6 else "these choices"
