"""Whatever dies, and whatever the network does: nothing acknowledged is lost, the study finishes.

A sample of each fault runs with the suite; `make chaos` runs many seeds and every place.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from omniforce.compiler.ir.program import Program
from omniforce.runtime.fault_points import POINTS
from omniforce.spec.blocks.search import Budget
from tests.runtime.chaos.world import Faults, World
from tests.support.postgres import PostgresServer

TRIALS = 6
FAULTS = {
    "none": Faults(),
    "processes killed anywhere": Faults(kill=0.3),
    "events lost": Faults(lose=0.3),
    "events doubled and out of order": Faults(double=0.5),
    "events an hour late": Faults(delay=0.3),
    "two searchers at once": Faults(together=0.8, double=0.3),
    "workers that fall silent": Faults(silent=0.3),
    "workers that come back after their lease": Faults(frozen=0.4),
    "clocks minutes apart": Faults(skew=300.0),
    "a broker that is down": Faults(down=0.3),
    "all of it": Faults(0.2, 0.1, 0.1, 0.1, 0.3, 0.2, 0.2, 0.1, 60.0),
}

Make = Callable[..., World]


@pytest.fixture
def make(address: str, tmp_path: Path, make_program: Callable[..., Program], counting: Any) -> Make:
    def make_world(faults: Faults, seed: int, **options: Any) -> World:
        program = make_program(
            budget=Budget(trials=TRIALS), parallelism=3, retries=1000, backoff=0.0, timeout=7200.0
        )
        directory = tmp_path / f"world-{seed}-{len(list(tmp_path.iterdir()))}"
        return World(address, directory, program, counting, faults, seed, **options)

    return make_world


def finished(world: World) -> None:
    record, trials = world.run()
    assert record.reason == "budget"
    assert len(trials) == TRIALS
    assert {trial.state for trial in trials} <= {"completed", "timed-out"}
    assert [trial.point for trial in trials] == [{"x": n} for n in range(TRIALS)]


@pytest.mark.parametrize("name", FAULTS)
def test_a_study_survives(name: str, make: Make) -> None:
    world = make(FAULTS[name], seed=1)
    finished(world)
    # that what was to happen did: a world in which nothing goes wrong proves nothing
    # (with two processes at once, which draw comes first is the machine's own)
    wanted = world.faults.kill + world.faults.silent + world.faults.frozen
    assert world.faults.together or (world.deaths + world.freezes > 0) == (wanted > 0)


@pytest.mark.postgres
@pytest.mark.parametrize("how", ["cut", "restarted", "crashed"])
def test_a_study_survives_its_postgres(
    how: str, tmp_path: Path, make_program: Callable[..., Program], counting: Any
) -> None:
    server = PostgresServer(durable=True)
    program = make_program(
        budget=Budget(trials=TRIALS), parallelism=3, retries=1000, backoff=0.0, timeout=7200.0
    )
    world = World(server.new_database(), tmp_path / "world", program, counting, Faults(), 1)

    def disturb(self: World) -> None:
        if self.deliveries % 4 != 3:
            return
        if how == "cut":
            self.meanwhile = server.cut_connections
        else:
            signals = {"restarted": signal.SIGINT, "crashed": signal.SIGQUIT}
            self.meanwhile = lambda: server.restart(signals[how])

    world.disturb = disturb
    try:
        finished(world)
    finally:
        server.remove()


@pytest.mark.chaos
@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("seed", range(2, 22))
def test_a_study_survives_whatever_is_drawn(name: str, seed: int, make: Make) -> None:
    finished(make(FAULTS[name], seed))


@pytest.mark.chaos
@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("nth", range(1, 9))
def test_every_process_may_die_at_every_place(point: str, nth: int, make: Make) -> None:
    """Each handler dies there for as long as it gets there: the tries go on, the study does not."""
    world = make(Faults(), seed=1)

    def arm(self: World) -> None:
        # a third is let through, else nothing would ever get past the place; which, is drawn: a
        # rhythm may fall in with that of ticks and requests, and kill the same ones for ever
        self.fault = f"{point}:{nth}" if self.random.random() < 2 / 3 else None

    world.disturb = arm
    finished(world)
