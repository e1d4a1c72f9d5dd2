"""Stores to test with: SQLite files, and a PostgreSQL server of our own where it is installed."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import pytest

from omniforce.compiler.ir.program import Program, Search
from omniforce.spec.blocks.algorithm import AlgorithmInterface
from omniforce.spec.blocks.platform import Platform
from omniforce.spec.blocks.search import Budget, StrategyChoice
from omniforce.spec.expression.tree import BestModel, Metric, Objective
from omniforce.spec.space import Assignment, Coordinate, IntRange, Space
from omniforce.strategies.protocol import Problem as StrategyProblem
from omniforce.strategies.protocol import Reward, SpaceExhausted


def _binaries() -> Path | None:
    """Where `initdb` and `postgres` are; Debian keeps them off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if not found and (path := shutil.which("initdb")):
        found = [Path(path)]
    return found[0].parent if found and (found[0].parent / "postgres").exists() else None


def _as_somebody(directory: Path) -> list[str]:
    """PostgreSQL refuses to run as root; gives the command that makes it run as another user."""
    if os.getuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("PostgreSQL does not run as root, and there is no setpriv to be another user")
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(directory, user.pw_uid, user.pw_gid)
        ids = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        return ["setpriv", *ids]
    return []


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Path]:
    """The directory of a running server's socket."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip("PostgreSQL's binaries (initdb, postgres) are not installed")
    directory = Path(tempfile.mkdtemp(prefix="ofc-pg-"))  # a socket's path has 107 characters
    directory.chmod(0o755)
    user = _as_somebody(directory)
    data = directory / "data"
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": str(directory)}
    subprocess.run(
        [*user, str(binaries / "initdb"), "-D", str(data), "-U", "ofc", "-A", "trust", "-N"],
        check=True,
        capture_output=True,
        env=environment,
        cwd=directory,
    )
    settings = ["-c", "listen_addresses=", "-c", "fsync=off", "-k", str(directory)]
    with (directory / "log").open("wb") as log:
        server = subprocess.Popen(
            [*user, str(binaries / "postgres"), "-D", str(data), *settings],
            stdout=log,
            stderr=log,
            env=environment,
            cwd=directory,
        )
    try:
        _wait(server, directory)
        yield directory
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(directory, ignore_errors=True)


def _wait(server: subprocess.Popen[bytes], directory: Path) -> None:
    import psycopg

    for _ in range(600):
        try:
            psycopg.connect(f"host={directory} user=ofc dbname=postgres").close()
        except psycopg.OperationalError:
            if server.poll() is not None:
                break
            time.sleep(0.1)
        else:
            return
    raise RuntimeError((directory / "log").read_text())


@pytest.fixture
def postgres_address(postgres_server: Path) -> str:
    """The address of an empty PostgreSQL database."""
    import psycopg

    name = f"t{uuid.uuid4().hex[:12]}"
    with psycopg.connect(
        f"host={postgres_server} user=ofc dbname=postgres", autocommit=True
    ) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    return f"postgresql://ofc@/{name}?host={postgres_server}"


@pytest.fixture
def sqlite_address(tmp_path: Path) -> str:
    """The address of a SQLite file that is still to be made."""
    return f"sqlite:///{tmp_path / 'study.db'}"


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)],
)
def address(request: pytest.FixtureRequest) -> str:
    """The address of an empty store, of each kind."""
    found: str = request.getfixturevalue(f"{request.param}_address")
    return found


@dataclass(frozen=True, slots=True)
class Counting:
    """A strategy that proposes 0, 1, 2, ... up to `last`, and knows nothing else."""

    name: ClassVar[str] = "counting"
    last: int = 1_000_000
    known: tuple[Reward, ...] = ()
    problem: StrategyProblem | None = None

    def bind_space(self, problem: StrategyProblem) -> Counting:
        return replace(self, problem=problem)

    def handle_rewards(self, rewards: Sequence[Reward]) -> Counting:
        return replace(self, known=tuple(rewards))

    def generate_tasks(self, count: int) -> tuple[Assignment, ...]:
        first = len(self.known)
        if first > self.last:
            raise SpaceExhausted
        return tuple({"x": n} for n in range(first, min(first + count, self.last + 1)))


@pytest.fixture
def counting() -> type[Counting]:
    return Counting


@pytest.fixture
def make_program() -> Callable[..., Program]:
    """A program with nothing but a search over one whole number."""

    def make(name: str = "s", **changes: object) -> Program:
        accuracy = Objective("maximize", Metric("accuracy"))
        search = Search(
            name="search",
            algorithm=AlgorithmInterface("test/toy", 1, "toy:Toy"),
            arguments=(),
            space=Space((Coordinate("x", (), IntRange(0, 1000)),)),
            goals=(accuracy,),
            strategy=StrategyChoice("random"),
            budget=Budget(trials=6),
            parallelism=2,
            seed=0,
            timeout=600.0,
            retries=1,
            model=BestModel(),
        )
        return Program(name, "sha256:1", (replace(search, **changes),), Platform())

    return make
