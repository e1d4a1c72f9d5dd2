"""A study in Optuna's storage, read back by Optuna itself."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from omniforce.runtime.exchange.to_optuna import Written, write_optuna
from omniforce.runtime.store.trial import Point
from omniforce.spec.problem import Problem

from .studies import Made, spec

optuna = pytest.importorskip("optuna", reason="optuna is not installed")

SPACE = """
learning_rate: 1e-4...1e-1 log
depth: 1...9
units: {type: int, range: 16...256, scale: log}
dropout: {type: float, range: 0.0...0.5, step: 0.1}
even: {type: int, range: 2...9, step: 2}
family: "{mlp, cnn}"
channels: int 4...32 when family == cnn
bias: bool
"""
MLP = {
    "learning_rate": 0.01,
    "depth": 3,
    "units": 64,
    "dropout": 0.3,
    "even": 4,
    "family": "mlp",
    "bias": True,
}
CNN = {**MLP, "family": "cnn", "channels": 8}


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Made]:
    goals = ["maximize accuracy", "minimize cost", "require loss <= 1"]
    made = Made(spec(SPACE, goals), tmp_path / "study.db")
    yield made
    made.store.close()


def opened(tmp_path: Path, name: str = "s") -> optuna.Study:
    return optuna.load_study(study_name=name, storage=f"sqlite:///{tmp_path}/optuna.db")


def write(study: Made, tmp_path: Path, **options: bool) -> Written:
    return write_optuna(study.copy(), f"sqlite:///{tmp_path}/optuna.db", None, **options)


def test_optuna_reads_every_trial_with_its_point_its_values_and_its_state(
    study: Made, tmp_path: Path
) -> None:
    study.run(MLP, {"accuracy": 0.9, "cost": 2.0, "loss": 0.5})
    study.run(CNN, {"accuracy": 0.8, "cost": 1.0, "loss": 0.5})
    study.run(CNN, None)
    study.start(study.propose(MLP))
    study.propose(CNN)

    written = write(study, tmp_path)

    assert (written.study, written.trials, written.notes) == ("s", 5, ())
    found = opened(tmp_path)
    assert [d.name for d in found.directions] == ["MAXIMIZE", "MINIMIZE"]
    assert found.metric_names == ["accuracy", "cost"]
    assert [(t.state.name, t.values, t.params) for t in found.trials] == [
        ("COMPLETE", [0.9, 2.0], MLP),
        ("COMPLETE", [0.8, 1.0], CNN),
        ("FAIL", None, CNN),
        ("RUNNING", None, MLP),
        ("WAITING", None, CNN),
    ]
    assert found.trials[2].user_attrs["ofc:failure"] == "user-error"
    assert [t.duration.total_seconds() if t.duration else None for t in found.trials[:2]] == [
        10.0,
        10.0,
    ]


def test_distributions_are_those_of_the_space(study: Made, tmp_path: Path) -> None:
    study.run(CNN, {"accuracy": 0.9, "cost": 2.0, "loss": 0.5})
    write(study, tmp_path)
    of = optuna.distributions
    assert opened(tmp_path).trials[0].distributions == {
        "learning_rate": of.FloatDistribution(1e-4, 1e-1, log=True),
        "depth": of.IntDistribution(1, 9),
        "units": of.IntDistribution(16, 256, log=True),
        "dropout": of.FloatDistribution(0.0, 0.5, step=0.1),
        "even": of.IntDistribution(2, 8, step=2),
        "family": of.CategoricalDistribution(("mlp", "cnn")),
        "channels": of.IntDistribution(4, 32),
        "bias": of.CategoricalDistribution((True, False)),
    } or opened(tmp_path).trials[0].distributions["bias"] == of.CategoricalDistribution(
        (False, True)
    )


def test_what_breaks_a_requirement_is_not_among_the_best(study: Made, tmp_path: Path) -> None:
    study.run(MLP, {"accuracy": 0.99, "cost": 2.0, "loss": 7.0})
    study.run(MLP, {"accuracy": 0.9, "cost": 3.0, "loss": 1.0})
    study.run(MLP, {"accuracy": 0.8, "cost": 4.0, "loss": 0.1})
    write(study, tmp_path)
    assert [t.number for t in opened(tmp_path).best_trials] == [1]


def test_figures_on_the_way_are_intermediate_values(study: Made, tmp_path: Path) -> None:
    points = [Point(0, "accuracy", 0.5), Point(1, "accuracy", 0.7), Point(1, "loss", 2.0)]
    study.run(MLP, {"accuracy": 0.9, "cost": 2.0, "loss": 0.5}, points)
    write(study, tmp_path)
    trial = opened(tmp_path).trials[0]
    assert trial.intermediate_values == {0: 0.5, 1: 0.7}
    assert trial.user_attrs["ofc:curve:loss"] == {"1": 2.0}
    assert trial.user_attrs["loss"] == 0.5


def test_optuna_goes_on_with_it(tmp_path: Path) -> None:
    made = Made(spec(SPACE, ["maximize accuracy"]), tmp_path / "study.db")
    for i in range(12):
        made.run({**MLP, "depth": 1 + i % 9}, {"accuracy": i / 20})
    write_optuna(made.copy(), f"sqlite:///{tmp_path}/optuna.db", "other")
    made.store.close()
    found = opened(tmp_path, "other")
    assert found.best_value == 0.55
    assert found.best_trial.number == 11
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert "depth" in optuna.importance.get_param_importances(found)
    trial = found.ask()
    assert 1 <= trial.suggest_int("depth", 1, 9) <= 9
    found.tell(trial, 0.1)
    assert len(opened(tmp_path, "other").trials) == 13


def test_the_plots_draw_it(study: Made, tmp_path: Path) -> None:
    pytest.importorskip("plotly", reason="plotly is not installed")
    for i in range(5):
        study.run({**MLP, "depth": 1 + i}, {"accuracy": i / 5, "cost": 1.0 + i, "loss": 0.5})
    write(study, tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        figure = optuna.visualization.plot_pareto_front(opened(tmp_path))
    assert sum(len(trace.x) for trace in figure.data) == 5


def test_a_study_of_that_name_stays_unless_it_is_to_be_replaced(
    study: Made, tmp_path: Path
) -> None:
    study.run(MLP, {"accuracy": 0.9, "cost": 2.0, "loss": 0.5})
    write(study, tmp_path)
    with pytest.raises(Problem) as refused:
        write(study, tmp_path)
    assert refused.value.diagnostic.code == "OFC792"
    study.run(MLP, {"accuracy": 0.9, "cost": 2.0, "loss": 0.5})
    write(study, tmp_path, force=True)
    assert len(opened(tmp_path).trials) == 2


def test_a_storage_that_is_none_is_a_problem_that_hides_the_password(
    study: Made, tmp_path: Path
) -> None:
    for address in (
        "mysql+pymysql://me:hunter2@nowhere.invalid/x",
        "nonsense://me:hunter2@host/x",
        "postgresql://me:hunter2@127.0.0.1:1/x",
        "no address at all",
    ):
        with pytest.raises(Problem) as refused:
            write_optuna(study.copy(), address, None)
        assert refused.value.diagnostic.code in ("OFC793", "OFC703")
        assert "hunter2" not in str(refused.value)
