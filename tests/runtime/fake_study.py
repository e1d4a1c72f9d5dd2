"""A study on a small cluster: its functions, its broker and its Jobs around one store."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from omniforce.compiler.events import PING, STUDY_COMPLETED, STUDY_STARTED, TRIAL_COMPLETED
from omniforce.compiler.ir.program import Program
from omniforce.runtime.events import Event, ping_source
from omniforce.runtime.functions.search import Search
from omniforce.runtime.functions.server import EventServer
from omniforce.runtime.store.store import Store
from omniforce.runtime.store.trial import Trial
from omniforce.runtime.trial.contract import Phase, TrialReport, TrialRequest
from omniforce.runtime.trial.job import Surroundings, main
from omniforce.spec.plain.values import to_plain

from .fake_cluster import Broker, Function, Jobs, trigger

TICK = {"metadata": {"name": "s-tick"}, "kind": "PingSource"}


def tick(number: int = 0) -> Event:
    return Event(
        id=f"ping-{number}", source=ping_source("ns", "s-tick"), type=PING, data={"study": "s"}
    )


@dataclass
class Cluster:
    """A study's surroundings; `trained` counts how often each trial was really run."""

    address: str
    directory: Path
    strategy: Callable[[], Any]
    broker: Broker = field(default_factory=Broker)
    trained: Counter[tuple[int, int]] = field(default_factory=Counter)
    functions: list[Function] = field(default_factory=list)
    jobs: list[Jobs] = field(default_factory=list)
    stores: list[Store] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "OFC_STUDY": "s",
            "OFC_NAMESPACE": "ns",
            "OFC_BROKER": self.broker.url,
            "OFC_STORE_URL": self.address,
            "OFC_CONFIG": str(self.directory),
        }

    def mount(self, program: Program) -> None:
        (self.directory / "study.json").write_text(json.dumps(to_plain(program)))
        (self.directory / "tick.json").write_text(json.dumps(TICK))

    def serve(self, handler: Any, *types: str, **extra: str) -> Function:
        function = Function(EventServer(handler), self.environment | extra)
        self.functions.append(function)
        if types:
            self.broker.subscribers.append(trigger(function, *types))
        return function

    def search(self, **extra: str) -> Function:
        handler = Search(lambda _: self.strategy())
        return self.serve(handler, STUDY_STARTED, TRIAL_COMPLETED, PING, **extra)

    def sink(self, **options: Any) -> Jobs:
        jobs = Jobs(self.directory / f"jobs-{len(self.jobs)}", self.job, **options)
        self.jobs.append(jobs)
        self.broker.subscribers.append(jobs)
        return jobs

    def job(self, mounted: Path) -> int:
        environment = self.environment | {"K_EVENT_PATH": str(mounted)}
        return main(environment, Surroundings(self.train, pauses=(0.01, 0.01, 0.01)))

    def train(self, request: TrialRequest, entering: Callable[[Phase], None]) -> TrialReport:
        entering("running")
        self.trained[request.trial, request.attempt] += 1
        x = request.arguments["x"]
        assert isinstance(x, int)
        return TrialReport(outcome="completed", metrics={"accuracy": x / 10}, seconds=0.1)

    def store(self) -> Store:
        store = Store.open(self.address)
        self.stores.append(store)
        return store

    def await_end(self) -> tuple[Trial, ...]:
        store = self.store()
        for _ in range(6000):
            study = store.study("s")
            told = any(event.type == STUDY_COMPLETED for event in self.broker.events)
            if study is not None and study.state == "completed" and told:
                return store.trials("s")
            time.sleep(0.01)
        raise TimeoutError(f"{store.trials('s')}")

    def close(self) -> None:
        for jobs in self.jobs:
            jobs.close()
        for function in self.functions:
            function.stop()
        for store in self.stores:
            store.close()
        self.broker.close()
