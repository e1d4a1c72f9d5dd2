"""The parts of the Ray backend that need no Ray: what is asked for, sent, and said of a loss."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from omniforce.runtime.ray import luggage, nearby
from omniforce.runtime.ray.demand import Demand, no_node_fits, rank_environment
from omniforce.runtime.ray.failures import lost
from omniforce.runtime.ray.luggage import code_files, data_files, files_of, home_of, pack, unpacked
from omniforce.spec.blocks.nodes import Nodes
from omniforce.spec.problem import Problem

GIB = 2**30


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"# {name}\n")


def test_a_bundle_has_only_what_is_asked_for() -> None:
    assert Demand(2.0, GIB, 0, Nodes()).bundle == {"CPU": 2.0, "memory": float(GIB)}
    assert Demand(0.5, GIB, 1, Nodes()).bundle == {"CPU": 0.5, "memory": float(GIB), "GPU": 1.0}


@pytest.mark.parametrize(
    ("available", "count"), [({}, 2), ({"CPU": 5.0}, 2), ({"CPU": 12.0}, 6), ({"CPU": 99.0}, 8)]
)
def test_elastic_bounds_are_kept_whatever_is_free(available: dict[str, float], count: int) -> None:
    demand = Demand(2.0, 0, 0, Nodes(2, 8))
    assert demand.most_nodes(available) == count


def test_a_dead_node_holds_no_trial() -> None:
    demand, room = Demand(2.0, 0, 0, Nodes()), {"CPU": 4.0}
    assert not no_node_fits(demand, [{"Alive": True, "Resources": room}])
    assert no_node_fits(demand, [{"Alive": False, "Resources": room}])
    assert no_node_fits(demand, [{"Alive": True, "Resources": {"CPU": 1.0}}] * 2)


def test_one_node_knows_nothing_of_ranks() -> None:
    assert rank_environment(0, 1, "10.0.0.1", 4000) == {}
    several = rank_environment(1, 2, "10.0.0.1", 4000)
    assert (several["RANK"], several["WORLD_SIZE"]) == ("1", "2")
    assert (several["MASTER_ADDR"], several["MASTER_PORT"]) == ("10.0.0.1", "4000")


def test_the_same_files_give_the_same_luggage_and_come_out_as_they_went_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(luggage, "PIECE", 1000)
    write(tmp_path / "one", "a.py", "deep/er/b.py")
    write(tmp_path / "two", "deep/er/b.py", "a.py")
    (tmp_path / "one" / "link.py").symlink_to("/etc/passwd")
    first, second = (pack(files_of(tmp_path / name)) for name in ("one", "two"))
    assert first == second
    assert len(first.pieces) > 1
    pieces = [piece.__class__(piece) for piece in first.pieces]
    with unpacked(first.digest, [lambda each=each: each for each in pieces]) as place:
        names = [name for name, _ in files_of(place)]
        assert sorted(names) == ["a.py", "deep/er/b.py"]
        with unpacked(first.digest, [_never]) as same:  # nothing is fetched twice
            assert same == place
        assert (place / "a.py").read_text() == "# a.py\n"
    assert not place.exists()


def _never() -> bytes:
    raise AssertionError("fetched again")


def test_code_is_python_and_programs_and_no_secret(tmp_path: Path) -> None:
    write(tmp_path, "model.py", "pkg/layers.py", ".env", ".git/hook.py", "data.csv", "train.sh")
    write(tmp_path, "venv/pyvenv.cfg", "venv/lib/x.py", "__pycache__/model.py", "run")
    for name in ("train.sh", "run"):
        (tmp_path / name).chmod(0o755)
    assert sorted(name for name, _ in code_files(tmp_path)) == [
        "model.py",
        "pkg/layers.py",
        "run",
        "train.sh",
    ]


def test_what_is_too_large_to_send_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(luggage, "LARGEST_DATA", 10)
    monkeypatch.setattr(luggage, "LARGEST_CODE", 10)
    write(tmp_path, "a_long_name_of_a_module.py")
    for find in (data_files, code_files):
        with pytest.raises(Problem) as caught:
            find(tmp_path)
        assert caught.value.diagnostic.code == "OFC816"


def test_installed_packages_are_not_sent(tmp_path: Path) -> None:
    write(tmp_path, "mine.py")
    assert home_of("mine:Model", [str(tmp_path)]) == tmp_path
    assert home_of("pytest:Model", [str(tmp_path)]) is None
    assert home_of("omniforce.stdlib_algorithms.x:Model", [str(tmp_path)]) is None
    assert home_of("nowhere_at_all:Model", [str(tmp_path)]) is None


def test_a_folder_of_somebody_else_is_not_unpacked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / f"omniforce-{os.getuid()}").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError), unpacked("0", []):
        pass


class Died(Exception):
    def __init__(self, message: str, preempted: bool = False) -> None:
        super().__init__(message)
        self.preempted = preempted


class OutOfMemoryError(Exception):
    pass


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (Died("The actor died.", preempted=True), "preempted"),
        (Died("The node was preempted by the cloud."), "preempted"),
        (OutOfMemoryError("Task was killed"), "out-of-memory"),
        (Died("The actor is dead: the node was running low on memory."), "out-of-memory"),
        (Died("The actor is dead because its node has died."), "lost-worker"),
        (
            Died("Worker unexpectedly exits. Some common causes include: (1) the OOM killer"),
            "lost-worker",
        ),
        (Died(""), "lost-worker"),
    ],
)
def test_a_loss_is_told_by_what_ray_says(error: Exception, failure: str) -> None:
    found, message = lost(error)
    assert found == failure
    assert message
    assert "\n" not in message


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_nothing_heavy_is_imported_for_it() -> None:
    import subprocess

    code = (
        "import sys, omniforce.runtime.ray.backend, omniforce.targets.platforms.ray.target; "
        "sys.exit(any(m in sys.modules for m in ('ray', 'torch')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_auto_is_no_ray_of_our_own_and_none_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setattr(nearby, "_PROCESSES", tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as server:
        open_, closed = server.getsockname()[1], _closed_port()
        for process, words in {
            "1": ("raylet", f"--gcs-address=127.0.0.1:{open_}", "--log_dir=/tmp/ofc-ray-x/logs"),
            "2": ("raylet", f"--gcs-address=127.0.0.1:{closed}"),
            "3": ("python", f"--gcs-address=127.0.0.1:{open_}"),
        }.items():
            (tmp_path / process).mkdir()
            (tmp_path / process / "cmdline").write_text("\0".join(words))
        assert nearby.lookup() is None
        (tmp_path / "4").mkdir()
        (tmp_path / "4" / "cmdline").write_text(f"/x/raylet\0--gcs-address=127.0.0.1:{open_}")
        assert nearby.lookup() == f"127.0.0.1:{open_}"
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    assert nearby.lookup() == "10.0.0.1:6379"


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port
