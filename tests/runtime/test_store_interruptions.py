"""A server that cuts, restarts, or takes changes back: calls are made again, or say what is."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import Connection

from omniforce.runtime.events import trial_completed
from omniforce.runtime.store import repeating
from omniforce.runtime.store.store import Store
from omniforce.runtime.trial.contract import TrialReport
from omniforce.spec.problem import Problem
from tests.support.postgres import PostgresServer

DONE = TrialReport(outcome="completed", metrics={"accuracy": 0.5})


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    found = PostgresServer()
    yield found
    found.remove()


@pytest.fixture
def store(server: PostgresServer) -> Iterator[Store]:
    """A store on PostgreSQL with one study of two trials."""
    found = Store.open(server.new_database())
    found.create_study("s", "{}", "sha256:1", 1.0)
    with found.lock("s") as session:
        session.propose([{"x": 1}, {"x": 2}], 2.0)
    yield found
    found.close()


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(Problem) as caught:
        call()
    return caught.value.diagnostic.code


def before_statement(store: Store, begins: str, act: Callable[[Connection], object]) -> list[str]:
    """Does something right before each statement that begins so; gives those that came."""
    seen: list[str] = []

    def look(connection: Connection, _: object, statement: str, *__: object) -> None:
        if statement.startswith(begins):
            seen.append(statement)
            act(connection)

    event.listen(store.database.engine, "before_cursor_execute", look)
    return seen


def once(act: Callable[[Connection], object]) -> Callable[[Connection], object]:
    """Only the first time."""
    left = [act]
    return lambda connection: left.pop()(connection) if left else None


def taken_back(state: str) -> Callable[[Connection], object]:
    """Has the server itself end the transaction with a SQLSTATE."""
    raised = f"DO $$ BEGIN RAISE EXCEPTION 'taken back' USING ERRCODE = '{state}'; END $$"
    return lambda connection: connection.connection.cursor().execute(raised)


CALLS: dict[str, tuple[str, Callable[[Store], object]]] = {
    "lease": ("WITH taken", lambda s: s.lease("s", 1, 1, "w", 60.0, 3.0)),
    "heartbeat": ("UPDATE ofc_trials", lambda s: s.heartbeat("s", 0, 1, "w", 60.0, 3.0, "running")),
    "finish": ("UPDATE ofc_attempts", lambda s: s.finish("s", 0, 1, DONE, 3.0)),
    "trials": ("SELECT ofc_trials", lambda s: s.trials("s")),
    "create": ("INSERT INTO ofc_studies", lambda s: s.create_study("t", "{}", "d", 1.0)),
}


@pytest.mark.postgres
@pytest.mark.parametrize("call", CALLS)
def test_a_connection_that_is_cut_in_the_middle_is_no_matter(
    call: str, store: Store, server: PostgresServer
) -> None:
    begins, make = CALLS[call]
    store.lease("s", 0, 1, "w", 60.0, 3.0)
    seen = before_statement(store, begins, once(lambda _: server.cut_connections()))
    assert make(store)
    assert len(seen) == 2


@pytest.mark.postgres
@pytest.mark.parametrize("state", ["40001", "40P01"])
@pytest.mark.parametrize("call", ["finish", "create"])
def test_what_the_server_takes_back_is_done_again(call: str, state: str, store: Store) -> None:
    begins, make = CALLS[call]
    store.lease("s", 0, 1, "w", 60.0, 3.0)
    seen = before_statement(store, begins, once(taken_back(state)))
    assert make(store)
    assert len(seen) == 2


@pytest.mark.postgres
@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_what_the_server_takes_back_for_ever_is_told_of(
    state: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeating, "PAUSES", (0.0, 0.0))
    store.lease("s", 0, 1, "w", 60.0, 3.0)
    seen = before_statement(store, "UPDATE ofc_attempts", taken_back(state))
    assert code_of(lambda: store.finish("s", 0, 1, DONE, 3.0)) == "OFC751"
    assert len(seen) == 3
    assert store.trials("s")[0].state == "reserved"


@pytest.mark.postgres
def test_a_deadlock_with_others_is_resolved(store: Store) -> None:
    """Somebody locks the same two rows the other way round, which none of ours does."""
    store.lease("s", 0, 1, "w", 60.0, 3.0)
    holds, wants = threading.Event(), threading.Event()

    def other() -> None:
        with store.database.engine.connect() as connection:
            connection.execute(text("SET LOCAL deadlock_timeout = '10s'"))
            connection.execute(text("SELECT 1 FROM ofc_attempts WHERE trial = 0 FOR UPDATE"))
            holds.set()
            wants.wait(30)
            connection.execute(text("SELECT 1 FROM ofc_trials WHERE number = 0 FOR UPDATE"))

    def wait(_: Connection) -> None:
        holds.wait(30)
        wants.set()

    thread = threading.Thread(target=other)
    thread.start()
    before_statement(store, "UPDATE ofc_attempts", once(wait))
    assert store.finish("s", 0, 1, DONE, 3.0)
    thread.join()
    assert store.trials("s")[0].state == "completed"


@pytest.mark.postgres
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["restart", "crash"])
def test_a_server_that_restarted_between_two_calls_is_no_matter(
    how: signal.Signals, store: Store, server: PostgresServer
) -> None:
    store.lease("s", 0, 1, "w", 60.0, 3.0)
    server.restart(how)
    assert store.heartbeat("s", 0, 1, "w", 60.0, 4.0) == "go-on"
    server.restart(how)
    with store.lock("s") as session:
        assert len(session.outstanding()) == 2
    server.restart(how)
    assert store.finish("s", 0, 1, DONE, 5.0, [trial_completed("s", 0, 1, 5.0)])


@pytest.mark.postgres
def test_a_server_that_is_away_for_a_moment_is_waited_for(
    store: Store, server: PostgresServer
) -> None:
    store.lease("s", 0, 1, "w", 60.0, 3.0)
    server.stop()
    starter = threading.Timer(0.3, server.start)
    starter.start()
    try:
        assert store.heartbeat("s", 0, 1, "w", 60.0, 4.0) == "go-on"
    finally:
        starter.join()


@pytest.mark.postgres
def test_a_server_that_stays_away_is_told_of(
    store: Store, server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeating, "PAUSES", (0.0, 0.0))
    server.stop()
    try:
        assert code_of(lambda: store.trials("s")) == "OFC755"
    finally:
        server.start()


@pytest.mark.postgres
def test_two_who_do_the_same_at_once_do_it_once(store: Store) -> None:
    """The second finds the row that it was about to write."""
    other = Store.open(store.database.engine.url.render_as_string(hide_password=False))
    before_statement(
        store,
        "INSERT INTO ofc_artifacts",
        once(lambda _: other.put_artifact("s", 0, 1, "m", b"a", 3.0)),
    )
    store.put_artifact("s", 0, 1, "m", b"b", 3.0)
    assert store.artifact("s", 0, 1, "m") == b"b"
    other.close()


@pytest.mark.postgres
def test_a_user_without_the_right_to_write_is_told_of(store: Store, server: PostgresServer) -> None:
    url = store.database.engine.url
    with store.database.writing() as connection:
        connection.execute(text("DROP ROLE IF EXISTS reader"))
        connection.execute(text("CREATE ROLE reader LOGIN"))
        connection.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader"))
    reader = Store.open(url.set(username="reader").render_as_string(hide_password=False))
    assert len(reader.trials("s")) == 2
    assert code_of(lambda: reader.lease("s", 0, 1, "w", 60.0, 3.0)) == "OFC752"
    reader.close()
    with store.database.writing() as connection:
        connection.execute(text("DROP OWNED BY reader"))
        connection.execute(text("DROP ROLE reader"))


FILL = """
import resource, signal, sys
from omniforce.runtime.store.store import Store
from omniforce.spec.problem import Problem
store = Store.open(sys.argv[1])
store.create_study("s", "{}", "d", 1.0)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
try:
    for n in range(10_000):
        with store.lock("s") as session:
            session.propose([{"x": "y" * 5000}], 2.0)
        print(n, flush=True)
except Problem as problem:
    print(problem.diagnostic.code)
"""


def test_when_the_disk_is_full_all_that_was_acknowledged_is_there(sqlite_address: str) -> None:
    # SIGXFSZ is ignored, so that the limit on a file's size is an error, as a full disk is.
    run = [sys.executable, "-c", FILL, sqlite_address]
    told = subprocess.run(run, capture_output=True, text=True, check=True).stdout.split()
    assert told[-1] == "OFC753"
    store = Store.open(sqlite_address)
    assert [trial.number for trial in store.trials("s")] == [int(n) for n in told[:-1]]
    assert len(told) > 5
    store.close()


@pytest.mark.postgres
def test_a_full_disk_on_postgres_is_told_of(postgres_address: str) -> None:
    store = Store.open(postgres_address)
    store.create_study("s", "{}", "d", 1.0)
    before_statement(store, "INSERT INTO ofc_studies", taken_back("53100"))
    assert code_of(lambda: store.create_study("t", "{}", "d", 1.0)) == "OFC753"
    assert [study.name for study in store.studies()] == ["s"]
    store.close()


def test_a_directory_that_cannot_be_written_is_told_of(tmp_path: Path) -> None:
    place = tmp_path / "study.db"
    Store.at(place).close()
    store = Store.open(f"sqlite:///file:{place}?mode=ro&uri=true")
    assert code_of(lambda: store.create_study("s", "{}", "d", 1.0)) == "OFC752"
    store.close()
