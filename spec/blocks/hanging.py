"""What must stand before a parameter: all that its existence or its value hangs on."""

from __future__ import annotations

from collections.abc import Mapping

from ..expression.tree import Expression
from ..expression.walk import mentions
from .declaration import Declaration
from .formulas import Formulas


def hangs_on(
    declaration: Declaration,
    known: Mapping[str, Declaration],
    formulas: Formulas,
    whens: Mapping[str, Expression],
) -> tuple[str, ...]:
    """The parameters that must come before it."""
    found: list[str] = []
    if declaration.branch is not None:
        found.append(declaration.branch.host)
    if declaration.count is not None and isinstance(declaration.count.value, str):
        found.append(declaration.count.value)
    for terms in (formulas.terms, whens):
        if declaration.name in terms:
            found += [n.name for n in mentions(terms[declaration.name])]
    return tuple(n for n in dict.fromkeys(found) if n in known)
