"""What happens in a study, a line each, where no terminal can show it as it stands."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from omniforce.compiler.diagnostics.width import visible

from ..local.standing import best_text
from ..quantities import show_duration
from ..steering.access import Acted, Change, StudyNow, TrialNow
from ..store.trial import LEASED, SETTLED, Trial
from .board import Board


class Lines:
    """Tells each change once."""

    def __init__(self) -> None:
        self._state = ""
        self._told: dict[int, str] = {}

    def of(self, board: Board, changes: Sequence[Change], now: float) -> Iterator[str]:
        """The lines of some changes, which the board has taken already."""
        for change in changes:
            match change:
                case TrialNow(trial=trial):
                    yield from self._trial(board, trial, now)
                case Acted(action=action):
                    yield visible(f"{action.actor}: {action.action} {_detail(action.detail)}")
                case StudyNow(record=record) if record.state != self._state:
                    self._state = record.state
                    reason = "" if record.reason is None else f" ({record.reason})"
                    yield f"`{record.name}` is {record.state}{reason}"
                case _:
                    pass

    def _trial(self, board: Board, trial: Trial, now: float) -> Iterator[str]:
        said = f"{trial.attempt} {trial.state}"
        if trial.state not in SETTLED or self._told.get(trial.number) == said:
            return
        self._told[trial.number] = said
        yield visible(f"trial {trial.number}: {_outcome(board, trial)} [{count(board, now)}]")


def count(board: Board, now: float) -> str:
    """`3 of 40 trials, 2 running, about 5 min left`."""
    running = sum(1 for trial in board.trials.values() if trial.state in LEASED)
    over = sum(1 for trial in board.trials.values() if trial.state in SETTLED)
    most = next((each.most for each in board.spent(now) if each.name == "trials"), None)
    left = board.left(now)
    said = f"{over} over, {running} running" if most is None else f"{over} of {most:g} over"
    said += "" if most is None else f", {running} running"
    return said + ("" if left is None else f", about {show_duration(left)} left")


def _outcome(board: Board, trial: Trial) -> str:
    keys = [goal.metric.key for goal in board.search.goals]
    if trial.state == "completed" and all(key in trial.metrics for key in keys):
        return f"{best_text(board.search, trial)} in {show_duration(trial.seconds)}"
    return f"{trial.state}: {trial.message or trial.failure or 'no reason given'}"


def _detail(text: str) -> str:
    try:
        found = json.loads(text)
    except ValueError:
        return text[:200]
    said = " ".join(f"{name}={json.dumps(value)}" for name, value in found.items())
    return said[:200]
