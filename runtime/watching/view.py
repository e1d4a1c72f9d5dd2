"""A board as it looks on a terminal: counts, budget, curves, what runs, what came last."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nlargest
from typing import TYPE_CHECKING

from omniforce.compiler.diagnostics.width import visible
from omniforce.spec.arguments import to_arguments

from ..choice import metric_keys, objectives
from ..local.standing import best_text
from ..quantities import show_duration, show_metric, show_value
from ..store.trial import SETTLED, Trial
from .board import Board
from .chart import Chart, Curve, chart

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

COLOURS = ("cyan", "yellow", "magenta", "green", "blue", "red")
_STATES = {
    "completed": "green",
    "running": "cyan",
    "measuring": "cyan",
    "reserved": "cyan",
    "failed": "red",
    "timed-out": "yellow",
    "cancelled": "dim",
    "proposed": "dim",
}
MOST_LAST = 8
"""Trials that are over, in the table of those that came last."""

MOST_CURVES = 40
"""Curves of trials that are over; those that run are all drawn."""


def view(
    board: Board, now: float, width: int, height: int, metric: str | None = None
) -> RenderableType:
    """What is shown, in at most `height` lines.

    Args:
        board: up to date.
        now: seconds since the epoch.
        width: columns of the terminal.
        height: lines of it.
        metric: whose curves are drawn; None for the first that is pushed.
    """
    from rich.console import Group

    head = _head(board, now)
    drawn = _charts(board, width, 8 if height >= 30 else 5, metric) if height >= 16 else None
    lines = len(head) + len(board.spent(now))
    left = height - lines - (0 if drawn is None else 12 if height >= 30 else 9) - 1
    parts: list[RenderableType] = [*head]
    if drawn is not None:
        parts += [_blank(), drawn]
    running, last = board.running, _last(board)
    most = max(1, left - 3)
    if running:
        parts.append(_blank())
        parts.append(_trials(board, running[: max(1, most * 2 // 3)], now, "running", width))
        most -= min(len(running), most * 2 // 3) + 2
    if last and most > 1:
        parts.append(_blank())
        parts.append(_trials(board, last[:most], now, "last", width))
    return Group(*parts)


def _blank() -> Text:
    from rich.text import Text

    return Text("")


def _head(board: Board, now: float) -> list[RenderableType]:
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    record = board.record
    until = record.finished if record.finished is not None else now
    reason = "" if record.reason is None else f" ({record.reason})"
    first = Text.assemble(
        (record.name, "bold"),
        "  ",
        (f"{record.state}{reason}", "green" if record.state == "running" else "yellow"),
        f"  {board.search.strategy.name}, {show_duration(max(0.0, until - record.started))}",
        "" if record.revision == 1 else f", revision {record.revision}",
    )
    counts = Text("trials   ")
    for place, (state, count) in enumerate(board.counts.items()):
        counts.append("  " if place else "")
        counts.append(f"{count} {state}", style=_STATES.get(state, ""))
    rows: list[RenderableType] = [first, counts]
    spent = board.spent(now)
    if spent:
        grid = Table.grid(padding=(0, 2))
        for each in spent:
            bar = ProgressBar(total=1.0, completed=each.share, width=24)
            grid.add_row(Text(each.name), bar, Text(each.text))
        left = board.left(now)
        if left is not None:
            grid.add_row(Text("left"), Text(""), Text(f"about {show_duration(left)}"))
        rows.append(grid)
    best = board.best
    if best is not None:
        said = f"best     trial {best.number}: {best_text(board.search, best)}"
        if len(objectives(board.search.goals)) > 1:
            said += f"; {len(board.front)} on the front"
        rows.append(Text(said, style="green"))
    if board.actions:
        act = board.actions[-1]
        ago = show_duration(max(0.0, now - act.at))
        rows.append(Text(visible(f"last     {act.actor}: {act.action}, {ago} ago"), style="dim"))
    return rows


def _charts(board: Board, width: int, height: int, metric: str | None) -> RenderableType | None:
    from rich.columns import Columns

    first = [goal.metric.key for goal in objectives(board.search.goals)][:1]
    side = max(20, min(60, (width - 4) // 2))
    found: list[RenderableType] = []
    best = board.best_so_far()
    if best and first:
        title = f"best {first[0]} by trials"
        found += _drawn(title, [Curve(best, "green")], side, height, first[0])
    key = board.metric(metric)
    if key is not None and key in board.curves:
        found += _drawn(f"{key} by steps", _curves(board, key), side, height, key)
    return Columns(found, padding=(0, 2)) if found else None


def _curves(board: Board, key: str) -> list[Curve]:
    """Those of trials that are over are dim, the best one's green, each that runs has its own."""
    curves = board.curves[key]
    running = {trial.number for trial in board.running}
    best = board.best
    over = [number for number in sorted(curves) if number not in running][-MOST_CURVES:]
    drawn = [Curve(tuple(sorted(curves[number].items())), "bright_black") for number in over]
    if best is not None and best.number in curves:
        drawn.append(Curve(tuple(sorted(curves[best.number].items())), "green"))
    for place, number in enumerate(sorted(running & curves.keys())):
        colour = COLOURS[place % len(COLOURS)]
        drawn.append(Curve(tuple(sorted(curves[number].items())), colour))
    return drawn


def _drawn(
    title: str, curves: Sequence[Curve], width: int, height: int, key: str
) -> list[RenderableType]:
    def say(value: float) -> str:
        return show_metric(key, value)

    found = chart(curves, max(2, width - 12), height, say)
    return [] if found is None else [_framed(title, found)]


def _framed(title: str, found: Chart) -> Text:
    from rich.text import Text

    margin = max(len(found.top), len(found.bottom))
    text = Text(no_wrap=True)
    text.append(f"{' ' * margin} {visible(title)}\n", style="bold")
    for place, row in enumerate(found.rows):
        label = found.top if place == 0 else found.bottom if place == len(found.rows) - 1 else ""
        text.append(f"{label:>{margin}} ", style="dim")
        for character, style in row:
            text.append(character, style=style or None)
        text.append("\n")
    across = len(found.rows[0]) - len(found.left)
    text.append(f"{' ' * margin} {found.left}{found.right:>{max(1, across)}}", style="dim")
    return text


def _trials(board: Board, trials: Sequence[Trial], now: float, title: str, width: int) -> Table:
    from rich.table import Table
    from rich.text import Text

    keys = metric_keys(board.search.goals)
    running = [trial.number for trial in board.running]
    rows: list[tuple[str, ...]] = []
    styles: list[str] = []
    for trial in trials:
        mine = trial.number in running
        state = trial.state if trial.failure is None else f"{trial.state} ({trial.failure})"
        rows.append(
            (
                str(trial.number),
                f"{state} (ending)" if trial.stop and mine else state,
                _took(trial, now),
                *(_figure(board, trial, key) for key in keys),
                visible(parameters_text(board, trial)),
            )
        )
        colour = COLOURS[running.index(trial.number) % len(COLOURS)] if mine else ""
        styles.append(colour or _STATES.get(trial.state, ""))
    head = (title, "state", "for", *map(visible, keys), "parameters")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    # parameters give way where the terminal is narrow, figures do not
    widths[-1] = max(10, min(widths[-1], width - sum(widths[:-1]) - 2 * len(widths)))
    for name, wide in zip(head, widths, strict=True):
        table.add_column(name, no_wrap=True, overflow="ellipsis", width=wide)
    for row, style in zip(rows, styles, strict=True):
        number, *rest = row
        table.add_row(Text(number, style=style), *map(Text, rest))
    return table


def _took(trial: Trial, now: float) -> str:
    if trial.state in SETTLED:
        return show_duration(trial.seconds)
    return "-" if trial.started is None else show_duration(max(0.0, now - trial.started))


def _figure(board: Board, trial: Trial, key: str) -> str:
    """The result, or in brackets the last that was pushed."""
    if key in trial.metrics:
        return show_metric(key, trial.metrics[key])
    pushed = board.curves.get(key, {}).get(trial.number)
    return f"({show_metric(key, pushed[max(pushed)])})" if pushed else "-"


def parameters_text(board: Board, trial: Trial) -> str:
    """`family=cnn channels=8,16`."""
    arguments = to_arguments(board.search.space, trial.present_point)
    return " ".join(f"{name}={_value(value)}" for name, value in arguments.items())


def _value(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(_value, value)) or "none"
    return show_value(value) or "-"


def _last(board: Board) -> tuple[Trial, ...]:
    """What came last, the latest first."""
    over = (trial for trial in board.trials.values() if trial.state in SETTLED)
    return tuple(nlargest(MOST_LAST, over, key=lambda t: (t.finished or 0.0, t.number)))
