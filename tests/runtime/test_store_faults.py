"""What a store says when its database fails, and that nothing is lost by it."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import event, text

from omniforce.runtime.store.store import Store
from omniforce.runtime.trial.contract import TrialReport
from omniforce.spec.problem import Problem

POINT = {"x": 1.5}


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(Problem) as caught:
        call()
    assert caught.value.diagnostic.help
    return caught.value.diagnostic.code


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A SQLite store with one study of one trial."""
    path = tmp_path / "study.db"
    store = Store.at(path)
    store.create_study("s", "{}", "sha256:1", 1.0)
    with store.lock("s") as session:
        session.propose([POINT], 2.0)
    store.close()
    return path


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    path.write_text("my notes, not a database\n" * 100)
    before = path.read_bytes()
    assert code_of(lambda: Store.at(path)) == "OFC750"
    assert path.read_bytes() == before


def test_a_damaged_page_is_told_of(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    assert code_of(lambda: Store.at(path).trials("s")) == "OFC750"
    assert path.read_bytes() == bytes(content)


def test_a_store_that_another_process_holds_is_told_of(path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store = Store.at(path, patience=0.05)
    assert code_of(lambda: store.lease("s", 0, 1, "w", 60.0, 3.0)) == "OFC751"
    assert [trial.state for trial in store.trials("s")] == ["proposed"]
    other.execute("ROLLBACK")
    other.close()
    assert store.lease("s", 0, 1, "w", 60.0, 3.0) is not None
    store.close()


def test_a_store_that_cannot_be_written_can_be_read(path: Path) -> None:
    store = Store.open(f"sqlite:///file:{path}?mode=ro&uri=true")
    assert len(store.trials("s")) == 1
    assert code_of(lambda: store.lease("s", 0, 1, "w", 60.0, 3.0)) == "OFC752"
    store.close()


def test_a_full_disk_loses_nothing_that_was_acknowledged(path: Path) -> None:
    store = Store.at(path)
    store.close()
    # SQLite gives the same error for its own limit as for a full disk.
    event.listen(
        store.database.engine,
        "connect",
        lambda connection, _: connection.execute("PRAGMA max_page_count = 1").close(),
    )
    big = {"x": "y" * 100_000}

    def propose() -> None:
        with store.lock("s") as session:
            session.propose([big], 3.0)

    assert code_of(propose) == "OFC753"
    assert [trial.point for trial in store.trials("s")] == [POINT]
    store.close()


def test_a_missing_directory_is_told_of(tmp_path: Path) -> None:
    assert code_of(lambda: Store.at(tmp_path / "missing" / "study.db")) == "OFC755"


@pytest.mark.parametrize("address", ["", "nonsense", "mysql://host/name", "postgresql://h:x/y"])
def test_an_address_that_is_none_is_told_of(address: str) -> None:
    assert code_of(lambda: Store.open(address)) == "OFC755"


def test_a_server_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    assert code_of(lambda: Store.open(f"postgresql://ofc@/x?host={tmp_path}")) == "OFC755"


def test_a_missing_driver_is_told_of_with_the_extra_that_brings_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(Problem) as caught:
        Store.open("postgresql://ofc@h/x")
    assert caught.value.diagnostic.code == "OFC703"
    assert caught.value.diagnostic.help == "pip install 'omniforce[functions]'"


def test_a_password_is_never_shown(tmp_path: Path) -> None:
    with pytest.raises(Problem) as caught:
        Store.open("postgresql://ofc:hunter2@127.0.0.1:1/x")
    assert "hunter2" not in str(caught.value)


def test_a_store_of_a_newer_release_is_left_alone(address: str) -> None:
    store = Store.open(address)
    with store.database.writing() as connection:
        connection.execute(text("UPDATE ofc_alembic_version SET version_num = '99'"))
    store.close()
    assert code_of(lambda: Store.open(address)) == "OFC754"


def test_what_was_committed_outlives_the_process(address: str) -> None:
    store = Store.open(address)
    store.create_study("s", "{}", "sha256:1", 1.0)
    with store.lock("s") as session:
        session.propose([POINT], 2.0)
    store.lease("s", 0, 1, "w", 60.0, 3.0)
    store.finish("s", 0, 1, TrialReport(outcome="completed", metrics={"a": 1.0}), 4.0)
    before = store.trials("s")
    store.close()
    again = Store.open(address)
    assert again.trials("s") == before
    again.close()


@pytest.mark.postgres
def test_postgres_tells_of_a_lock_that_is_held(postgres_address: str) -> None:
    holder, store = Store.open(postgres_address), Store.open(postgres_address, patience=0.05)
    store.create_study("s", "{}", "sha256:1", 1.0)
    store.create_study("t", "{}", "sha256:1", 1.0)

    def propose(study: str) -> None:
        with store.lock(study) as session:
            session.propose([POINT], 2.0)

    with holder.lock("s"):
        assert code_of(lambda: propose("s")) == "OFC751"
        propose("t")
    propose("s")
    holder.close()
    store.close()


@pytest.mark.postgres
def test_postgres_in_recovery_cannot_be_written(postgres_address: str) -> None:
    store = Store.open(postgres_address)
    store.create_study("s", "{}", "sha256:1", 1.0)
    with store.database.writing() as connection:
        name = connection.execute(text("SELECT current_database()")).scalar_one()
        connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
    store.close()
    assert code_of(lambda: store.create_study("t", "{}", "sha256:1", 1.0)) == "OFC752"
    store.close()


@pytest.mark.postgres
def test_a_broken_connection_undoes_the_transaction_and_the_next_call_works(
    postgres_address: str,
) -> None:
    store, killer = Store.open(postgres_address), Store.open(postgres_address)
    store.create_study("s", "{}", "sha256:1", 1.0)

    def propose() -> None:
        with store.lock("s") as session:
            session.propose([POINT], 2.0)
            backend = session.connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            with killer.database.writing() as connection:
                connection.execute(text(f"SELECT pg_terminate_backend({backend})"))
            session.propose([POINT], 2.0)

    assert code_of(propose) == "OFC755"
    assert store.trials("s") == ()
    store.close()
    killer.close()
