"""One of the processes that train a trial together: which one it is, and what it does as that.

The first (rank 0) takes the lease, beats and reports, as the process of a trial on one node does.
The others wait until it has the lease, train beside it, and tell nobody; their end is that of the
trial. They look at the store now and then, so that none of them goes on for a trial that is over.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from omniforce.compiler.ir.program import Program
from omniforce.spec.problem import Problem

from ..rewards import search_of
from ..store.looking import Look
from ..store.store import LEASE_SECONDS, Store
from ..store.trial import LEASED, Trial
from . import isolated
from .asking import arguments_of
from .contract import Phase, TrialReport, TrialRequest, failed, seed_of
from .heartbeat import beating
from .shared_data import prepare_once

JOB = "OFC_TRAINING_JOB"
"""The variable with the name of the training's object; every process of a trial has the same."""

PORT = "29400"
PATIENCE = 900.0
"""Seconds that the others wait for the first to be placed and to take its lease."""

DONE = 0

Execute = Callable[[TrialRequest, Callable[[Phase], None]], TrialReport]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """One process among those of a trial.

    Attributes:
        job: the training's object. One attempt has one of that name, so its first process, also
            one that took the place of a first that was lost, is one worker to the store.
        restarts: whether whoever started it may start it anew with others beside it.
    """

    job: str
    rank: int
    size: int
    local_rank: int
    master: str
    port: str
    restarts: bool

    @property
    def variables(self) -> Mapping[str, str]:
        """What `torch.distributed` reads, whoever started the process."""
        return {
            "RANK": str(self.rank),
            "WORLD_SIZE": str(self.size),
            "LOCAL_RANK": str(self.local_rank),
            "MASTER_ADDR": self.master,
            "MASTER_PORT": self.port,
        }


class NoPlace(Exception):  # noqa: N818
    """The environment speaks of several processes, and not of which one this is."""


def place_of(environment: Mapping[str, str], meeting: Path) -> Place | None:
    """Which of the processes this is; None where the trial has only one.

    torchrun (a TrainJob, a PyTorchJob) and a PyTorchJob without it say `RANK`; mpirun says
    `OMPI_COMM_WORLD_RANK`; a TrainJob whose command is no torchrun says `PET_NODE_RANK`.

    Args:
        environment: of the process.
        meeting: a folder that all nodes have, where mpirun's first process leaves its address.

    Raises:
        NoPlace: it cannot be told.
    """
    job = environment.get(JOB, "")
    if not job:
        return None
    for rank, size, local in (
        ("RANK", "WORLD_SIZE", "LOCAL_RANK"),
        ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK"),
        ("PET_NODE_RANK", "PET_NNODES", "PET_LOCAL_RANK"),
    ):
        if rank not in environment:
            continue
        number, count = _whole(environment, rank), _whole(environment, size)
        if not 0 <= number < count:
            raise NoPlace(f"{rank}={number} is none of {size}={count}")
        master = environment.get("MASTER_ADDR") or environment.get("PET_MASTER_ADDR", "")
        return Place(
            job=job,
            rank=number,
            size=count,
            local_rank=_whole(environment, local, 0),
            master=master or _met(meeting / f".meeting-{job}", number),
            port=environment.get("MASTER_PORT") or environment.get("PET_MASTER_PORT", PORT),
            restarts=_whole(environment, "TORCHELASTIC_MAX_RESTARTS", 0) > 0,
        )
    raise NoPlace(f"{JOB} is set, and neither RANK, OMPI_COMM_WORLD_RANK nor PET_NODE_RANK")


def _whole(environment: Mapping[str, str], name: str, otherwise: int | None = None) -> int:
    text = environment.get(name, "")
    if not text and otherwise is not None:
        return otherwise
    if not text.isdecimal():
        raise NoPlace(f"{name} is `{text[:40]}`, no whole number")
    return int(text)


def _met(file: Path, rank: int, patience: float = PATIENCE) -> str:
    """The address of the first process, which leaves it for the others."""
    if rank == 0:
        address = _address()
        made = file.with_name(f"{file.name}.{os.getpid()}")
        made.parent.mkdir(parents=True, exist_ok=True)
        made.write_text(json.dumps(address), encoding="utf-8")
        made.replace(file)
        return address
    end = time.monotonic() + patience
    while time.monotonic() < end:
        try:
            return str(json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            time.sleep(0.2)
    raise NoPlace(f"{file}: the first process has left no address for {patience:g} s")


def _address() -> str:
    try:
        return socket.gethostbyname(socket.gethostname())
    except OSError:
        return "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Follower:
    """A process that is not the first.

    Attributes:
        execute: trains in this process; None has a process of its own do it.
        leave: ends the process at once, whatever its threads do.
        pause: seconds between two looks at the store.
    """

    place: Place
    store: Store
    program: Program
    trial: int
    attempt: int
    data: Path
    execute: Execute | None = None
    leave: Callable[[int], None] = os._exit
    pause: float = 1.0
    patience: float = PATIENCE

    def run(self) -> int:
        """Trains beside the first process; gives the exit code.

        It is 0 whatever came of it: the first has something to say of every failure, since it
        cannot train on alone, and torchrun would end it before it has said so.
        """
        begun = self._awaited()
        if begun is None:
            log.info("trial %d, attempt %d is another's, or over", self.trial, self.attempt)
            return DONE
        with beating(self._watch, LEASE_SECONDS / 3):
            report = self._train(begun)
        log.info("rank %d: %s %s", self.place.rank, report.outcome, report.message)
        return DONE

    def _awaited(self) -> Trial | None:
        """The trial once the first process has its lease; None if it will not get it."""
        end = time.monotonic() + self.patience
        while time.monotonic() < end:
            found = self._look()
            if found is not None and found.attempt == self.attempt:
                if found.state in LEASED:
                    return found if found.worker == self.place.job else None
                if found.state != "proposed":
                    return None
            elif found is not None and found.attempt > self.attempt:
                return None
            time.sleep(self.pause)
        return None

    def _look(self) -> Trial | None:
        try:
            return Look(self.store).trial(self.program.name, self.trial)
        except Problem as problem:
            log.warning("the store cannot be asked: %s", problem)
            return None

    def _watch(self) -> None:
        found = self._look()
        if found is None:
            return
        if found.attempt > self.attempt or found.state in ("completed", "failed", "cancelled"):
            log.info("trial %d is over", self.trial)
            self.leave(DONE)

    def _train(self, begun: Trial) -> TrialReport:
        search = search_of(self.program)
        try:
            prepare_once(self.program, self.data)
            with tempfile.TemporaryDirectory(prefix="ofc-model-") as directory:
                request = TrialRequest(
                    study=self.program.name,
                    trial=self.trial,
                    attempt=self.attempt,
                    arguments=arguments_of(search, begun.point),
                    algorithm=search.algorithm,
                    data=str(self.data),
                    # the same as the first one's: they begin with the same weights
                    seed=seed_of(search.seed, self.trial),
                    devices=(),
                    metrics=(),
                    model_dir=directory,
                    timeout=search.timeout,
                )
                if self.execute is not None:
                    return self.execute(request, lambda _: None)
                silent = isolated.Around(
                    lambda _: None, lambda _: None, lambda: False, lambda: False
                )
                return isolated.run(request, silent)
        except Problem as problem:
            return failed("user-error", f"{problem.diagnostic.code}: {problem}")
