"""The best trials stand at the edge of a range: better ones may lie beyond it.

learning_rate: 1e-4...1e-2 log   the best of 60 trials have 0.0087, 0.0094 and 0.0099
=>  learning_rate: 1e-4...1e-1 log
"""

from __future__ import annotations

from collections.abc import Iterator

from omniforce.spec.space import Coordinate, FloatRange, IntRange

from ...quantities import show_metric, show_value
from ..advice import Advice, Change, Subject

LEAST = 20
EDGE = 0.12
FEWEST = 4  # values; of fewer, every second trial stands at an end
MOST_OF_THEM = 2 / 3


def edges(subject: Subject) -> Iterator[Advice]:
    """Looks at every number of which most of the best trials stand at one end."""
    if len(subject.ranked) < LEAST:
        return
    seen = set[tuple[str, int]]()
    for at, coordinate in enumerate(subject.search.space):
        if not isinstance(coordinate.domain, IntRange | FloatRange):
            continue
        axis = subject.encoding.axes[at]
        had = [t for t in subject.best if coordinate.id in t.present_point]
        if len(had) < 4:
            continue
        places = [axis.encode(trial.present_point[coordinate.id]) for trial in had]
        count = axis.count
        if count is not None and count < FEWEST:
            continue
        edge = EDGE if count is None else max(EDGE, 0.75 / count)
        for end in (0, 1):
            there = [abs(place - end) <= edge for place in places]
            wider = _wider(coordinate, end)
            if (
                not there[0]
                or sum(there) < MOST_OF_THEM * len(there)
                or wider is None
                or (coordinate.name, end) in seen
            ):
                continue
            seen.add((coordinate.name, end))
            values = ", ".join(show_value(t.present_point[coordinate.id]) for t in had[:3])
            figures = ", ".join(
                show_metric(subject.objective, t.metrics[subject.objective]) for t in had[:3]
            )
            word, bound = ("least", coordinate.domain.low), ("most", coordinate.domain.high)
            name, value = (word, bound)[end]
            yield Advice(
                "edges",
                f"the best trials have nearly the {name} that `{coordinate.name}` can be",
                (
                    f"{sum(there)} of the best {len(there)} stand at its end {show_value(value)}",
                    f"the first have {values}, with {subject.objective} {figures}",
                ),
                f"let it go to {wider}",
                (Change(("spec", "searchSpace", coordinate.name), wider, end),),
            )


def _wider(coordinate: Coordinate, end: int) -> str | None:
    """Where the range should end; None where the end lies in the nature of the number."""
    domain = coordinate.domain
    if not isinstance(domain, IntRange | FloatRange) or domain.scale == "logit":
        return None
    low, high = domain.low, domain.high
    if domain.scale == "log":
        wider = low / 10 if end == 0 else high * (10 if isinstance(domain, FloatRange) else 4)
    else:
        if end == 0 and low >= 0:
            wider = low / 2 if low > 0 else low
        elif end == 1 and isinstance(domain, FloatRange) and low >= 0 and high <= 1:
            wider = high if high >= 0.9 else min(1.0, high * 1.5)
        else:
            span = (high - low) / 2
            wider = low - span if end == 0 else high + span
    if isinstance(domain, IntRange):
        step = domain.step
        moved = round((wider - low) / step) * step + low
        wider = max(moved, 1) if low >= 1 else moved
    if wider == (low, high)[end]:
        return None
    return f"{wider:.6g}"
