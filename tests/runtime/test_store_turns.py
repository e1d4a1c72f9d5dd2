"""SQLite's writers stand in line; nothing hangs on it where somebody in it has stopped."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

from omniforce.runtime.store.store import Store
from omniforce.runtime.store.turns import turn

HOLD = """
import sys, time
from omniforce.runtime.store.turns import turn
with turn(sys.argv[1], 5.0):
    print("held", flush=True)
    time.sleep(600)
"""


def test_one_has_the_turn_at_a_time(tmp_path: Path) -> None:
    inside: list[int] = []
    most: list[int] = []

    def work() -> None:
        for _ in range(20):
            with turn(str(tmp_path), 30.0):
                inside.append(1)
                most.append(len(inside))
                time.sleep(0)
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(most), max(most)) == (120, 1)


def test_a_turn_ends_with_its_process_and_does_not_hang_on_one_that_has_stopped(
    tmp_path: Path,
) -> None:
    store = Store.at(tmp_path / "study.db", patience=0.1)
    run = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(run, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        store.create_study("s", "{}", "d", 1.0)
        other.kill()
        other.wait()
    with turn(str(tmp_path), 30.0):
        assert store.study("s") is not None
    store.close()


def test_where_there_is_no_line_the_work_is_done_all_the_same(tmp_path: Path) -> None:
    done = []
    with turn(str(tmp_path / "missing"), 1.0):
        done.append(1)
    assert done == [1]
    assert list(tmp_path.iterdir()) == []
