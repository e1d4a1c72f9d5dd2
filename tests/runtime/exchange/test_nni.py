"""NNI's configurations, search spaces and exported trials."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from omniforce.spec.space import FloatRange, IntRange

from .foreign import imported, past, program, told, written

CONFIG = """\
experimentName: MNIST
searchSpaceFile: search_space.json
trialCommand: python3 mnist.py
trialCodeDirectory: .
trialGpuNumber: 1
trialConcurrency: 2
maxExperimentDuration: 24h
maxTrialNumber: 100
tuner:
  name: TPE
  classArgs: {optimize_mode: minimize, seed: 3}
trainingService: {platform: local}
"""
OLD = """\
authorName: me
experimentName: old-one
trialConcurrency: 4
maxExecDuration: 90m
maxTrialNum: 10
trainingServicePlatform: local
searchSpacePath: search_space.json
useAnnotation: false
tuner:
  builtinTunerName: Random
  classArgs: {optimize_mode: maximize}
trial:
  command: python3 -m nets.train
  codeDir: code
  gpuNum: 0
"""
SPACE = {
    "layer": {
        "_type": "choice",
        "_value": [
            {"_name": "Empty"},
            {"_name": "Conv", "kernel": {"_type": "choice", "_value": [1, 3]}},
            {"_name": "Max pool", "kernel": {"_type": "randint", "_value": [2, 6]}},
        ],
    },
    "lr": {"_type": "loguniform", "_value": [0.0001, 0.1]},
}


@pytest.fixture(autouse=True)
def space(tmp_path: Path) -> None:
    # with tabs, which YAML would refuse and JSON allows
    (tmp_path / "search_space.json").write_text(json.dumps(SPACE, indent="\t"))


def test_a_configuration_and_its_space_are_a_spec(tmp_path: Path) -> None:
    found = imported(tmp_path, CONFIG)
    assert written(found) == (
        "  searchSpace:\n"
        "    layer:\n"
        "      type: choice\n"
        '      range: "{Empty, Conv, \\"Max pool\\"}"\n'
        "    layer_Conv_kernel:\n"
        "      type: choice\n"
        '      range: "{1, 3}"\n'
        "      when: layer == Conv\n"
        "    layer_Max_pool_kernel:\n"
        "      type: int\n"
        "      range: 2...5\n"
        '      when: layer == "Max pool"\n'
        "    lr:\n"
        "      type: float\n"
        "      range: 0.0001...0.1\n"
        "      scale: log\n"
        "  objectives:\n"
        "    - minimize score\n"
        "  search:\n"
        "    strategy: bayesian\n"
        "    budget:\n"
        "      trials: 100\n"
        "      wallClock: 1d\n"
        "    parallelism: 2\n"
        "    seed: 3\n"
        "    trial:\n"
        "      resources:\n"
        "        gpu: 1\n"
    )
    assert program(found).name == "mnist"
    assert found.study is not None
    assert found.study.estimator == "mnist:Estimator"


def test_the_first_version_of_the_configuration_is_read(tmp_path: Path) -> None:
    study = imported(tmp_path, OLD).study
    assert study is not None
    assert (study.name, study.trials, study.wall_clock, study.parallelism, study.strategy) == (
        "old-one",
        10,
        5400.0,
        4,
        "random",
    )
    assert (study.estimator, study.gpu) == ("nets.train:Estimator", 0)


def test_every_kind_of_draw_has_its_range(tmp_path: Path) -> None:
    kinds = {
        "a": ("randint", [0, 4]),
        "b": ("uniform", [0, 1]),
        "c": ("quniform", [0, 10, 2.5]),
        "d": ("quniform", [2, 10, 5]),
        "e": ("quniform", [1, 9, 1]),
        "f": ("qloguniform", [16, 256, 1]),
        "g": ("normal", [0, 1]),
        "h": ("qnormal", [10, 2, 2]),
        "i": ("lognormal", [0, 1]),
    }
    space = {name: {"_type": kind, "_value": value} for name, (kind, value) in kinds.items()}
    found = imported(tmp_path, json.dumps(space), name="space.json")
    made = {c.id: c.domain for step in program(found).steps for c in getattr(step, "space", ())}
    assert made == {
        "a": IntRange(0, 3),
        "b": FloatRange(0.0, 1.0),
        "c": FloatRange(0.0, 10.0, step=2.5),
        "d": IntRange(5, 10, step=5),
        "e": IntRange(1, 9),
        "f": IntRange(16, 256, "log"),
        "g": FloatRange(-4.0, 4.0),
        "h": IntRange(2, 18, step=2),
        "i": FloatRange(0.01831563889, 54.59815003, "log"),
    }


def test_exported_trials_with_nested_choices_are_points(tmp_path: Path) -> None:
    exported = [
        {
            "parameter": {"layer": {"_name": "Conv", "kernel": 3}, "lr": 0.01},
            "value": "0.95",
            "trialJobId": "a",
            "intermediate": ["0.5", "0.9"],
        },
        {
            "parameter": {"layer": {"_name": "Max pool", "kernel": 4}, "lr": 0.01},
            "value": '{"default": 0.9, "other": 1}',
            "trialJobId": "b",
        },
        {"parameter": {"layer": {"_name": "Empty"}}, "value": "0.1", "trialJobId": "c"},
    ]
    taken, left_out = past(imported(tmp_path, CONFIG, json.dumps(exported)))
    assert [(t.label, dict(t.point), dict(t.metrics)) for t in taken] == [
        ("a", {"layer": "Conv", "layer_Conv_kernel": 3, "lr": 0.01}, {"score": 0.95}),
        ("b", {"layer": "Max pool", "layer_Max_pool_kernel": 4, "lr": 0.01}, {"score": 0.9}),
    ]
    assert taken[0].curve == {"score": {0: 0.5, 1: 0.9}}
    assert left_out == ["trial c is left out: `lr` is missing, which its range does not hold"]


def test_the_web_pages_download_holds_configuration_and_trials(tmp_path: Path) -> None:
    whole = {
        "experimentParameters": {
            "id": "x",
            "params": {
                "searchSpace": SPACE,
                "trialCommand": "python train.py",
                "tuner": {"name": "Random", "classArgs": {"optimize_mode": "maximize"}},
            },
        },
        "trialMessage": [
            {
                "trialJobId": "t",
                "status": "SUCCEEDED",
                "startTime": 1_700_000_000_000,
                "endTime": 1_700_000_010_000,
                "hyperParameters": [
                    '{"parameters": {"layer": {"_name": "Empty"}, "lr": 0.01}, "parameter_id": 0}'
                ],
                "finalMetricData": [{"data": '"0.5"'}],
            }
        ],
    }
    taken, _ = past(imported(tmp_path, json.dumps(whole), name="experiment.json"))
    assert [(dict(t.point), dict(t.metrics), t.started, t.finished) for t in taken] == [
        ({"layer": "Empty", "lr": 0.01}, {"score": 0.5}, 1_700_000_000.0, 1_700_000_010.0)
    ]


def test_a_space_outside_of_the_configurations_folder_is_not_opened(tmp_path: Path) -> None:
    text = CONFIG.replace("search_space.json", "../../etc/passwd")
    found = imported(tmp_path, text)
    assert [d.message for d in found.findings if d.is_error] == ["the search space is missing"]


def test_what_is_no_parameter_is_told_with_its_place(tmp_path: Path) -> None:
    space = (
        '{"a": {"_type": "uniform", "_value": [1]},\n "b": 3,\n '
        '"c": {"_type": "choice", "_value": [[1]]}}'
    )
    (tmp_path / "search_space.json").write_text(space)
    assert [each for each in told(imported(tmp_path, CONFIG)) if "OFC788" in each] == [
        "1 OFC788 `a` is `uniform` of 1 values",
        "2 OFC788 `b` has no `_type` with a list `_value`",
        "3 OFC788 `c` may be a value that a spec cannot say",
    ]
