"""A default at the end of its range: beyond it may be better."""

from __future__ import annotations

from collections.abc import Iterator

from omniforce.spec.expression.print import number_to_text
from omniforce.spec.space import FloatRange, IntRange, cardinality

from ..advice import Advice, Subject

FEW = 4
"""Values below which every one stands at an edge, or beside it."""


def default_at_edge(subject: Subject) -> Iterator[Advice]:
    """Asks for room on both sides of a default; zero, one and what a scale forbids are no edges."""
    for place, coordinate in subject.coordinates():
        domain, default = coordinate.domain, coordinate.default
        if not isinstance(domain, IntRange | FloatRange) or default is None:
            continue
        count = cardinality(domain)
        if default not in (domain.low, domain.high) or default in (0, 1):
            continue
        if count is not None and count < FEW:
            continue
        end = "low" if default == domain.low else "high"
        bounds = f"{number_to_text(domain.low)}...{number_to_text(domain.high)}"
        yield Advice(
            f"the default of `{place.name}` is the {end} end of its range `{bounds}`",
            place.at("default"),
            "nothing beyond it is tried",
            "widen the range so that the first guess has room on both sides",
        )
