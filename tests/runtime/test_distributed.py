"""A trial on several nodes: one process takes the lease and reports, the others train with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from omniforce.compiler.ir.program import Prepare, Program
from omniforce.runtime.events import to_text, trial_requested
from omniforce.runtime.store.store import Store
from omniforce.runtime.store.trial import Trial
from omniforce.runtime.trial.distributed import NoPlace, Place, place_of
from omniforce.spec.blocks.algorithm import AlgorithmInterface
from omniforce.spec.blocks.data import Split
from omniforce.spec.plain.values import to_plain
from omniforce.spec.space import Coordinate, FloatRange, IntRange, Space

from .fake_cluster import Broker

TOGETHER = """
import os
import torch
import torch.distributed as dist

class Toy:
    def __init__(self, data_path, is_trainer, seed, x):
        self.x, self.seed = x, seed
    def run(self):
        dist.init_process_group("gloo")
        total = torch.tensor([float(dist.get_rank() + 1), float(self.seed % 1000)])
        dist.all_reduce(total)
        same_seed = total[1] == (self.seed % 1000) * dist.get_world_size()
        self.sum = float(total[0]) + self.x if same_seed else -1.0
        with open(os.environ["TRAINED"], "a") as file:
            file.write(f"{dist.get_rank()}\\n")
        dist.destroy_process_group()
        return self.sum
    def metrics(self):
        return {"accuracy": self.sum}
"""


class Nodes:
    """What the pods of one training have in common."""

    def __init__(self, address: str, folder: Path, program: Program) -> None:
        self.store, self.broker, self.folder = Store.open(address), Broker(), folder
        self.store.create_study("s", "{}", "sha256:1", 1.0)
        with self.store.lock("s") as session:
            session.propose([{"x": 7}], 1.0)
        (folder / "study.json").write_text(json.dumps(to_plain(program)))
        (folder / "toy.py").write_text(TOGETHER)
        self.environment = os.environ | {
            "OFC_STUDY": "s",
            "OFC_NAMESPACE": "ns",
            "OFC_BROKER": self.broker.url,
            "OFC_STORE_URL": address,
            "OFC_CONFIG": str(folder),
            "OFC_DATA": str(folder / "data"),
            "OFC_EVENT": to_text(trial_requested("s", 0, 1, "trainjob", 1.0)),
            "OFC_TRAINING_JOB": "s-t0-a1",
            "PYTHONPATH": str(folder),
            "TRAINED": str(folder / "trained"),
            "OMP_NUM_THREADS": "1",
        }

    def start(self, *command: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", *command],
            env=self.environment | variables,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @property
    def trial(self) -> Trial:
        return self.store.trials("s")[0]

    @property
    def trained(self) -> list[str]:
        file = self.folder / "trained"
        return sorted(file.read_text().split()) if file.exists() else []


@pytest.fixture
def nodes(
    sqlite_address: str, tmp_path: Path, make_program: Callable[..., Program]
) -> Iterator[Nodes]:
    made = Nodes(sqlite_address, tmp_path, make_program())
    yield made
    made.store.close()
    made.broker.close()


def test_torchrun_trains_one_trial_in_three_processes(nodes: Nodes) -> None:
    done = nodes.start(
        "torch.distributed.run",
        "--nproc-per-node=3",
        "--master-port=0",
        "--standalone",
        *("-m", "omniforce.runtime.trial.job"),
    )
    output, _ = done.communicate(timeout=120)
    assert done.returncode == 0, output
    assert nodes.trained == ["0", "1", "2"]
    assert (nodes.trial.state, nodes.trial.worker) == ("completed", "s-t0-a1"), output
    assert nodes.trial.metrics["accuracy"] == 1 + 2 + 3 + 7
    assert len(nodes.broker.events) == 1


def test_mpirun_names_ranks_and_the_first_leaves_its_address_on_the_volume(nodes: Nodes) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    ranks = [
        nodes.start(
            "omniforce.runtime.trial.job",
            OMPI_COMM_WORLD_RANK=str(rank),
            OMPI_COMM_WORLD_SIZE="2",
            OMPI_COMM_WORLD_LOCAL_RANK="0",
            MASTER_PORT=port,
        )
        for rank in (1, 0)
    ]
    outputs = [rank.communicate(timeout=120)[0] for rank in ranks]
    assert [rank.returncode for rank in ranks] == [0, 0], outputs
    assert (nodes.trial.state, nodes.trained) == ("completed", ["0", "1"]), outputs


def test_the_others_train_nothing_where_the_attempt_is_anothers(nodes: Nodes) -> None:
    assert nodes.store.lease("s", 0, 1, "somebody-else", 600.0, 2.0) is not None
    ranks = [
        nodes.start(
            "omniforce.runtime.trial.job", RANK=str(rank), WORLD_SIZE="2", MASTER_ADDR="::1"
        )
        for rank in (0, 1)
    ]
    outputs = [rank.communicate(timeout=120)[0] for rank in ranks]
    assert [rank.returncode for rank in ranks] == [0, 0], outputs
    assert nodes.trained == []


def test_what_each_launcher_says_of_a_process(tmp_path: Path) -> None:
    job = {"OFC_TRAINING_JOB": "j"}
    torchrun = {
        "RANK": "5",
        "WORLD_SIZE": "8",
        "LOCAL_RANK": "1",
        "MASTER_ADDR": "a",
        "MASTER_PORT": "1",
        "TORCHELASTIC_MAX_RESTARTS": "3",
    }
    plain = {
        "PET_NODE_RANK": "1",
        "PET_NNODES": "2",
        "PET_MASTER_ADDR": "b",
        "PET_MASTER_PORT": "2",
    }
    assert place_of(job | torchrun, tmp_path) == Place("j", 5, 8, 1, "a", "1", True)
    assert place_of(job | plain, tmp_path) == Place("j", 1, 2, 0, "b", "2", False)
    assert place_of(torchrun, tmp_path) is None


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"RANK": "2", "WORLD_SIZE": "2", "MASTER_ADDR": "a"},
        {"RANK": "-1", "WORLD_SIZE": "2", "MASTER_ADDR": "a"},
        {"RANK": "0", "MASTER_ADDR": "a"},
        {"PET_NODE_RANK": "0", "PET_NNODES": "2:4", "MASTER_ADDR": "a"},
    ],
)
def test_a_process_that_does_not_know_which_it_is_says_so(
    said: dict[str, str], tmp_path: Path
) -> None:
    with pytest.raises(NoPlace):
        place_of({"OFC_TRAINING_JOB": "j", **said}, tmp_path)


def test_the_others_wait_for_the_address_of_the_first(tmp_path: Path) -> None:
    mpi = {"OFC_TRAINING_JOB": "j", "OMPI_COMM_WORLD_SIZE": "2"}
    found: list[Place | None] = []
    other = threading.Thread(
        target=lambda: found.append(place_of(mpi | {"OMPI_COMM_WORLD_RANK": "1"}, tmp_path))
    )
    other.start()
    first = place_of(mpi | {"OMPI_COMM_WORLD_RANK": "0"}, tmp_path)
    other.join(timeout=30)
    assert first is not None
    assert [each.master for each in found if each is not None] == [first.master]


def test_a_ray_job_starts_a_rank_for_every_process(nodes: Nodes) -> None:
    pytest.importorskip("ray")
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    done = nodes.start(
        "omniforce.runtime.trial.ray_ranks",
        OFC_NODES="1",
        OFC_PROCESSES="2",
        MASTER_PORT=port,
        RAY_USAGE_STATS_ENABLED="0",
    )
    output, _ = done.communicate(timeout=240)
    assert done.returncode == 0, output
    assert (nodes.trial.state, nodes.trained) == ("completed", ["0", "1"]), output


def test_the_example_trains_on_two_nodes(
    nodes: Nodes, make_program: Callable[..., Program]
) -> None:
    root = Path(__file__).resolve().parents[2]
    program = make_program(
        algorithm=AlgorithmInterface("custom/distributed", 1, "train:Distributed"),
        space=Space(
            (
                Coordinate("width", (), IntRange(8, 64)),
                Coordinate("learning_rate", (), FloatRange(1e-4, 1e-1)),
            )
        ),
    )
    digits = Prepare(
        name="prepare", source="sklearn://digits", target="label", split=Split(0.6, 0.2, 0.2)
    )
    program = replace(program, steps=(digits, *program.steps))
    (nodes.folder / "study.json").write_text(json.dumps(to_plain(program)))
    with nodes.store.lock("s") as session:
        session.propose([{"width": 32, "learning_rate": 0.01}], 1.0)
    done = nodes.start(
        "torch.distributed.run",
        "--nproc-per-node=2",
        "--standalone",
        *("-m", "omniforce.runtime.trial.job"),
        OFC_EVENT=to_text(trial_requested("s", 1, 1, "trainjob", 1.0)),
        PYTHONPATH=str(root / "examples" / "distributed-train"),
    )
    output, _ = done.communicate(timeout=180)
    assert done.returncode == 0, output
    trial = nodes.store.trials("s")[1]
    assert trial.state == "completed", output
    assert trial.metrics["accuracy"] > 0.8
