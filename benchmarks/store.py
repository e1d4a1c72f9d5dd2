"""What the store can take: 64 clients at once, and one study that grows to 100,000 trials.

A client is a process, as a worker is one: threads of one process would share one interpreter's
time and measure that. All are forked from a process that has imported everything, so no start-up
is counted. The peer is Optuna's RDB storage, asked directly and not through its `optimize`, on the
same server and the same disk, in turns with ours. PostgreSQL runs with the defaults of its
distribution (`fsync`, `synchronous_commit`).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import statistics
import sys
import tempfile
import time
import uuid
import warnings
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

from measure import machine, table
from postgres import server

from omniforce.compiler.ir.program import Program, Search
from omniforce.runtime.engine import advance
from omniforce.runtime.events import trial_completed
from omniforce.runtime.store import schema
from omniforce.runtime.store.store import Store
from omniforce.runtime.trial.contract import TrialReport
from omniforce.spec.blocks.algorithm import AlgorithmInterface
from omniforce.spec.blocks.platform import Platform
from omniforce.spec.blocks.search import Budget, StrategyChoice
from omniforce.spec.expression.tree import BestModel, Metric, Objective
from omniforce.spec.space import Coordinate, FloatRange, Space
from omniforce.strategies.table import make

DONE = TrialReport(outcome="completed", metrics={"accuracy": 0.5}, seconds=1.0)
FORK = multiprocessing.get_context("fork")
ROUND = 8
BATCH = 5000
GROWN_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Load:
    """What many clients got done.

    Attributes:
        rate: transitions a second, of all together.
        p50, p99: seconds of one transition.
        cpu: seconds of the clients, for 1000 transitions.
    """

    rate: float
    p50: float
    p99: float
    cpu: float


def _ours(address: str, client: int, trials: int) -> list[float]:
    store, taken, worker = Store.open(address, patience=120.0), [], f"w{client}"
    for turn in range(trials):
        number = client * trials + turn
        told = [trial_completed("s", number, 1, 1.0)]
        for call in (
            lambda n=number: store.lease("s", n, 1, worker, 60.0, 1.0),
            lambda n=number: store.heartbeat("s", n, 1, worker, 60.0, 2.0, "running"),
            lambda n=number, e=told: store.finish("s", n, 1, DONE, 3.0, e),
        ):
            start = time.perf_counter()
            if not call():
                raise RuntimeError(f"trial {number} was not taken")
            taken.append(time.perf_counter() - start)
    store.close()
    return taken


def _optuna(address: str, client: int, trials: int) -> list[float]:
    import optuna
    from optuna.distributions import FloatDistribution
    from optuna.trial import TrialState

    storage = _optuna_storage(address)
    study = storage.get_study_id_from_name("s")
    space, taken = FloatDistribution(0.0, 1.0), []
    del optuna, client
    for _ in range(trials):
        times = [time.perf_counter()]
        trial = storage.create_new_trial(study)
        times.append(time.perf_counter())
        storage.set_trial_param(trial, "x", 0.5, space)
        times.append(time.perf_counter())
        storage.set_trial_state_values(trial, TrialState.COMPLETE, [0.5])
        times.append(time.perf_counter())
        taken += [b - a for a, b in pairwise(times)]
    return taken


def _optuna_storage(address: str):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    url = address.replace("postgresql://", "postgresql+psycopg://")
    arguments = {"timeout": 120} if url.startswith("sqlite") else {}
    return optuna.storages.RDBStorage(url, engine_kwargs={"connect_args": arguments})


def _prepare_ours(address: str, trials: int) -> None:
    store = Store.open(address)
    store.create_study("s", "{}", "sha256:1", 1.0)
    with store.lock("s") as session:
        session.propose([{"x": 0.5}] * trials, 1.0)
    store.close()


def _prepare_optuna(address: str, _: int) -> None:
    import optuna

    storage = _optuna_storage(address)
    storage.create_new_study([optuna.study.StudyDirection.MAXIMIZE], "s")
    storage.remove_session()
    storage.engine.dispose()


def _client(work, address, client, trials, start, told) -> None:
    warnings.simplefilter("ignore")
    start.wait(120)
    began = time.perf_counter()
    try:
        taken = work(address, client, trials)
    except BaseException as error:
        told.put(error)
        raise
    told.put((began, time.perf_counter(), taken, time.process_time()))


def load(
    prepare: Callable[[str, int], None],
    work: Callable[[str, int, int], list[float]],
    address: str,
    clients: int,
    trials: int,
) -> Load:
    """Has many clients take each so many trials through their three transitions at once."""
    prepare(address, clients * trials)
    start, told = FORK.Barrier(clients), FORK.SimpleQueue()
    processes = [
        FORK.Process(target=_client, args=(work, address, n, trials, start, told))
        for n in range(clients)
    ]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for process in processes:
        process.start()
    found = [told.get() for _ in processes]
    for process in processes:
        process.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    for each in found:
        if isinstance(each, BaseException):
            raise each
    taken = sorted(time for _, _, times, _ in found for time in times)
    wall = max(end for _, end, _, _ in found) - min(begin for begin, _, _, _ in found)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Load(
        len(taken) / wall,
        statistics.median(taken),
        taken[int(len(taken) * 0.99)],
        cpu / len(taken) * 1000,
    )


def program(trials: int) -> Program:
    """A search with the light strategy."""
    search = Search(
        name="search",
        algorithm=AlgorithmInterface("test/toy", 1, "toy:Toy"),
        arguments=(),
        space=Space((Coordinate("x", (), FloatRange(0.0, 1.0)),)),
        goals=(Objective("maximize", Metric("accuracy")),),
        strategy=StrategyChoice("random"),
        budget=Budget(trials=trials),
        parallelism=ROUND,
        seed=0,
        timeout=600.0,
        retries=1,
        model=BestModel(),
    )
    return Program("s", "sha256:1", (search,), Platform())


def grow(store: Store, first: int, last: int) -> None:
    """Puts completed trials into a study, as they would be after a long search."""
    with store.database.writing(lock="s") as connection:
        for start in range(first, last, BATCH):
            numbers = range(start, min(last, start + BATCH))
            key = [{"study": "s", "attempt": 1} | {"number": n, "trial": n} for n in numbers]
            connection.execute(
                schema.trials.insert(),
                [
                    {k: row[k] for k in ("study", "attempt", "number")}
                    | {"round": row["number"] // ROUND, "state": "completed", "seconds": 1.0}
                    | {"point": json.dumps({"x": (row["number"] * 0.618034) % 1.0})}
                    | {"proposed": 1.0, "requested": 1.0, "started": 1.0, "finished": 2.0}
                    | {"message": "", "worker": "w"}
                    for row in key
                ],
            )
            kept = [{k: row[k] for k in ("study", "attempt", "trial")} for row in key]
            connection.execute(
                schema.attempts.insert(),
                [
                    row
                    | {"worker": "w", "leased": 1.0, "reported": 2.0, "outcome": "completed"}
                    | {"message": "", "seconds": 1.0, "cpu_seconds": 1.0, "ended": 2.0}
                    for row in kept
                ],
            )
            connection.execute(
                schema.metrics.insert(), [row | {"key": "accuracy", "value": 0.5} for row in kept]
            )


@dataclass(frozen=True, slots=True)
class Size:
    """What one step costs in a study of some size, in seconds.

    Attributes:
        advance: a step of the engine in a process that has made one before.
        cpu: of that step.
        cold: the first step of a process, which reads all trials.
    """

    transition: float
    advance: float
    cpu: float
    cold: float


def sized(address: str, rounds: int) -> Size:
    """The medians over some rounds of a study that is there."""
    whole = program(10**9)
    transitions: list[float] = []
    advances: list[float] = []
    cpus: list[float] = []

    def timed(into: list[float], call: Callable[[], object]) -> object:
        start = time.perf_counter()
        found = call()
        into.append(time.perf_counter() - start)
        return found

    store, cold = Store.open(address), []
    for turn in range(rounds + 1):
        cpu = time.process_time()
        step = timed(advances if turn else cold, lambda: advance(store, whole, make, 10.0))
        if turn:
            cpus.append(time.process_time() - cpu)
        for n in step.proposed:  # type: ignore[attr-defined]
            told = [trial_completed("s", n, 1, 1.0)]
            timed(transitions, lambda n=n: store.lease("s", n, 1, "w", 60.0, 10.0))
            timed(transitions, lambda n=n: store.heartbeat("s", n, 1, "w", 60.0, 10.0, "running"))
            timed(transitions, lambda n=n, e=told: store.finish("s", n, 1, DONE, 11.0, e))
    store.close()
    return Size(
        statistics.median(transitions),
        statistics.median(advances),
        statistics.median(cpus),
        cold[0],
    )


@contextmanager
def places() -> Generator[dict[str, Callable[[], str]]]:
    """Makers of addresses of empty databases."""
    with tempfile.TemporaryDirectory(prefix="ofc-bench-") as folder:
        found: dict[str, Callable[[], str]] = {}
        with server() as postgres:
            if postgres is None:
                print("PostgreSQL: skipped, initdb and postgres are not here", file=sys.stderr)
            else:
                found["PostgreSQL"] = postgres
            found["SQLite"] = lambda: f"sqlite:///{folder}/{uuid.uuid4().hex}.db"
            yield found


def throughput(where: dict[str, Callable[[], str]], clients: int, trials: int, rounds: int) -> str:
    """Ours and Optuna's in turns."""
    ways = {"omniforce": (_prepare_ours, _ours)}
    try:
        import optuna  # noqa: F401
    except ImportError:
        print("optuna: skipped, needs `pip install optuna`", file=sys.stderr)
    else:
        ways["Optuna RDB"] = (_prepare_optuna, _optuna)
    rows = []
    for database, make_address in where.items():
        taken: dict[str, list[Load]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, (prepare, work) in ways.items():
                count = trials if name == "omniforce" else max(2, trials // 4)
                taken[name].append(load(prepare, work, make_address(), clients, count))
        best = statistics.median(each.rate for each in taken["omniforce"])
        for name, loads in taken.items():
            rate = statistics.median(each.rate for each in loads)
            rows.append(
                (
                    database,
                    name,
                    f"{rate:.0f}",
                    f"{best / rate:.2f}",
                    f"{1e3 * statistics.median(each.p50 for each in loads):.1f}",
                    f"{1e3 * statistics.median(each.p99 for each in loads):.1f}",
                    f"{statistics.median(each.cpu for each in loads):.2f}",
                )
            )
    head = ("database", "store", "transitions/s", "ours is x", "p50 ms", "p99 ms", "CPU s/1000")
    return table(head, rows)


def flatness(where: dict[str, Callable[[], str]], sizes: Sequence[int], rounds: int) -> str:
    """One study that grows."""
    rows = []
    for database, make_address in where.items():
        address, there = make_address(), 0
        store = Store.open(address)
        store.create_study("s", "{}", "sha256:1", 1.0)
        for size in sizes:
            grow(store, there, size)
            if database == "PostgreSQL":
                _analyze(store)
            taken = sized(address, rounds)
            there = store_size(store)
            rows.append(
                (
                    database,
                    f"{size:,}",
                    f"{1e3 * taken.transition:.2f}",
                    f"{1e3 * taken.advance:.1f}",
                    f"{1e3 * taken.cpu:.1f}",
                    f"{1e3 * taken.cold:.0f}",
                )
            )
        store.close()
    head = (
        "database",
        "trials",
        "transition ms",
        "advance ms",
        "advance CPU ms",
        "first advance ms",
    )
    return table(head, rows)


def _analyze(store: Store) -> None:
    with store.database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")


def store_size(store: Store) -> int:
    """How many trials there are, which are numbered from 0."""
    with store.lock("s") as session:
        return session.spent_trials()


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--trials", type=int, default=20, help="of each client")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--only", choices=("throughput", "size"))
    given = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    print(f"{machine()}; {given.clients} clients, processes; medians of {given.rounds} rounds\n")
    with places() as where:
        if given.only != "size":
            print(throughput(where, given.clients, given.trials, given.rounds))
            print()
        if given.only != "throughput":
            print(flatness(where, given.sizes, GROWN_ROUNDS))


if __name__ == "__main__":
    main()
