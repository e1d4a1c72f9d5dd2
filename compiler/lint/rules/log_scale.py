"""A range over several decades that is walked in equal steps."""

from __future__ import annotations

from collections.abc import Iterator

from omniforce.spec.analysis.hints import better_scale
from omniforce.spec.space import FloatRange, IntRange

from ..advice import Advice, Subject
from ..edits import append_key, behind_range, replace_value


def log_scale(subject: Subject) -> Iterator[Advice]:
    """Asks for `scale: log` from three decades on."""
    for place, coordinate in subject.coordinates():
        match coordinate.domain:
            case IntRange() | FloatRange() as domain if (
                better_scale(domain) == "log" and coordinate.prior is None
            ):
                yield Advice(
                    f"`{place.name}` spans three decades or more on a linear scale",
                    place.at("range"),
                    f"nine draws of ten lie above {domain.high / 10:g}",
                    "add `scale: log`, or `log` behind the range of the short form",
                    edits=replace_value(place.inner("scale"), "log")
                    or append_key(place.node, "scale: log")
                    or behind_range(place.node, "log"),
                )
            case _:
                pass
