"""Parallel coordinates as SVG: a line a trial through its parameters and its figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from omniforce.spec.expression.tree import Value
from omniforce.spec.space import Choice, Coordinate

from ..choice import bound, costs, requirements
from ..quantities import show_metric, show_value, unit_of
from ..store.trial import Trial
from .contents import Contents
from .scale import axis_over

WIDTH, LEFT, TOP, HEIGHT = 1080.0, 84.0, 56.0, 380.0
LOW, ABSENT = HEIGHT - 66.0, HEIGHT - 24.0
MOST = 16
NARROWEST = 64.0
SHADES = 7


@dataclass(frozen=True, slots=True)
class _Upright:
    """One axis.

    Attributes:
        place: where a trial's line crosses it; None where the trial has nothing there.
    """

    title: str
    ticks: tuple[tuple[float, str], ...]
    place: Callable[[Trial], float | None]
    limit: float | None = None


def parallel_figure(contents: Contents) -> str:
    """Parameters first, in the order of the space, then the figures that goals speak of."""
    trials = contents.plotted
    if not trials:
        return '<p class="empty">No trial has figures for all objectives yet.</p>'
    coordinates = {c.id: c for c in contents.search.space}
    metrics = contents.metric_keys
    # Lists and computed values have no axis.
    shown = [name for name in contents.parameters if name in coordinates][: MOST - len(metrics)]
    axes = [
        *(_parameter(coordinates[name], trials) for name in shown),
        *(_metric(key, contents, trials) for key in metrics),
    ]
    gap = max(NARROWEST, (WIDTH - 2 * LEFT) / max(len(axes) - 1, 1))
    width = 2 * LEFT + gap * (len(axes) - 1)
    worst_first = sorted(trials, key=lambda t: costs(contents.goals, t.metrics), reverse=True)
    lines = [
        _line(contents, axes, gap, trial, _shade(i, len(worst_first)))
        for i, trial in enumerate(worst_first)
    ]
    left_out = len(contents.parameters) - len(shown)
    note = f'<p class="note">{left_out} more parameters are in the table.</p>' if left_out else ""
    return (
        f'<div class="wide"><svg class="figure parallel" viewBox="0 0 {width:g} {HEIGHT:g}" '
        f'style="min-width:{width:g}px" role="img" aria-label="parallel coordinates">'
        + "\n".join(
            [*lines, *(_drawn(axis, LEFT + gap * i, i % 2 == 1) for i, axis in enumerate(axes))]
        )
        + f"</svg></div>{note}"
    )


def _parameter(coordinate: Coordinate, trials: Sequence[Trial]) -> _Upright:
    name, domain = coordinate.id, coordinate.domain
    if isinstance(domain, Choice):
        places = _spread(domain.values)
        return _Upright(
            name,
            tuple((at, show_value(value)) for value, at in places),
            lambda trial: next(
                (at for v, at in places if _same(v, trial.present_point.get(name))), None
            ),
        )
    axis = axis_over((float(domain.low), float(domain.high)), LOW, TOP, domain.scale == "log")

    def place(trial: Trial) -> float | None:
        value = trial.present_point.get(name)
        return None if value is None else axis.place(float(value))

    return _Upright(name, tuple((axis.place(v), show_value(v)) for v in axis.ticks(4)), place)


def _same(one: Value, other: Value | None) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _spread(values: Sequence[Value]) -> tuple[tuple[Value, float], ...]:
    step = (LOW - TOP) / max(len(values), 1)
    return tuple((value, LOW - step * (i + 0.5)) for i, value in enumerate(values))


def _metric(key: str, contents: Contents, trials: Sequence[Trial]) -> _Upright:
    values = [trial.metrics[key] for trial in trials if key in trial.metrics]
    limit = next((bound(r) for r in requirements(contents.goals) if r.metric.key == key), None)
    axis = axis_over(values or [0.0], LOW, TOP)

    def place(trial: Trial) -> float | None:
        value = trial.metrics.get(key)
        return None if value is None else axis.place(value)

    unit = unit_of(key, axis.high)
    ticks = tuple((axis.place(v), show_metric(key, v)) for v in axis.ticks(4, unit))
    inside = limit is not None and axis.low <= limit <= axis.high
    return _Upright(key, ticks, place, axis.place(limit) if limit is not None and inside else None)


def _shade(position: int, count: int) -> int:
    return 0 if count < 2 else position * (SHADES - 1) // (count - 1)


def _line(
    contents: Contents, axes: Sequence[_Upright], gap: float, trial: Trial, shade: int
) -> str:
    places = [(LEFT + gap * i, axis.place(trial)) for i, axis in enumerate(axes)]
    points = " ".join(f"{x:.1f},{ABSENT if y is None else y:.1f}" for x, y in places)
    kind = contents.kind(trial)
    return f'<polyline class="line s{shade} {kind}" data-trial="{trial.number}" points="{points}"/>'


def _drawn(axis: _Upright, x: float, second_row: bool) -> str:
    high = TOP - 30 if second_row else TOP - 14  # two rows, so that long names do not collide
    title = axis.title if len(axis.title) <= 26 else f"{axis.title[:25]}…"
    words = f"{escape(title)}<title>{escape(axis.title)}</title>"
    centred = f'x="{x:g}" text-anchor="middle"'
    parts = [
        f'<line class="axis" x1="{x:g}" x2="{x:g}" y1="{TOP:g}" y2="{LOW:g}"/>',
        f'<text class="label" {centred} y="{high:g}">{words}</text>',
        f'<text class="tick absent" {centred} y="{ABSENT + 14:g}">not set</text>',
    ]
    for at, text in axis.ticks:
        parts.append(f'<line class="axis" x1="{x - 4:g}" x2="{x:g}" y1="{at:.1f}" y2="{at:.1f}"/>')
        parts.append(
            f'<text class="tick halo" x="{x - 7:g}" y="{at + 4:.1f}" text-anchor="end">'
            f"{escape(text)}</text>"
        )
    if axis.limit is not None:
        parts.append(
            f'<line class="limit" x1="{x - 12:g}" x2="{x + 12:g}" '
            f'y1="{axis.limit:.1f}" y2="{axis.limit:.1f}"/>'
        )
    return "".join(parts)
