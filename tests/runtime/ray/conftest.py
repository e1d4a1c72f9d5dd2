"""A Ray of the tests' own, one for each module, and pools on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from omniforce.runtime.local.pool import Finished, Happening, PoolOptions
from omniforce.runtime.ray.demand import Demand
from omniforce.runtime.ray.pool import RayPool
from omniforce.runtime.trial.contract import TrialRequest
from omniforce.spec.blocks.algorithm import AlgorithmInterface
from omniforce.spec.blocks.nodes import ONE_NODE, Nodes

HERE = Path(__file__).parent
MIB = 2**20
ALGORITHM = AlgorithmInterface(
    name="custom/estimator", version=0, estimator="ray_estimators:Estimator"
)


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    pytest.importorskip("ray", reason="needs Ray: pip install 'omniforce[ray]'")
    from omniforce.runtime.ray.session import Extent, own

    with own(Extent(cpus=4, memory=4 * 256 * MIB)) as ray:
        yield ray


Opened = Callable[..., RayPool]


@pytest.fixture
def opened(session: Any, tmp_path: Path) -> Iterator[Opened]:
    """Makes pools on the module's session."""
    made: list[RayPool] = []
    (tmp_path / "logs").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "rows.txt").write_text("1 2 3\n")

    def make(
        *,
        size: int = 1,
        nodes: Nodes = ONE_NODE,
        gpus: int = 0,
        sends: bool = False,
        estimator: str = "",
    ) -> RayPool:
        options = PoolOptions(
            size=size,
            estimator=estimator or ALGORITHM.estimator,
            log=tmp_path / "logs" / "workers.log",
            path=(str(HERE),),
        )
        demand = Demand(1.0, 256 * MIB, gpus, nodes)
        pool = RayPool(options, demand, lambda: nullcontext(session), size, print, sends, 0.0)
        pool.__enter__()
        made.append(pool)
        return pool

    yield make
    for pool in made:
        pool.__exit__(None, None, None)


@pytest.fixture
def asked(tmp_path: Path) -> Callable[..., TrialRequest]:
    def make(trial: int, kind: str, **changes: Any) -> TrialRequest:
        model_dir = tmp_path / f"model-{trial}"
        model_dir.mkdir(exist_ok=True)
        facts: dict[str, Any] = {
            "study": "s",
            "trial": trial,
            "arguments": {"kind": kind, **changes.pop("arguments", {})},
            "algorithm": ALGORITHM,
            "data": str(tmp_path / "data"),
            "metrics": ("accuracy",),
            "model_dir": str(model_dir),
            "timeout": 30.0,
            "memory": 256 * MIB,
        }
        return TrialRequest(**(facts | changes))

    return make


def all_of(pool: RayPool, request: TrialRequest, log: Path) -> list[Happening]:
    """Everything that happens of a trial, once there is room for it."""
    until = time.monotonic() + 60
    while not pool.free and time.monotonic() < until:
        pool.wait(1.0)
    pool.start(request, log)
    seen: list[Happening] = []
    while time.monotonic() < until:
        seen += pool.wait(1.0)
        if any(isinstance(each, Finished) for each in seen):
            return seen
    raise AssertionError("the trial never ended")
