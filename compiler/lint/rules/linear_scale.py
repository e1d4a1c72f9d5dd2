"""A log scale over a range so short that it changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from omniforce.spec.analysis.hints import better_scale
from omniforce.spec.space import FloatRange, IntRange

from ..advice import Advice, Subject
from ..edits import replace_value, without_word


def linear_scale(subject: Subject) -> Iterator[Advice]:
    """Asks for a linear scale below one decade."""
    for place, coordinate in subject.coordinates():
        match coordinate.domain:
            case IntRange() | FloatRange() as domain if better_scale(domain) == "linear":
                yield Advice(
                    f"`{place.name}` has a log scale over less than one decade",
                    place.at("scale"),
                    f"its high end is {domain.high / domain.low:.3g} times its low end",
                    "remove `log`, or widen the range",
                    edits=replace_value(place.inner("scale"), "linear")
                    or without_word(place.node, "log"),
                )
            case _:
                pass
