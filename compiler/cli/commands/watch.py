"""`ofc watch`: a study as it goes."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from .. import exits
from ..access import Place, access_options
from ..output import DATA, Output, output_options, pass_output
from ..state import late

if TYPE_CHECKING:
    from rich.console import RenderableType

    from omniforce.runtime.steering.access import StudyAccess
    from omniforce.runtime.watching.board import Board


@click.command()
@click.argument("study", required=False)
@click.option("--once", is_flag=True, help="Show how it stands, and stop.")
@click.option("--metric", metavar="NAME", help="Whose curves are drawn.  [default: the objective]")
@access_options
@output_options(formats=DATA)
@pass_output
def command(output: Output, study: str | None, once: bool, metric: str | None, place: Place) -> int:
    """Watch STUDY until it ends: what runs, curves, the best so far, the budget.

    Ctrl-C ends the watching (130), and nothing of the study. Where stdout is no terminal, a line
    is written for each trial that ends; `-o json` and `-o yaml` say how it stands once.
    """
    with late(), place.open(study) as access:
        if once or output.format != "text":
            _once(output, access, metric)
        elif sys.stdout.isatty():
            _live(output, access, metric)
        else:
            _lines(output, access)
    return exits.OK


def _board(access: StudyAccess, metric: str | None) -> Board:
    """A board with the curves of trials that are over: of changes it hears those that come."""
    from omniforce.runtime.choice import objectives
    from omniforce.runtime.steering.access import Pushed
    from omniforce.runtime.watching.board import Board

    board = Board.of(access.record())
    goals = objectives(board.search.goals)
    key = metric if metric is not None else goals[0].metric.key if goals else None
    points = access.curve(None, key) or (access.curve() if metric is None else ())
    board.take(map(Pushed, points))
    return board


def _once(output: Output, access: StudyAccess, metric: str | None) -> None:
    from omniforce.runtime.steering.access import Acted, TrialNow

    board = _board(access, metric)
    board.take(map(TrialNow, access.trials()))
    board.take(map(Acted, access.actions()))
    output.document(_plain(board), _text(output, board, metric))


def _text(output: Output, board: Board, metric: str | None) -> str:
    from io import StringIO
    from shutil import get_terminal_size

    from rich.console import Console

    from omniforce.runtime.watching.view import view

    size = get_terminal_size((100, 40))
    paper = StringIO()
    console = Console(
        file=paper,
        width=size.columns,
        force_terminal=output.paints(sys.stdout),
        color_system="standard" if output.paints(sys.stdout) else None,
        highlight=False,
    )
    console.print(view(board, time.time(), size.columns, 1000, metric))
    return "".join(line.rstrip() + "\n" for line in paper.getvalue().splitlines())


def _live(output: Output, access: StudyAccess, metric: str | None) -> None:
    from rich.console import Console
    from rich.live import Live

    from omniforce.runtime.watching.view import view

    board = _board(access, metric)
    console = Console(no_color=not output.paints(sys.stdout), highlight=False)

    def shown() -> RenderableType:
        return view(board, time.time(), console.width, console.height - 1, metric)

    with Live(console=console, auto_refresh=False, transient=False) as live:
        for changes in access.changes():
            board.take(changes)
            live.update(shown(), refresh=True)


def _lines(output: Output, access: StudyAccess) -> None:
    from omniforce.runtime.watching.board import Board
    from omniforce.runtime.watching.lines import Lines

    board, lines = Board.of(access.record()), Lines()
    for changes in access.changes():
        board.take(changes)
        for line in lines.of(board, changes, time.time()):
            output.document({}, f"{line}\n")
        output.flush()


def _plain(board: Board) -> dict[str, object]:
    from omniforce.runtime.local.shown import plain_trial

    now, best, record = time.time(), board.best, board.record
    return {
        "study": record.name,
        "state": record.state,
        "reason": record.reason,
        "revision": record.revision,
        "started": record.started,
        "finished": record.finished,
        "trials": dict(board.counts),
        "budget": [
            {"name": each.name, "used": each.used, "most": each.most} for each in board.spent(now)
        ],
        "left": board.left(now),
        "running": [plain_trial(board.search, trial) for trial in board.running],
        "best": None if best is None else plain_trial(board.search, best),
        "front": [trial.number for trial in board.front],
        "bestSoFar": [list(each) for each in board.best_so_far()],
        "curves": {
            key: {
                str(number): [[step, value] for step, value in sorted(points.items())]
                for number, points in sorted(trials.items())
            }
            for key, trials in sorted(board.curves.items())
        },
    }
