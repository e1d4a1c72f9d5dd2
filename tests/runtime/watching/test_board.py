"""A study as people watch it: the board, its lines, its view."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from omniforce.runtime.steering.steering import Steering
from omniforce.runtime.steering.stored import StoredStudy
from omniforce.runtime.store.trial import Point
from omniforce.runtime.watching.board import Board
from omniforce.runtime.watching.lines import Lines
from omniforce.runtime.watching.view import view

from ..exchange.studies import START, Made, spec

SPACE = 'depth: 1...9\nfamily: "{mlp, cnn}"'
MLP = {"depth": 3, "family": "mlp"}
POINTS = [Point(0, "accuracy", 0.5), Point(1, "accuracy", 0.75)]


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Made]:
    made = Made(spec(SPACE, ["maximize accuracy", "minimize cost"]), tmp_path / "study.db")
    yield made
    made.store.close()


def board_of(study: Made) -> Board:
    access = StoredStudy(study.store, "s", "me@here")
    board = Board.of(access.record())
    for changes in access.changes(seconds=0.0):
        board.take(changes)
    return board


def test_a_board_has_counts_the_best_and_what_is_spent(study: Made) -> None:
    study.run(MLP, {"accuracy": 0.5, "cost": 1.0})
    study.run(MLP, {"accuracy": 0.25, "cost": 2.0})
    study.run(MLP, {"accuracy": 0.75, "cost": 3.0})
    study.run(MLP, None)
    study.start(study.propose(MLP))
    board = board_of(study)
    assert board.counts == {"completed": 3, "failed": 1, "running": 1}
    assert board.best is not None
    assert board.best.number == 2
    assert [trial.number for trial in board.front] == [2, 0]
    assert board.best_so_far() == ((1.0, 0.5), (2.0, 0.5), (3.0, 0.75))
    assert [(each.name, each.used, each.most) for each in board.spent(study.now)] == [
        ("trials", 5, 20)
    ]
    assert board.left(START + 50) == 150.0


def test_lines_tell_each_trial_once(study: Made) -> None:
    study.run(MLP, {"accuracy": 0.5, "cost": 1.0})
    study.run(MLP, None)
    Steering(study.store, "s", "alice", clock=lambda: study.now).pause()
    access = StoredStudy(study.store, "s", "me@here")
    board, lines = Board.of(access.record()), Lines()
    told: list[str] = []
    (changes,) = access.changes(seconds=0.0)
    for _ in range(2):
        board.take(changes)
        told += lines.of(board, [c for c in changes if not hasattr(c, "action")], study.now)
    assert told == [
        "`s` is paused",
        "trial 0: accuracy 0.5, cost 1 in 10 s [2 of 20 over, 0 running]",
        "trial 1: failed: ValueError: no [2 of 20 over, 0 running]",
    ]


@pytest.mark.parametrize(("width", "height"), [(100, 50), (60, 20), (20, 5), (10, 3)])
def test_a_view_fits_every_terminal(study: Made, width: int, height: int) -> None:
    from rich.console import Console

    study.run(MLP, {"accuracy": 0.5, "cost": 1.0}, POINTS)
    for _ in range(12):
        study.run(MLP, {"accuracy": 0.75, "cost": 1.0}, POINTS)
    for _ in range(4):
        study.start(study.propose({"depth": 9, "family": "cnn"}))
    board = board_of(study)
    from omniforce.runtime.steering.access import Pushed

    board.take(map(Pushed, study.store.curve("s")))
    paper = StringIO()
    console = Console(file=paper, width=width, color_system=None, highlight=False)
    console.print(view(board, study.now, width, height))
    lines = paper.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    text = paper.getvalue()
    assert "s  running" in text
    if height >= 50:
        assert len(lines) <= height
        assert "best accuracy by trials" in text
        assert "accuracy by steps" in text
        assert "13 completed" in text
        assert "depth=9 family=cnn" in text
