"""A study's functions, broker, Jobs and tick, put together as the manifests put them together."""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from omniforce.compiler.events import PING
from omniforce.compiler.ir.program import Program
from omniforce.spec.problem import Problem
from omniforce.targets.platforms.kubernetes.eventing import filter_of, subscriptions
from omniforce.targets.platforms.kubernetes.names import namespace_of, tick_name
from omniforce.targets.platforms.kubernetes.study_files import study_files
from omniforce.targets.platforms.kubernetes.trials import KEPT, deadline

from ..app import FUNCTIONS
from ..events import Event, ping_source, to_binary
from ..functions.platform import HERE
from ..http_client import Answer
from ..local.home import Home
from ..local.workers import default_size
from ..rewards import search_of
from ..store.store import Store
from .broker import Broker, Route, Subscriber
from .jobs import JobOptions, Jobs
from .sleeping_function import SleepingFunction, Standing
from .tick import Tick, period_of

TIMEOUT = 300.0
"""Seconds that a Trigger waits for an answer."""

_MANY = {"api": 32}
"""Functions that get more than one request at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeOptions:
    """What the command line says.

    Attributes:
        address: where all of it is reached, `http://127.0.0.1:8080`.
        store: the store's address.
        base: the spec's own folder: `file://` and the estimator's module are looked for there.
        window: seconds without a request after which a function ends.
        access: the file of who may ask the API; None where nobody may.
    """

    address: str
    store: str
    base: Path
    window: float
    access: Path | None = None


@dataclass(frozen=True, slots=True)
class OfficeStanding:
    """What can be seen from outside.

    Attributes:
        jobs: process ids of the trials under way.
        tick: whether it is there, `period` seconds apart.
    """

    study: str
    functions: tuple[Standing, ...]
    jobs: tuple[int, ...]
    tick: bool
    period: float


class Office:
    """Everything of one study, from `open` to `close`."""

    def __init__(self, program: Program, home: Home, options: OfficeOptions) -> None:
        self._program, self._home, self._options = program, home, options
        self._mounted = home.directory / "functions"
        self._mounted.mkdir(parents=True, exist_ok=True)
        files = study_files(program)
        for name, text in files.items():
            (self._mounted / name).write_text(text, encoding="utf-8")
        environment = self._environment()
        self.functions = {
            name: SleepingFunction(
                name, environment, home.logs / f"{name}.log", options.window, _MANY.get(name, 1)
            )
            for name in FUNCTIONS
        }
        self.jobs = Jobs(self._job_options(environment))
        self.broker = Broker(self._routes(), self._subscribers(), self._to("deadletter"))
        self.tick = Tick(period_of(files["tick.json"]), self._fire)
        self._source = ping_source(namespace_of(program), tick_name(program))

    def open(self) -> None:
        """Goes on with a study that is under way: its tick is there, as it would be on a cluster.

        Raises:
            Problem: the store cannot be used, or has this study from another spec.
        """
        store = Store.open(self._options.store)
        try:
            record = store.study(self._program.name)
        finally:
            store.close()
        if record is None:
            return
        if record.digest != self._program.digest:
            raise Problem(
                "OFC760",
                f"the spec of `{record.name}` has changed since this study began",
                "`ofc revise` takes the change over, `ofc functions serve --study "
                f"{record.name}` goes on with the old spec",
            )
        if record.state != "completed":
            self.tick.start()
            threading.Thread(target=self._fire, daemon=True).start()

    def close(self) -> None:
        """Ends everything that runs, and gives it the time to end well."""
        self.tick.stop()
        self.broker.close()
        self.jobs.close()
        threads = [threading.Thread(target=each.close) for each in self.functions.values()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def standing(self) -> OfficeStanding:
        """How it is now."""
        return OfficeStanding(
            self._program.name,
            tuple(function.standing() for function in self.functions.values()),
            self.jobs.running(),
            self.tick.runs,
            self.tick.period,
        )

    def _fire(self) -> None:
        name = self._program.name
        self.broker.deliver(
            Event(id=str(uuid.uuid4()), source=self._source, type=PING, data={"study": name})
        )

    def _environment(self) -> Mapping[str, str]:
        options = self._options
        mine = {
            "OFC_STUDY": self._program.name,
            "OFC_NAMESPACE": namespace_of(self._program),
            "OFC_BROKER": f"{options.address}/",
            "OFC_STORE_URL": options.store,
            "OFC_CONFIG": str(self._mounted),
            HERE: options.address,
            "OMP_NUM_THREADS": "1",
        }
        if options.access is not None:
            mine["OFC_ACCESS"] = str(options.access)
        base, cwd = str(options.base.absolute()), str(Path.cwd())
        path = (base, cwd, os.environ.get("PYTHONPATH", ""))
        mine["PYTHONPATH"] = os.pathsep.join(filter(None, dict.fromkeys(path)))
        return {**os.environ, **mine}

    def _job_options(self, environment: Mapping[str, str]) -> JobOptions:
        search, home = search_of(self._program), self._home
        return JobOptions(
            environment={**environment, "OFC_DATA": str(home.data)},
            directory=home.directory / "jobs",
            log_of=home.log_of,
            working=self._options.base.absolute(),
            at_once=default_size(search.parallelism),
            retries=search.retries,
            deadline=deadline(search.timeout, search.retries),
            kept=KEPT,
        )

    def _routes(self) -> tuple[Route, ...]:
        return tuple(
            Route(each.name, _texts(filter_of(self._program, each)), each.to)
            for each in subscriptions(self._program)
        )

    def _subscribers(self) -> dict[str, Subscriber]:
        functions: dict[str, Subscriber] = {name: self._to(name) for name in self.functions}
        return functions | {"trial": self.jobs.take}

    def _to(self, name: str) -> Subscriber:
        function = self.functions[name]

        def take(event: Event) -> Answer:
            headers, body = to_binary(event)
            return function.ask("POST", "/", headers, body, TIMEOUT)

        return take


def _texts(tree: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in tree.items()}
