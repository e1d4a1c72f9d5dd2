"""A choice of one value: nothing to search."""

from __future__ import annotations

from collections.abc import Iterator

from omniforce.spec.expression.print import value_to_text
from omniforce.spec.space import Choice

from ..advice import Advice, Subject


def one_value(subject: Subject) -> Iterator[Advice]:
    """Asks to fix what has one value."""
    for place, coordinate in subject.coordinates():
        match coordinate.domain:
            case Choice(values=(value,)):
                yield Advice(
                    f"`{place.name}` is searched and has one value",
                    place.at("range"),
                    "nothing to choose",
                    f"write `{place.name}: {value_to_text(value)}` under `arguments` of "
                    "`algorithm`",
                )
            case _:
                pass
