"""The front as SVG: each trial by its first two objectives, with the limits that were set."""

from __future__ import annotations

from html import escape

from omniforce.spec.expression.tree import Objective, Requirement

from ..choice import bound, objectives, requirements
from ..quantities import show_metric, unit_of
from ..store.trial import Trial
from .contents import Contents, goal_text
from .scale import Axis, axis_over, worth_seeing

WIDTH, HEIGHT = 1040.0, 440.0
LEFT, RIGHT, TOP, BOTTOM = 72.0, 20.0, 18.0, 52.0
_ORDER = {"broken": 0, "good": 1, "front": 2, "chosen": 3}


def front_figure(contents: Contents) -> str:
    """The second objective to the right, the first upwards; with one alone, trial by trial."""
    plotted = contents.plotted
    if not plotted:
        return '<p class="empty">No trial has figures for all objectives yet.</p>'
    wanted = objectives(contents.goals)
    keys = [goal.metric.key for goal in wanted]
    y_key, x_key = keys[0], keys[1] if len(keys) > 1 else None
    limits = {r.metric.key: r for r in requirements(contents.goals)}
    y = axis_over(_seen(contents, wanted[0]), HEIGHT - BOTTOM, TOP)
    if x_key is None:
        x = axis_over([float(t.number) for t in plotted], LEFT, WIDTH - RIGHT, log=False)
    else:
        x = axis_over(_seen(contents, wanted[1]), LEFT, WIDTH - RIGHT)
    about = escape(f"{y_key} against {x_key or 'trial'}")
    parts = [
        f'<svg class="figure" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{about}">',
        *_grid(x, y, x_key, y_key),
        *(_limit(limits[k], x, y, upright=k == x_key) for k in (x_key, y_key) if k in limits),
        _stairs(contents, x, y, x_key, y_key),
        *(
            _point(contents, trial, x.place(_x(trial, x_key)), y.place(trial.metrics[y_key]))
            for trial in sorted(plotted, key=lambda t: _ORDER[contents.kind(t)])
        ),
        "</svg>",
    ]
    outside = sum(1 for t in plotted if _is_outside(t, x, y, x_key, y_key))
    if outside:
        what = "trial lies" if outside == 1 else "trials lie"
        parts.append(f'<p class="note">{outside} {what} outside and are drawn at the edge.</p>')
    return "\n".join(parts)


def _seen(contents: Contents, objective: Objective) -> tuple[float, ...]:
    key = objective.metric.key
    return worth_seeing(
        [trial.metrics[key] for trial in contents.plotted],
        [trial.metrics[key] for trial in contents.front],
        max if objective.direction == "maximize" else min,
    )


def _is_outside(trial: Trial, x: Axis, y: Axis, x_key: str | None, y_key: str) -> bool:
    inside_x = x.low <= _x(trial, x_key) <= x.high
    return not (inside_x and y.low <= trial.metrics[y_key] <= y.high)


def _x(trial: Trial, key: str | None) -> float:
    return trial.metrics[key] if key else float(trial.number)


def _show(key: str | None, value: float) -> str:
    return show_metric(key, value) if key else f"{value:g}"


def _unit(key: str | None, axis: Axis) -> float:
    return unit_of(key, axis.high) if key else 1.0


def _grid(x: Axis, y: Axis, x_key: str | None, y_key: str) -> list[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = []
    for value in y.ticks(unit=_unit(y_key, y)):
        at = y.place(value)
        parts.append(
            f'<line class="grid" x1="{LEFT:g}" x2="{right:g}" y1="{at:.1f}" y2="{at:.1f}"/>'
        )
        parts.append(
            f'<text class="tick" x="{LEFT - 8:g}" y="{at + 4:.1f}" text-anchor="end">'
            f"{escape(_show(y_key, value))}</text>"
        )
    for value in x.ticks(8, _unit(x_key, x)):
        at = x.place(value)
        parts.append(
            f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{TOP:g}" y2="{bottom:g}"/>'
        )
        parts.append(
            f'<text class="tick" x="{at:.1f}" y="{bottom + 18:g}" text-anchor="middle">'
            f"{escape(_show(x_key, value))}</text>"
        )
    parts.append(
        f'<text class="label" x="{(LEFT + right) / 2:g}" y="{HEIGHT - 8:g}" '
        f'text-anchor="middle">{escape(x_key or "trial")}</text>'
    )
    middle = (TOP + bottom) / 2
    parts.append(
        f'<text class="label" transform="translate(16 {middle:g}) rotate(-90)" '
        f'text-anchor="middle">{escape(y_key)}</text>'
    )
    return parts


def _limit(requirement: Requirement, x: Axis, y: Axis, upright: bool) -> str:
    axis = x if upright else y
    value = bound(requirement)
    if not axis.low <= value <= axis.high:
        return ""  # every trial is on one side of it; the legend tells which ones broke it
    at = axis.place(value)
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    ends = (
        f'x1="{at:.1f}" x2="{at:.1f}" y1="{TOP:g}" y2="{bottom:g}"'
        if upright
        else f'x1="{LEFT:g}" x2="{right:g}" y1="{at:.1f}" y2="{at:.1f}"'
    )
    place = (
        f'x="{at + 5:.1f}" y="{TOP + 12:g}"' if upright else f'x="{LEFT + 6:g}" y="{at - 5:.1f}"'
    )
    text = escape(goal_text(requirement))
    return f'<line class="limit" {ends}/><text class="limit-text" {place}>{text}</text>'


def _stairs(contents: Contents, x: Axis, y: Axis, x_key: str | None, y_key: str) -> str:
    """The edge of what was reached: along it, one objective is paid for with the other."""
    if x_key is None:
        return ""
    places = sorted((x.place(t.metrics[x_key]), y.place(t.metrics[y_key])) for t in contents.front)
    if len(places) < 2:
        return ""
    path = f"M{places[0][0]:.1f} {places[0][1]:.1f}"
    goal = objectives(contents.goals)[1]
    for at_x, at_y in places[1:]:
        path += (
            f"H{at_x:.1f}V{at_y:.1f}" if goal.direction == "minimize" else f"V{at_y:.1f}H{at_x:.1f}"
        )
    return f'<path class="stairs" d="{path}"/>'


def _point(contents: Contents, trial: Trial, x: float, y: float) -> str:
    kind = contents.kind(trial)
    radius = {"chosen": 7.5, "front": 5.5}.get(kind, 4.0)
    return (
        f'<circle class="point {kind}" data-trial="{trial.number}" '
        f'cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}"/>'
    )


def legend(contents: Contents) -> str:
    """What the marks mean, of those that are there."""
    words = {
        "chosen": "chosen",
        "front": "Pareto front",
        "good": "other trials",
        "broken": "breaks a requirement",
    }
    there = {contents.kind(trial) for trial in contents.plotted}
    items = (
        f'<li><svg width="14" height="14"><circle class="point {kind}" cx="7" cy="7" r="5"/></svg>'
        f"{text}</li>"
        for kind, text in words.items()
        if kind in there
    )
    return f'<ul class="legend">{"".join(items)}</ul>'
