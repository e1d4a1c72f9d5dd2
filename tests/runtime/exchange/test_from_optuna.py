"""Optuna's storages, made by Optuna itself."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from omniforce.runtime.exchange.read_foreign import Wanted, read_foreign
from omniforce.runtime.exchange.to_optuna import write_optuna
from omniforce.spec.problem import Problem

from .foreign import past, program, told, written
from .studies import Made, spec

optuna = pytest.importorskip("optuna", reason="optuna is not installed")


def make(place: Path, name: str = "My Study!") -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(
        storage=f"sqlite:///{place}", study_name=name, directions=["maximize", "minimize"]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study.set_metric_names(["acc", "time s"])
    return study


def run(trial: optuna.Trial) -> tuple[float, float]:
    family = trial.suggest_categorical("family", ["cnn", "mlp", "svm", None])
    rate = trial.suggest_float("opt/lr", 1e-5, 1e-1, log=True)
    trial.suggest_float("drop", 0.0, 0.5, step=0.1)
    trial.suggest_int("units", 8, 512, log=True)
    if family == "cnn":
        trial.suggest_int("kernel", 1, 7, step=2)
    if family in ("cnn", "mlp"):
        trial.suggest_float("decay", 0.0, 1.0)
    return rate, 1.0


def test_a_storage_is_a_spec_with_the_conditions_that_its_trials_show(tmp_path: Path) -> None:
    place = tmp_path / "optuna.db"
    study = make(place)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for family in ("cnn", "mlp", "svm", None, "cnn"):
            study.enqueue_trial({"family": family})
        study.optimize(run, n_trials=5)
    found = read_foreign(Wanted(file=str(place)))
    assert written(found) == (
        "  searchSpace:\n"
        "    family:\n"
        "      type: choice\n"
        '      range: "{cnn, mlp, svm, none}"\n'
        "    opt_lr:\n"
        "      type: float\n"
        "      range: 1e-05...0.1\n"
        "      scale: log\n"
        "    drop:\n"
        "      type: float\n"
        "      range: 0.0...0.5\n"
        "      step: 0.1\n"
        "    units:\n"
        "      type: int\n"
        "      range: 8...512\n"
        "      scale: log\n"
        "    decay:\n"
        "      type: float\n"
        "      range: 0.0...1.0\n"
        "      when: family in {cnn, mlp}\n"
        "    kernel:\n"
        "      type: int\n"
        "      range: 1...7\n"
        "      step: 2\n"
        "      when: family == cnn\n"
        "  objectives:\n"
        "    - maximize acc\n"
        "    - minimize time_s\n"
        "  search:\n"
        "    strategy: auto\n"
        "    budget:\n"
        "      trials: 100\n"
    )
    assert program(found).name == "my-study"
    taken, left_out = past(found)
    assert left_out == []
    expected = [
        {
            {"opt/lr": "opt_lr"}.get(name, name): "none" if value is None else value
            for name, value in trial.params.items()
        }
        for trial in study.trials
    ]
    assert [dict(each.point) for each in taken] == expected
    assert [dict(each.metrics) for each in taken] == [
        {"acc": trial.values[0], "time_s": trial.values[1]} for trial in study.trials
    ]
    times = [(trial.datetime_start, trial.datetime_complete) for trial in study.trials]
    assert [each.started for each in taken] == [a.timestamp() for a, _ in times if a]


def test_a_range_that_changed_is_told(tmp_path: Path) -> None:
    place = tmp_path / "optuna.db"
    study = make(place)
    for high in (5, 9):
        trial = study.ask()
        trial.suggest_int("n", 1, high)
        study.tell(trial, [1.0, 2.0])
    found = read_foreign(Wanted(file=f"sqlite:///{place}"))
    assert told(found)[1:] == [
        "- OFC786 the range of `n` changed from trial to trial; the spec has all of them as one"
    ]
    assert found.study is not None
    assert (found.study.parameters[0].range.low, found.study.parameters[0].range.high) == (1, 9)  # type: ignore[union-attr]


def test_one_of_several_studies_must_be_chosen(tmp_path: Path) -> None:
    place = tmp_path / "optuna.db"
    for name in ("one", "two"):
        study = make(place, name)
        trial = study.ask()
        trial.suggest_int("n", 1, 3)
        study.tell(trial, [1.0, 2.0])
    with pytest.raises(Problem) as refused:
        read_foreign(Wanted(file=str(place)))
    assert refused.value.diagnostic.help == "choose one with `--study`: `one`, `two`"
    found = read_foreign(Wanted(file=str(place), study="two"))
    assert found.study is not None
    assert found.study.name == "two"


def test_a_file_is_only_read(tmp_path: Path) -> None:
    place = tmp_path / "optuna.db"
    study = make(place)
    trial = study.ask()
    trial.suggest_int("n", 1, 3)
    study.tell(trial, [1.0, 2.0])
    del study
    before = (place.read_bytes(), sorted(each.name for each in tmp_path.iterdir()))
    place.chmod(0o444)
    read_foreign(Wanted(file=str(place)))
    assert (place.read_bytes(), sorted(each.name for each in tmp_path.iterdir())) == before


def test_what_was_exported_comes_back_with_the_same_points(tmp_path: Path) -> None:
    space = "lr: 1e-4...1e-1 log\nfamily: '{mlp, cnn}'\nkernel: int 1...7 when family == cnn\n"
    made = Made(spec(space, ["maximize accuracy"]), tmp_path / "study.db")
    points = [
        {"lr": 0.01, "family": "mlp"},
        {"lr": 0.02, "family": "cnn", "kernel": 3},
        {"lr": 0.1, "family": "cnn", "kernel": 7},
    ]
    for number, point in enumerate(points):
        made.run(point, {"accuracy": number / 10})
    write_optuna(made.copy(), f"sqlite:///{tmp_path}/optuna.db", None)
    made.store.close()
    taken, left_out = past(read_foreign(Wanted(file=str(tmp_path / "optuna.db"))))
    assert left_out == []
    assert [(dict(t.point), dict(t.metrics)) for t in taken] == [
        (point, {"accuracy": number / 10}) for number, point in enumerate(points)
    ]


def test_a_database_of_something_else_is_a_problem(tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "other.db") as connection:
        connection.execute("create table x (y)")
    with pytest.raises(Problem) as refused:
        read_foreign(Wanted(file=str(tmp_path / "other.db")))
    assert refused.value.diagnostic.code == "OFC793"
    with pytest.raises(Problem) as missing:
        read_foreign(Wanted(file="sqlite:///nowhere.db"))
    assert missing.value.diagnostic.code == "OFC793"
    assert not Path("nowhere.db").exists()
