"""A parameter makes no difference that can be seen: it costs trials and gives nothing.

The objective's ranks are compared between the values of a choice, or the quarters of a number.
The share of their variance between the groups, corrected for what chance alone gives (Kelley's
epsilon squared), must be nothing over all trials and nothing over the better half of them.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence

from omniforce.spec.expression.tree import Value
from omniforce.spec.space import Choice, Coordinate

from ...quantities import show_value
from ...store.trial import Trial
from ..advice import Advice, Change, Subject

LEAST = 40


def idle_parameters(subject: Subject) -> Iterator[Advice]:
    """Looks at every scalar parameter that at least `LEAST` trials had."""
    for coordinate in subject.search.space:
        had = [t for t in subject.ranked if coordinate.id in t.present_point]
        if coordinate.index or len(had) < LEAST:
            continue
        half = had[: len(had) // 2]
        shares = [_share(coordinate, trials) for trials in (had, half)]
        if any(share is None or share > 0.0 for share in shares):
            continue
        best = had[0].present_point[coordinate.id]
        yield Advice(
            "idle-parameters",
            f"`{coordinate.name}` makes no difference to `{subject.objective}` that can be seen",
            (
                f"of the order of {len(had)} trials, and of their better half, it explains nothing",
                f"the best trial has {show_value(best)}",
            ),
            f"fix it at {_literal(best)}, so that the trials go to what matters",
            (Change(("spec", "searchSpace", coordinate.name), f"{{{_literal(best)}}}"),),
        )


def _share(coordinate: Coordinate, trials: Sequence[Trial]) -> float | None:
    """Of the ranks' variance, between the groups; None where there are no two groups."""
    values = [trial.present_point[coordinate.id] for trial in trials]
    labels = _groups(coordinate, values)
    groups = [
        [float(rank) for rank, label in enumerate(labels) if label == each]
        for each in dict.fromkeys(labels)
    ]
    count = len(labels)
    if len(groups) < 2 or min(map(len, groups)) < 3:
        return None
    whole = statistics.pvariance(range(count)) * count
    within = sum(statistics.pvariance(group) * len(group) for group in groups)
    return 1.0 - within / (count - len(groups)) / (whole / (count - 1))


def _groups(coordinate: Coordinate, values: Sequence[Value]) -> list[object]:
    if isinstance(coordinate.domain, Choice) or len(set(values)) <= 4:
        return [str(value) for value in values]
    order = sorted(float(value) for value in values)
    cuts = [order[len(order) * part // 4] for part in (1, 2, 3)]
    return [sum(float(value) >= cut for cut in cuts) for value in values]


def _literal(value: Value) -> str:
    return f"{value:.4g}" if isinstance(value, float) else show_value(value)
