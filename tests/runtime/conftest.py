"""Stores to test with: SQLite files, and a PostgreSQL server of our own where it is installed."""

from __future__ import annotations

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
from tests.support.postgres import PostgresServer


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running server, the same for all tests."""
    server = PostgresServer()
    yield server
    server.remove()


@pytest.fixture
def postgres_address(postgres: PostgresServer) -> str:
    """The address of an empty PostgreSQL database."""
    return postgres.new_database()


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
