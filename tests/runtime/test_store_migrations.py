"""A store goes from any layout to any other, whole or not at all, and keeps what it can hold."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, Table, inspect, select, text

from omniforce.runtime.store import layout, migrating, schema
from omniforce.runtime.store.database import Database
from omniforce.runtime.store.store import Store
from omniforce.spec.problem import Problem

PROGRAM = (
    '{"steps": [{"kind": "Prepare"}, {"kind": "Search", "algorithm": {"name": "vision/cnn"}}]}'
)
ROWS: dict[str, list[dict[str, object]]] = {
    "ofc_studies": [
        {"name": "s", "digest": "sha256:1", "program": PROGRAM, "state": "running"}
        | {"started": 0.1 + 0.2, "finished": None, "reason": None, "token": 7}
        | {"thinking_until": 1e9 + 0.1},
        {"name": "odd", "digest": "d", "program": "{}", "state": "completed", "started": 1.0}
        | {"finished": 2.0, "reason": "budget", "token": 2**40, "thinking_until": None},
    ],
    "ofc_trials": [
        {"study": "s", "number": n, "round": 0, "attempt": 1 + losses, "losses": losses}
        | {"state": "completed", "point": '{"x": 0.30000000000000004}', "proposed": 1.0}
        | {"requested": 2.0, "started": 3.0, "finished": 4.5, "seconds": 1.5, "failure": None}
        | {"message": "π 'quoted' \n", "worker": "w", "expires": None}
        for n, losses in enumerate((0, 1, 12))
    ],
    "ofc_attempts": [
        {"study": "s", "trial": 0, "attempt": 1, "worker": "w", "leased": 2.5, "reported": 4.5}
        | {"outcome": "completed", "failure": None, "message": "", "seconds": 1.5}
        | {"cpu_seconds": 0.1},
        {"study": "s", "trial": 1, "attempt": 1, "worker": "v", "leased": 2.5, "reported": None}
        | {"outcome": None, "failure": None, "message": "", "seconds": 0.0, "cpu_seconds": 0.0},
    ],
    "ofc_metrics": [
        {"study": "s", "trial": 0, "attempt": 1, "key": "accuracy", "value": 0.1 + 0.7}
    ],
    "ofc_outbox": [
        {"position": 3, "study": "s", "id": "e", "type": "t", "event": "{}", "created": 1.0}
        | {"sent": None}
    ],
    "ofc_events_in": [{"source": "/s", "id": "e", "study": "s", "type": "t", "handled": 1.0}],
    "ofc_dead_letters": [
        {"source": "/s", "id": "e", "type": "t", "cause": "c", "event": "{}", "received": 1.0}
    ],
}
"""What a store of layout 1 held."""


def make_layout_1(address: str, rows: dict[str, list[dict[str, object]]] = ROWS) -> None:
    """As the release before migrations made it: without a stamp."""
    database = Database.connect(address)
    with database.writing() as connection:
        command.upgrade(migrating.config_for(connection), "1")
        connection.execute(text("DROP TABLE ofc_alembic_version"))
        tables = MetaData()
        tables.reflect(connection)
        for name, each in rows.items():
            connection.execute(tables.tables[name].insert(), each)
    database.close()


def content(address: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table but the stamp, with the columns by name."""
    database, found = Database.connect(address), {}
    with database.reading() as connection:
        for name in sorted(set(inspect(connection).get_table_names()) - {schema.stamp.name}):
            table = Table(name, MetaData(), autoload_with=connection)
            columns = sorted(table.c, key=lambda column: column.name)
            rows = connection.execute(select(*columns)).all()
            head = tuple(column.name for column in columns)
            found[name] = [head, *sorted((tuple(row) for row in rows), key=repr)]
    database.close()
    return found


def differences(address: str) -> list[object]:
    """How the tables differ from this release's, as Alembic sees it."""
    database = Database.connect(address)
    with database.reading() as connection:
        options = {"version_table": schema.stamp.name, "compare_server_default": True}
        found = compare_metadata(
            MigrationContext.configure(connection, opts=options), schema.metadata
        )
    database.close()
    return list(found)


def test_migrations_from_nothing_make_the_same_tables_as_a_new_store(address: str) -> None:
    database = Database.connect(address)
    with database.writing() as connection:
        command.upgrade(migrating.config_for(connection), "head")
    assert layout.stamped(database) == schema.VERSION
    database.close()
    assert differences(address) == []


def test_a_new_store_has_the_tables_of_this_release(address: str) -> None:
    Store.open(address).close()
    assert differences(address) == []


def test_the_last_revision_is_the_layout_of_this_release(sqlite_address: str) -> None:
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(migrating.config_for())
    assert scripts.get_current_head() == str(schema.VERSION)
    assert [revision.revision for revision in scripts.walk_revisions()] == ["3", "2", "1"]


def test_down_to_nothing_leaves_no_table(address: str) -> None:
    Store.open(address).close()
    database = Database.connect(address)
    with database.writing() as connection:
        command.downgrade(migrating.config_for(connection), "base")
    database.close()
    assert list(content(address)) == []


def test_opening_an_older_store_upgrades_it_and_keeps_what_it_holds(address: str) -> None:
    make_layout_1(address)
    store = Store.open(address)
    found = store.trials("s")
    assert [dict(trial.retried) for trial in found] == [{}, {"lost-worker": 1}, {"lost-worker": 12}]
    assert [trial.attempt for trial in found] == [1, 2, 13]
    assert found[0].metrics == {"accuracy": 0.1 + 0.7}
    assert found[0].message == "π 'quoted' \n"
    assert store.program("s", 1) == PROGRAM
    with store.database.reading() as connection:
        studies, attempts = schema.studies.c, schema.attempts.c
        named = connection.execute(select(studies.name, studies.algorithm).order_by(studies.name))
        assert named.all() == [("odd", ""), ("s", "vision/cnn")]
        ended = connection.execute(select(attempts.trial, attempts.ended).order_by(attempts.trial))
        assert ended.all() == [(0, 4.5), (1, None)]
    store.close()
    assert differences(address) == []


def test_what_layout_1_held_survives_the_way_up_and_down(address: str) -> None:
    make_layout_1(address)
    before = content(address)
    Store.open(address).close()
    assert content(address) != before
    database = Database.connect(address)
    moved = migrating.downgrade(database, 1)
    database.close()
    assert (moved.before, moved.after, moved.dropped) == (3, 1, ())
    assert content(address) == before


def test_an_upgraded_store_says_so_to_releases_without_migrations(address: str) -> None:
    make_layout_1(address)
    Store.open(address).close()
    assert content(address)["ofc_version"][1:] == [(3,)]


def filled(address: str) -> None:
    """A store with what layout 1 has no place for."""
    store = Store.open(address)
    with store.database.writing() as connection:
        connection.execute(
            schema.studies.insert().values(
                name="s", digest="d", program="{}", state="paused", started=1.0, token=0
            )
        )
        connection.execute(
            schema.artifacts.insert().values(
                study="s", trial=0, attempt=1, name="m", uri="", digest="", size=1, created=1.0
            )
        )
    store.close()


def test_a_downgrade_that_would_lose_something_says_what_and_does_nothing(address: str) -> None:
    filled(address)
    before = content(address)
    database = Database.connect(address)
    with pytest.raises(Problem) as caught:
        migrating.downgrade(database, 1)
    database.close()
    assert caught.value.diagnostic.code == "OFC758"
    assert "1 artifacts, 1 paused studies, which go on" in str(caught.value)
    assert content(address) == before


def test_a_downgrade_drops_what_it_is_told_to_drop(address: str) -> None:
    filled(address)
    database = Database.connect(address)
    moved = migrating.downgrade(database, 1, drop=True)
    database.close()
    assert moved.dropped == ("1 artifacts", "1 paused studies, which go on")
    after = content(address)
    assert "ofc_artifacts" not in after
    head, row = after["ofc_studies"]
    assert row[head.index("state")] == "running"


def test_a_sqlite_file_is_copied_before_it_is_changed(sqlite_address: str, tmp_path: Path) -> None:
    make_layout_1(sqlite_address)
    before = content(sqlite_address)
    Store.open(sqlite_address).close()
    assert content(f"sqlite:///{tmp_path}/study.db.layout-1") == before
    database = Database.connect(sqlite_address)
    migrating.downgrade(database, 1)
    assert migrating.upgrade(database).copy == tmp_path / "study.db.layout-1.2"
    database.close()
    assert sorted(path.name for path in tmp_path.iterdir() if "layout" in path.name) == [
        "study.db.layout-1",
        "study.db.layout-1.2",
        "study.db.layout-3",
    ]


def test_without_room_for_the_copy_nothing_is_changed(
    sqlite_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_layout_1(sqlite_address)
    before = content(sqlite_address)

    def full(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(Problem) as caught:
        Store.open(sqlite_address)
    assert caught.value.diagnostic.code == "OFC757"
    assert content(sqlite_address) == before
    assert [path.name for path in tmp_path.iterdir() if "layout" in path.name] == []


def test_a_migration_that_fails_half_way_changes_nothing(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_layout_1(address)
    before = content(address)
    from alembic import op

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a row that nobody expected")

    monkeypatch.setattr(op, "create_table", fail)
    with pytest.raises(Problem) as caught:
        Store.open(address)
    assert caught.value.diagnostic.code == "OFC757"
    assert "a row that nobody expected" in str(caught.value)
    assert content(address) == before


def _open(address: str, start: object, told: object) -> None:
    start.wait(30)  # type: ignore[attr-defined]
    store = Store.open(address)
    told.put([dict(trial.retried) for trial in store.trials("s")])  # type: ignore[attr-defined]
    store.close()


def test_of_processes_that_open_an_older_store_at_once_one_upgrades_it(
    address: str, tmp_path: Path
) -> None:
    make_layout_1(address)
    spawn = multiprocessing.get_context("spawn")
    start, told = spawn.Barrier(3), spawn.Queue()
    processes = [spawn.Process(target=_open, args=(address, start, told)) for _ in range(3)]
    for process in processes:
        process.start()
    found = [told.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()
    assert found == [[{}, {"lost-worker": 1}, {"lost-worker": 12}]] * 3
    assert differences(address) == []
    assert len(list(tmp_path.glob("*.layout-*"))) == address.startswith("sqlite")


def test_an_older_store_that_cannot_be_written_is_told_of(
    sqlite_address: str, tmp_path: Path
) -> None:
    make_layout_1(sqlite_address)
    with pytest.raises(Problem) as caught:
        Store.open(f"sqlite:///file:{tmp_path}/study.db?mode=ro&uri=true")
    assert caught.value.diagnostic.code == "OFC752"


def test_an_older_store_in_use_is_told_of(sqlite_address: str, tmp_path: Path) -> None:
    make_layout_1(sqlite_address)
    other = sqlite3.connect(tmp_path / "study.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Problem) as caught:
        Store.open(sqlite_address, patience=0.05)
    assert caught.value.diagnostic.code == "OFC751"
    other.close()


def test_a_release_whose_tables_were_changed_under_it_says_so(address: str) -> None:
    store = Store.open(address)
    database = Database.connect(address)
    migrating.downgrade(database, 1)
    database.close()
    with pytest.raises(Problem) as caught:
        store.create_study("s", "{}", "d", 1.0)
    assert caught.value.diagnostic.code == "OFC754"
    store.close()


def test_a_database_of_others_that_use_alembic_is_no_matter(address: str) -> None:
    database = Database.connect(address)
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('v3.0.0.d')"))
    database.close()
    Store.open(address).close()
    assert content(address)["alembic_version"][1:] == [("v3.0.0.d",)]


def test_opening_a_store_of_this_layout_imports_no_alembic(sqlite_address: str) -> None:
    Store.open(sqlite_address).close()
    look = (
        "import sys; from omniforce.runtime.store.store import Store; "
        "Store.open(sys.argv[1]).close(); sys.exit('alembic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", look, sqlite_address], check=True)


@pytest.fixture
def statements(sqlite_address: str) -> Iterator[Callable[[], list[str]]]:
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    seen: list[str] = []

    def note(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    Store.open(sqlite_address).close()
    event.listen(Engine, "before_cursor_execute", note)
    yield lambda: seen
    event.remove(Engine, "before_cursor_execute", note)


def test_opening_a_store_of_this_layout_asks_one_thing(
    sqlite_address: str, statements: Callable[[], list[str]]
) -> None:
    Store.open(sqlite_address).close()
    assert [each for each in statements() if not each.startswith("BEGIN")] == [
        "SELECT ofc_alembic_version.version_num \nFROM ofc_alembic_version"
    ]
