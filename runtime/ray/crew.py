"""The actors that run one trial at a time, as the searching machine sees them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from ..local.endings import keep_short
from ..trial.contract import TrialReport, TrialRequest
from .demand import Demand
from .orders import Errand, Place
from .seat import Seat

Stage = Literal["placing", "opening", "free", "running"]


@dataclass(slots=True, eq=False)
class Crew:
    """One actor, or one a node of a trial that trains on several, held by a placement group.

    Attributes:
        pending: what is awaited of each actor, by its reference; the value is its rank.
        places: where they are, by rank.
        done: the reports of those that are ready, by rank.
        since: when they were asked for.
    """

    seats: tuple[Any, ...]
    group: Any = None
    stage: Stage = "placing"
    pending: dict[Any, int] = field(default_factory=dict)
    places: dict[int, Place] = field(default_factory=dict)
    request: TrialRequest | None = None
    log: Path = Path()
    began: float = 0.0
    done: dict[int, TrialReport] = field(default_factory=dict)
    since: float = field(default_factory=time.monotonic)

    @property
    def shares(self) -> bool:
        """Whether all of its nodes see this machine's files."""
        return all(place.shares for place in self.places.values())

    def look(self, token: str) -> None:
        """Asks where its actors are, which they answer once they are somewhere."""
        self.pending = {seat.look.remote(token): n for n, seat in enumerate(self.seats)}

    def run(self, request: TrialRequest, log: Path) -> None:
        """Has a trial run."""
        self.stage, self.request, self.log = "running", request, log
        self.began, self.done = time.monotonic(), {}
        self.pending = {}
        for rank, seat in enumerate(self.seats):
            own = (
                request if rank == 0 else replace(request, model_dir=f"{request.model_dir}-{rank}")
            )
            own_log = log if rank == 0 else log.with_suffix(f".node-{rank}.log")
            self.pending[seat.run.remote(Errand(own, str(own_log)))] = rank

    def write(self, rank: int, text: bytes) -> None:
        """Adds to a rank's log what its node sent of it."""
        if not text:
            return
        with log_of(self.log, rank).open("ab") as file:
            file.write(text)
        keep_short(log_of(self.log, rank))

    def report(self) -> TrialReport:
        """Of the trial: rank 0's, with the time of all; or of the first that failed."""
        for rank, report in sorted(self.done.items()):
            if report.outcome == "failed":
                told = report.message if len(self.seats) == 1 else f"node {rank}: {report.message}"
                return replace(report, message=told)
        cpu = sum(report.cpu_seconds for report in self.done.values())
        joules = [r.joules for r in self.done.values() if r.joules is not None]
        return replace(self.done[0], cpu_seconds=cpu, joules=sum(joules) if joules else None)


def model_of(request: TrialRequest, rank: int) -> str:
    """Where one rank leaves its model; only the first one's is of use."""
    return f"{request.model_dir}-{rank}" if rank else request.model_dir


def log_of(log: Path, rank: int) -> Path:
    """Where the output of one rank goes."""
    return log.with_suffix(f".node-{rank}.log") if rank else log


def hire(ray: Any, demand: Demand, count: int) -> Crew:
    """Asks Ray for the actors of one trial at a time; they come when there is room."""
    made = ray.remote(Seat)
    options: dict[str, Any] = {
        "num_cpus": demand.cpu,
        "num_gpus": demand.gpu,
        "memory": demand.memory,
        "max_concurrency": 2,
        "max_restarts": 0,
        "max_task_retries": 0,
    }
    if count == 1:
        return Crew((made.options(**options).remote(),))
    from ray.util import placement_group
    from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

    group = placement_group([demand.bundle for _ in range(count)], strategy="PACK")
    seats = tuple(
        made.options(
            **options,
            scheduling_strategy=PlacementGroupSchedulingStrategy(
                group, placement_group_bundle_index=rank
            ),
        ).remote()
        for rank in range(count)
    )
    return Crew(seats, group)


def close(ray: Any, crews: Iterable[Crew], seconds: float) -> None:
    """Has crews end their trials with all that these started, as far as they answer."""
    opened = [crew for crew in crews if crew.stage != "placing"]
    closing = [seat.close.remote() for crew in opened for seat in crew.seats]
    if closing:
        ray.wait(closing, num_returns=len(closing), timeout=seconds)


def dismiss(ray: Any, crew: Crew) -> None:
    """Ends the actors of a crew at once, and gives their room back."""
    for seat in crew.seats:
        ray.kill(seat, no_restart=True)
    if crew.group is not None:
        from ray.util import remove_placement_group

        remove_placement_group(crew.group)
