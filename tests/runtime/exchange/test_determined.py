"""Determined's configurations and trials."""

from __future__ import annotations

import json
from pathlib import Path

from .foreign import imported, past, program, told, written

CONFIG = """\
name: mnist_search
hyperparameters:
  global_batch_size: 64
  optimizer:
    kind: {type: categorical, vals: [SGD, Adam]}
    learning_rate: {type: log, minval: -5.0, maxval: 1.0, base: 10.0}
  layers: {type: int, minval: 1, maxval: 3}
  dropout: {type: double, minval: 0.2, maxval: 0.5}
  activation: {type: const, val: relu}
  sizes: [1, 2]
searcher:
  name: adaptive_asha
  metric: validation_loss
  max_trials: 16
  max_length: {batches: 1000}
entrypoint: model_def:MNistTrial
resources: {slots_per_trial: 2}
environment: {environment_variables: [TOKEN=abc]}
reproducibility: {experiment_seed: 7}
"""
HPARAMS = {
    "global_batch_size": 64,
    "optimizer": {"kind": "Adam", "learning_rate": 0.001},
    "layers": 2,
    "dropout": 0.25,
    "activation": "relu",
    "sizes": [1, 2],
}
POINT = {"optimizer_kind": "Adam", "optimizer_learning_rate": 0.001, "layers": 2, "dropout": 0.25}


def test_a_configuration_is_a_spec(tmp_path: Path) -> None:
    found = imported(tmp_path, CONFIG)
    assert written(found) == (
        "  searchSpace:\n"
        "    optimizer_kind:\n"
        "      type: choice\n"
        '      range: "{SGD, Adam}"\n'
        "    optimizer_learning_rate:\n"
        "      type: float\n"
        "      range: 1e-05...10.0\n"
        "      scale: log\n"
        "    layers:\n"
        "      type: int\n"
        "      range: 1...3\n"
        "    dropout:\n"
        "      type: float\n"
        "      range: 0.2...0.5\n"
        "  objectives:\n"
        "    - minimize validation_loss\n"
        "  search:\n"
        "    strategy: auto\n"
        "    budget:\n"
        "      trials: 16\n"
        "    parallelism: 16\n"
        "    seed: 7\n"
        "    trial:\n"
        "      resources:\n"
        "        gpu: 2\n"
    )
    assert program(found).name == "mnist-search"
    assert found.study is not None
    assert found.study.constants == (("global_batch_size", 64), ("activation", "relu"))


def test_what_a_spec_cannot_say_is_told_and_no_variable_is_shown(tmp_path: Path) -> None:
    assert told(imported(tmp_path, CONFIG)) == [
        "5 OFC786 the parameter `optimizer.kind` is called `optimizer_kind` in the spec",
        (
            "6 OFC786 the parameter `optimizer.learning_rate` is called "
            "`optimizer_learning_rate` in the spec"
        ),
        "10 OFC785 `sizes` has a value that a spec cannot say",
        "12 OFC786 Determined's `adaptive_asha` is not ours: the spec says `auto`",
        "15 OFC785 `searcher.max_length`, how long a trial trains, is the estimator's own here",
        (
            "16 OFC786 `model_def:MNistTrial` is a trial of Determined's; an estimator has "
            "`run()` and `metrics()`"
        ),
        "- OFC785 `environment.environment_variables` is not taken over",
    ]


def test_a_grid_keeps_its_points(tmp_path: Path) -> None:
    text = CONFIG.replace("adaptive_asha", "grid")
    text = text.replace("maxval: 1.0, base: 10.0", "maxval: -3.0, base: 10.0, count: 3")
    text = text.replace("maxval: 3}", "maxval: 3, count: 100}")
    text = text.replace("maxval: 0.5}", "maxval: 0.5, count: 4}")
    found = imported(tmp_path, text)
    assert found.study is not None
    assert {each.origin: each.range for each in found.study.parameters} == {
        "optimizer.kind": ("SGD", "Adam"),
        "optimizer.learning_rate": (1e-5, 1e-4, 1e-3),
        "layers": (1, 2, 3),
        "dropout": (0.2, 0.3, 0.4, 0.5),
    }
    assert program(found)


def test_a_described_experiment_gives_its_best_validations(tmp_path: Path) -> None:
    def step(batches: int, loss: float) -> dict[str, object]:
        metrics = {"validation_metrics": {"validation_loss": loss, "accuracy": 1 - loss}}
        return {"total_batches": batches, "validation": {"metrics": metrics}}

    described = [
        {
            "id": 3,
            "trials": [
                {
                    "id": 7,
                    "state": "COMPLETED",
                    "start_time": "2022-05-05T21:01:00Z",
                    "end_time": "2022-05-05T21:11:00Z",
                    "hparams": HPARAMS,
                    "steps": [step(100, 0.5), step(200, 0.3), step(300, 0.4)],
                },
                {"id": 8, "state": "ERROR", "hparams": HPARAMS, "steps": [step(100, 0.1)]},
                {"id": 9, "state": "COMPLETED", "hparams": HPARAMS, "steps": []},
            ],
        }
    ]
    taken, left_out = past(imported(tmp_path, CONFIG, json.dumps(described)))
    assert [(t.label, dict(t.point), dict(t.metrics)) for t in taken] == [
        ("7", POINT, {"validation_loss": 0.3})
    ]
    assert taken[0].curve == {"validation_loss": {100: 0.5, 200: 0.3, 300: 0.4}}
    assert left_out == []


def test_the_tables_of_the_command_line_are_read(tmp_path: Path) -> None:
    hparams = json.dumps(HPARAMS).replace('"', '""')
    trials = (
        "Trial ID,Experiment ID,State,Start Time,End Time,H-Params\n"
        f'7,3,COMPLETED,2022-05-05 21:01:00+00:00,2022-05-05 21:11:00+00:00,"{hparams}"\n'
    )
    workloads = (
        "Trial ID,# of Batches,State,Report Time,Validation Metric: validation_loss\n"
        "7,100,COMPLETED,,0.5\n7,200,COMPLETED,,0.25\n"
    )
    taken, _ = past(imported(tmp_path, CONFIG, trials, workloads))
    assert [(dict(t.point), dict(t.metrics)) for t in taken] == [(POINT, {"validation_loss": 0.25})]


def test_the_apis_trials_are_read(tmp_path: Path) -> None:
    answer = {
        "trials": [
            {
                "id": 1,
                "state": "STATE_COMPLETED",
                "hparams": HPARAMS,
                "bestValidation": {"metrics": {"avgMetrics": {"validation_loss": 0.2}}},
            }
        ]
    }
    taken, _ = past(imported(tmp_path, CONFIG, json.dumps(answer)))
    assert [dict(t.metrics) for t in taken] == [{"validation_loss": 0.2}]
