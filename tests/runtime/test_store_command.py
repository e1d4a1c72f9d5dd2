"""`ofc store` says what state a store is in, and changes nothing unless it is told to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from omniforce.compiler.cli.main import run
from omniforce.runtime.store.store import Store


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A study of this machine, with one trial."""
    folder = tmp_path / ".ofc" / "demo"
    folder.mkdir(parents=True)
    store = Store.at(folder / "study.db")
    store.create_study("demo", "{}", "sha256:1", 1.0)
    with store.lock("demo") as session:
        session.propose([{"x": 1}], 2.0)
    store.close()
    return tmp_path


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    del found["formatVersion"]
    return found


def at(place: Path, *words: str) -> list[str]:
    return ["store", *words, "--dir", str(place / ".ofc"), "-o", "json"]


def test_a_store_of_this_release_is_whole(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(at(place, "version", "demo")) == 0
    assert told(capsys)["layout"] == 3
    assert run(at(place, "check")) == 0
    found = told(capsys)
    assert found["findings"] == []
    rows = found["rows"]
    assert isinstance(rows, dict)
    assert {name: count for name, count in rows.items() if count} == {
        "ofc_revisions": 1,
        "ofc_studies": 1,
        "ofc_trials": 1,
        "ofc_version": 1,
    }


def test_down_and_up_again(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = place / ".ofc" / "demo" / "study.db"
    store = Store.at(file)
    with store.lock("demo") as session:
        session.note("ann", "pause", {}, 3.0)
    store.close()
    assert run(at(place, "downgrade", "demo", "--to", "1")) == 1
    assert "OFC758" in capsys.readouterr().out
    assert run(at(place, "downgrade", "demo", "--to", "1", "--drop")) == 0
    assert told(capsys) == {
        "store": str(file),
        "before": 3,
        "after": 1,
        "copy": f"{file}.layout-3",
        "dropped": ["1 deeds of people"],
    }
    assert run(at(place, "version", "demo")) == 2
    assert run(at(place, "check", "demo")) == 2
    capsys.readouterr()
    assert run(at(place, "upgrade", "demo")) == 0
    assert told(capsys)["after"] == 3
    assert run(at(place, "upgrade", "demo")) == 0
    assert told(capsys)["copy"] is None


def test_what_is_wrong_is_named(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = Store.at(place / ".ofc" / "demo" / "study.db")
    with store.database.writing() as connection:
        connection.execute(text("INSERT INTO ofc_metrics VALUES ('demo', 7, 1, 'a', 0.5)"))
    store.close()
    assert run(at(place, "check", "demo")) == 5
    assert told(capsys)["findings"] == ["1 rows of `ofc_metrics` belong to no trial"]
    store = Store.at(place / ".ofc" / "demo" / "study.db")
    with store.database.writing() as connection:
        connection.execute(text("DROP TABLE ofc_reports"))
        connection.execute(text("DROP INDEX ofc_trials_by_state"))
    store.close()
    assert run(at(place, "check", "demo")) == 5
    assert told(capsys)["findings"] == [
        "the tables: add table ofc_reports",
        "the tables: add index ofc_trials_by_state",
    ]


def test_what_is_not_there_is_not_made(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = place / "none.db"
    assert run(["store", "check", "--store", f"sqlite:///{missing}"]) == 1
    assert run(at(place, "check", "nobody")) == 1
    assert not missing.exists()
    assert "OFC757" in capsys.readouterr().err


@pytest.mark.postgres
def test_an_empty_database_gets_the_tables(
    postgres_address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--store", postgres_address, "-o", "json"]
    assert run(["store", "version", *asked]) == 2
    assert told(capsys)["layout"] is None
    assert run(["store", "upgrade", *asked]) == 0
    found = told(capsys)
    assert (found["before"], found["after"]) == (0, 3)
    assert run(["store", "check", *asked]) == 0


def test_a_store_is_named_once(place: Path) -> None:
    assert run(["store", "version", "demo", "--store", "sqlite:///x"]) == 64


def test_a_password_is_not_shown(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["store", "version", "--store", "postgresql://o:hunter2@127.0.0.1:1/x"]) == 1
    shown = capsys.readouterr()
    assert "hunter2" not in shown.out + shown.err
