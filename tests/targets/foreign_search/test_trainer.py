"""An OptimizationJob as Trainer's schema and rules have it; what it has no words for is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.crd import faults, needs_shared

from .small import SMALL, objects, one, refused

IMAGE = "localhost:5000/omniforce/full:0.1.0"


def job(text: str = SMALL) -> Any:
    return one(text, "trainer", "OptimizationJob")["spec"]


def test_a_search_becomes_an_optimization_job() -> None:
    runtime = one(SMALL, "trainer", "TrainingRuntime")["metadata"]["name"]
    amount = {"cpu": "1", "memory": "2Gi"}
    assert job() == {
        "objectives": [{"metric": "accuracy", "direction": "Maximize"}],
        "searchAlgorithm": {"random": {"seed": 7}},
        "parameters": [
            {
                "name": "layers",
                "searchSpace": {"uniform": {"min": "1", "max": "3", "type": "Int"}},
            },
            {
                "name": "dropout",
                "searchSpace": {"uniform": {"min": "0.0", "max": "0.5", "type": "Float"}},
            },
            {
                "name": "learning_rate",
                "searchSpace": {"logUniform": {"min": "0.0001", "max": "0.1", "type": "Float"}},
            },
            {"name": "batch_size", "searchSpace": {"categorical": {"choices": ["32", "64"]}}},
        ],
        "numTrials": 8,
        "parallelTrials": 4,
        "trainJobTemplate": {
            "metadata": {
                "labels": {
                    "app.kubernetes.io/instance": "digits",
                    "app.kubernetes.io/component": "tte",
                }
            },
            "spec": {
                "activeDeadlineSeconds": 1800,
                "runtimeRef": {
                    "apiGroup": "trainer.kubeflow.org",
                    "kind": "TrainingRuntime",
                    "name": runtime,
                },
                "trainer": {
                    "image": IMAGE,
                    "command": ["python", "-m", "omniforce.runtime.trial.trainer"],
                    "numNodes": 1,
                    "resourcesPerNode": {"requests": amount, "limits": amount},
                },
            },
        },
    }


@needs_shared
def test_an_api_server_takes_every_object() -> None:
    assert [faults(o) for o in objects(SMALL, "trainer")] == [[]] * 6


def test_trainers_own_model_knows_every_field_of_the_runtime() -> None:
    models = pytest.importorskip("kubeflow_trainer_api.models")
    made = one(SMALL, "trainer", "TrainingRuntime")
    read = models.TrainerV1alpha1TrainingRuntime.from_dict(made)
    assert read is not None
    assert read.to_dict()["spec"] == made["spec"]


def test_the_runtime_says_which_container_trains() -> None:
    (node,) = one(SMALL, "trainer", "TrainingRuntime")["spec"]["template"]["spec"]["replicatedJobs"]
    assert node["name"] == "node"
    assert node["template"]["metadata"]["labels"] == {
        "trainer.kubeflow.org/trainjob-ancestor-step": "trainer"
    }
    assert [c["name"] for c in node["template"]["spec"]["template"]["spec"]["containers"]] == [
        "node"
    ]


def test_another_search_is_another_job_since_nobody_may_change_one() -> None:
    first = one(SMALL, "trainer", "OptimizationJob")["metadata"]["name"]
    text = SMALL.replace("trials: 8", "trials: 9")
    second = one(text, "trainer", "OptimizationJob")["metadata"]["name"]
    assert re.fullmatch(r"digits-[0-9a-f]{8}", first)
    assert first != second


def test_whole_numbers_keep_their_log_scale() -> None:
    made = job(SMALL.replace("dropout: 0...0.5", "width: int 4...64 log"))
    assert made["parameters"][1] == {
        "name": "width",
        "searchSpace": {"logUniform": {"min": "4", "max": "64", "type": "Int"}},
    }


@pytest.mark.parametrize(
    ("old", "new", "code", "message"),
    [
        ("strategy: random", "strategy: bayesian", "OFC401", "the strategy `bayesian`"),
        ("trials: 8", "trials: 101", "OFC404", "101 trials"),
        ("layers: int 1...3", "epochs: int 1...1001 step 5", "OFC404", "201 values"),
        ("[maximize accuracy]", "[maximize accuracy, require accuracy > 0.5]", "OFC401", "require"),
        ("dropout: 0...0.5", "dropout: 0...0.5 when layers == 2", "OFC401", "only some trials"),
    ],
)
def test_what_a_job_cannot_be_told_is_refused(old: str, new: str, code: str, message: str) -> None:
    assert old in SMALL
    text = SMALL.replace(old, new)
    text = text.replace(", epochs: 2", "") if "epochs: int" in new else text
    found = refused(text, "trainer")
    assert [(c, message in m, "spec.yaml:" in place, bool(h)) for c, place, m, h in found] == [
        (code, True, True, True)
    ]
