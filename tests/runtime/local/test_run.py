"""`ofc run` as people use it: bad trials, Ctrl-C at any moment, and going on."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from .conftest import SPEC, Project


def test_a_search_goes_on_whatever_its_trials_do(project: Project) -> None:
    project.write("{good, raises, exits, is_nan, is_binary}")
    done = project.json("run", "-p", "trials=14", "--no-serve")
    assert (done["state"], done["reason"], done["trials"]) == ("completed", "budget", 14)
    trials = project.json("trials")["trials"]
    expected = {
        "good": ("completed", None),
        "is_binary": ("completed", None),
        "raises": ("failed", "user-error"),
        "exits": ("failed", "exit"),
        "is_nan": ("failed", "nan"),
    }
    for trial in trials:
        kind = trial["parameters"]["kind"]
        assert (trial["state"], trial["failure"]) == expected[kind], trial
        log = Path(trial["log"]).read_bytes()
        if trial["failure"] is not None:
            assert f"-- {trial['failure']}: {trial['message']}".encode() in log
        if kind == "raises":
            assert b"Traceback" in log
    assert done["front"] == sorted(done["front"], key=lambda t: -t["metrics"]["accuracy"])
    assert done["chosen"] == done["front"][0]["trial"]
    model = Path(done["model"]["directory"])
    assert json.loads((model / "model.json").read_text())["trial"] == done["chosen"]
    assert Path(done["report"]).read_text().startswith("<!doctype html>")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_stopped_goes_on_where_it_was(project: Project, number: int) -> None:
    project.write("{slow}")
    with _running(project, "run", "--no-serve", "-p", "trials=16") as process:
        _wait_for(project, process, completed=2)
        process.send_signal(number)
        process.communicate(timeout=30)
    assert process.returncode == (-number if number == signal.SIGKILL else 130)
    # Putting trials back is tried at the stop and done for certain by the next run.
    stopped = project.json("trials")["trials"]
    assert not _children_of_runs(project)
    done = project.json("run", "--no-serve", "-p", "trials=16")
    assert (done["state"], done["trials"]) == ("completed", 16)
    after = project.json("trials")["trials"]
    kept = [trial for trial in stopped if trial["state"] == "completed"]
    assert 2 <= len(kept) < 16
    assert [after[trial["trial"]] for trial in kept] == kept
    assert _count(after) == {"completed": 16}


def test_a_run_that_is_stopped_while_it_starts_leaves_a_study_to_go_on_with(
    project: Project,
) -> None:
    project.write("{slow}")
    for delay in (0.1, 0.3, 0.5, 0.7, 0.9):
        process = project.start("run", "--no-serve", "-p", "trials=12")
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=30)
        assert process.returncode in (130, -signal.SIGINT), stderr
    assert project.json("run", "--no-serve", "-p", "trials=12")["trials"] == 12


def test_a_finished_study_is_not_run_again(project: Project) -> None:
    first = project.json("run", "--no-serve")
    log = (project.home / "logs" / "workers.log").stat()
    again = project.json("run", "--no-serve")
    assert again == first
    assert (project.home / "logs" / "workers.log").stat() == log


def test_a_changed_spec_is_refused_until_the_old_study_is_set_aside(project: Project) -> None:
    project.json("run", "--no-serve")
    refused = project.ofc("run", "--no-serve", "-p", "trials=9")
    assert refused.returncode == 1
    assert "error[OFC760]" in refused.stderr
    assert "--fresh" in refused.stderr
    done = project.json("run", "--no-serve", "-p", "trials=9", "--fresh")
    assert done["trials"] == 9
    assert (project.folder / ".ofc" / "tiny.old-1" / "study.db").exists()
    assert project.json("status")["trials"] == _count(project.json("trials")["trials"])


def test_two_runs_of_one_study_do_not_mix(project: Project) -> None:
    project.write("{slow}")
    with _running(project, "run", "--no-serve", "-p", "trials=1000") as first:
        _wait_for(project, first, completed=0)
        second = project.ofc("run", "--no-serve", "-p", "trials=1000")
        assert second.returncode == 1
        assert "error[OFC762]" in second.stderr
        assert f"(process {first.pid})" in second.stderr


def test_a_full_disk_loses_nothing(project: Project) -> None:
    project.write("{good}")
    logs = project.home / "logs"
    logs.mkdir(parents=True)
    (logs / "trial-0003.log").symlink_to("/dev/full")
    stopped = project.ofc("run", "--no-serve")
    assert stopped.returncode == 1
    assert "error[OFC763]" in stopped.stderr
    kept = [t for t in project.json("trials")["trials"] if t["state"] == "completed"]
    assert kept
    (logs / "trial-0003.log").unlink()
    project.json("run", "--no-serve")
    after = project.json("trials")["trials"]
    assert [after[trial["trial"]] for trial in kept] == kept
    assert _count(after) == {"completed": 8}


def test_a_damaged_store_is_named(project: Project) -> None:
    project.home.mkdir(parents=True)
    (project.home / "study.db").write_bytes(b"no database at all" * 500)
    for command in (("run", "--no-serve"), ("status",), ("trials",)):
        done = project.ofc(*command)
        assert done.returncode == 1
        assert "error[OFC750]" in done.stderr
        assert "Traceback" not in done.stderr


def test_missing_data_is_named(project: Project) -> None:
    (project.folder / "data.csv").unlink()
    done = project.ofc("run")
    assert done.returncode == 1
    assert "error[OFC72" in done.stderr
    assert "data.csv" in done.stderr


def test_an_estimator_that_cannot_be_imported_costs_no_trial(project: Project) -> None:
    project.write("{good}", SPEC.replace("hostile_estimators:", "no_such_module:"))
    done = project.ofc("run")
    assert done.returncode == 1
    assert "error[OFC764]" in done.stderr
    assert all(trial["state"] == "proposed" for trial in project.json("trials")["trials"])


def test_a_study_without_a_good_trial_says_so(project: Project) -> None:
    project.write("{raises}")
    done = project.ofc("run")
    assert done.returncode == 1
    assert "error[OFC766]" in done.stderr
    assert "RuntimeError: the loss" in done.stderr


def test_what_this_machine_does_not_do_is_refused_at_its_place(project: Project) -> None:
    image = SPEC.replace(
        "    estimator: hostile", "    image: registry.example/a:1\n    estimator: hostile"
    )
    project.write("{good}", image.replace("{memory: 256MiB}", "{memory: 256MiB, gpu: 1}"))
    done = project.ofc("run")
    assert done.returncode == 3
    assert done.stderr.count("error[OFC401]") == 2
    assert "omniforce.yaml:9:12" in done.stderr
    assert not (project.folder / ".ofc").exists()


def test_status_and_trials_show_a_study_in_words(project: Project) -> None:
    project.write("{good}")
    project.json("run", "--no-serve")
    status = project.ofc("status", "tiny").stdout.splitlines()
    assert [line.split()[0] for line in status] == [
        *("study", "state", "began", "trials", "best", "front", "folder")
    ]
    assert status[1] == "state    completed (budget)"
    assert status[3] == "trials   8 of 8: 8 completed"
    head, *rows = project.ofc("trials", "--state", "completed").stdout.splitlines()
    assert head.split() == ["trial", "state", "accuracy", "cost", "parameters"]
    assert len(rows) == 8
    front = project.ofc("trials", "--front").stdout.splitlines()[1:]
    assert [int(row.split()[0]) for row in front] == project.json("status")["front"]
    failed = project.ofc("trials", "--state", "failed").stdout
    assert failed == "trial  state  accuracy  cost  parameters\n"


def test_a_study_that_is_not_there_is_named(project: Project) -> None:
    for arguments in (("status",), ("trials", "other"), ("serve",)):
        done = project.ofc(*arguments)
        assert done.returncode == 1
        assert "error[OFC761]" in done.stderr


def _count(trials: list[dict[str, str]]) -> Counter[str]:
    return Counter(trial["state"] for trial in trials)


@contextmanager
def _running(project: Project, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = project.start(*arguments)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _wait_for(project: Project, process: subprocess.Popen[str], completed: int) -> None:
    """Returns as soon as a run under way has so many completed trials, and one at least in all."""
    store = f"file:{project.home / 'study.db'}?mode=ro"
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.poll() is None, process.communicate()
        with suppress(sqlite3.OperationalError), closing(sqlite3.connect(store, uri=True)) as read:
            states = Counter(state for (state,) in read.execute("SELECT state FROM ofc_trials"))
            if states.total() and states["completed"] >= completed:
                return
        time.sleep(0.02)
    raise AssertionError("it never came to that")


def _children_of_runs(project: Project) -> list[str]:
    """Worker processes of this project that still live, a moment after."""
    for _ in range(100):
        found = [
            place.read_bytes().replace(b"\0", b" ").decode()
            for place in Path("/proc").glob("[0-9]*/cmdline")
            if _mentions(place, str(project.folder))
        ]
        if not found:
            return []
        time.sleep(0.05)
    return found


def _mentions(place: Path, text: str) -> bool:
    try:
        return text.encode() in place.read_bytes()
    except OSError:
        return False


@pytest.mark.parametrize(("module", "extra"), [("sqlalchemy", "search"), ("pandas", "data")])
def test_a_missing_extra_says_what_to_install(project: Project, module: str, extra: str) -> None:
    missing = f"raise ModuleNotFoundError('no {module}', name='{module}')\n"
    (project.folder / f"{module}.py").write_text(missing)  # `python -m` looks here first
    done = project.ofc("run")
    assert done.returncode == 1
    assert "error[OFC703]" in done.stderr
    assert f"pip install 'omniforce[{extra}]'" in done.stderr


def test_a_fresh_run_learns_from_the_one_that_it_sets_aside(project: Project) -> None:
    warm = SPEC.replace("    parallelism: 2", "    parallelism: 2\n    warmStart: auto")
    project.write("{good}", warm)
    assert "learns   from nothing" in project.ofc("run", "--no-serve", "-p", "trials=2").stderr
    again = project.ofc("run", "--fresh", "--no-serve", "-p", "trials=2")
    assert "learns   from tiny.old-1 (2 trials)" in again.stderr
