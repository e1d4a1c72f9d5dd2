"""An Experiment as Katib v0.19 reads it; what it has no words for is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest

from omniforce.compiler.cli.composition import PLATFORMS
from omniforce.targets.platforms.katib.experiment import METRIC
from tests.support.crd import faults, needs_shared

from .small import SMALL, compiled, objects, one, refused


def experiment(text: str = SMALL) -> Any:
    return one(text, "katib", "Experiment")["spec"]


def test_a_search_becomes_an_experiment() -> None:
    spec = experiment()
    assert spec.pop("trialTemplate")["primaryContainerName"] == "trial"
    assert spec == {
        "objective": {
            "type": "maximize",
            "objectiveMetricName": "accuracy",
            "metricStrategies": [{"name": "accuracy", "value": "latest"}],
        },
        "algorithm": {
            "algorithmName": "random",
            "algorithmSettings": [{"name": "random_state", "value": "7"}],
        },
        "parallelTrialCount": 4,
        "maxTrialCount": 8,
        "maxFailedTrialCount": 8,
        "resumePolicy": "Never",
        "metricsCollectorSpec": {
            "collector": {"kind": "StdOut"},
            "source": {"filter": {"metricsFormat": [METRIC]}},
        },
        "parameters": [
            {
                "name": "layers",
                "parameterType": "int",
                "feasibleSpace": {"min": "1", "max": "3", "distribution": "uniform"},
            },
            {
                "name": "dropout",
                "parameterType": "double",
                "feasibleSpace": {"min": "0.0", "max": "0.5", "distribution": "uniform"},
            },
            {
                "name": "learning_rate",
                "parameterType": "double",
                "feasibleSpace": {"min": "0.0001", "max": "0.1", "distribution": "logUniform"},
            },
            {
                "name": "batch_size",
                "parameterType": "discrete",
                "feasibleSpace": {"list": ["32", "64"]},
            },
        ],
    }


def test_katibs_own_model_knows_every_field() -> None:
    models = pytest.importorskip("kubeflow_katib_api.models")
    (made,) = (o for o in objects(SMALL, "katib") if o["kind"] == "Experiment")
    read = models.V1beta1Experiment.from_dict(made)
    assert read is not None
    written = read.to_dict()
    written["metadata"] = {k: v for k, v in written["metadata"].items() if k in made["metadata"]}
    assert written == made


@needs_shared
def test_an_api_server_takes_every_object() -> None:
    assert [faults(o) for o in objects(SMALL, "katib")] == [[]] * 5


def test_every_placeholder_is_a_variable_and_no_argument() -> None:
    template = experiment()["trialTemplate"]
    container = template["trialSpec"]["spec"]["template"]["spec"]["containers"][0]
    assert container["command"] == ["python", "-m", "omniforce.runtime.trial.katib"]
    assert "args" not in container
    searched = {e["name"]: e["value"] for e in container["env"] if e["value"].startswith("$")}
    assert searched == {
        "KUBEFLOW_TRAINER_OPT_LAYERS": "${trialParameters.layers}",
        "KUBEFLOW_TRAINER_OPT_DROPOUT": "${trialParameters.dropout}",
        "KUBEFLOW_TRAINER_OPT_LEARNING_RATE": "${trialParameters.learning_rate}",
        "KUBEFLOW_TRAINER_OPT_BATCH_SIZE": "${trialParameters.batch_size}",
    }
    assert [p["reference"] for p in template["trialParameters"]] == [
        "layers",
        "dropout",
        "learning_rate",
        "batch_size",
    ]


def test_another_search_is_another_experiment_and_a_comment_is_none() -> None:
    def name(text: str) -> str:
        return str(one(text, "katib", "Experiment")["metadata"]["name"])

    assert re.fullmatch(r"digits-[0-9a-f]{8}", name(SMALL))
    assert name(f"# a comment\n{SMALL}") == name(SMALL)
    assert name(SMALL.replace("trials: 8", "trials: 9")) != name(SMALL)


def test_a_long_name_is_cut_to_what_katib_takes() -> None:
    text = SMALL.replace("{name: digits}", f"{{name: {'a' * 40}}}")
    name = one(text, "katib", "Experiment")["metadata"]["name"]
    assert re.fullmatch(r"a{22}-[0-9a-f]{8}-[0-9a-f]{8}", name)


def test_more_trials_at_once_than_there_are_is_all_of_them() -> None:
    # Katib's webhook refuses it, and it means the same
    assert experiment(SMALL.replace("parallelism: 4", "parallelism: 9"))["parallelTrialCount"] == 8


def test_a_grid_is_a_list() -> None:
    made = experiment(SMALL.replace("0...0.5", "0...0.5 step 0.25"))["parameters"][1]
    assert made["feasibleSpace"] == {"list": ["0.0", "0.25", "0.5"]}
    assert made["parameterType"] == "discrete"


@pytest.mark.parametrize(
    ("space", "algorithm"),
    [
        ("learning_rate: 1e-4...1e-1 log", "bayesianoptimization"),
        ("layers: int 1...3", "bayesianoptimization"),
        ("dropout: 0...0.5", "tpe"),
    ],
)
def test_bayesian_is_the_one_of_katibs_that_keeps_the_scales(space: str, algorithm: str) -> None:
    before, _, rest = SMALL.partition("    layers")
    after = rest[rest.index("  objectives") :].replace("random", "bayesian")
    assert experiment(f"{before}    {space}\n{after}")["algorithm"]["algorithmName"] == algorithm


def test_sobol_has_no_seed() -> None:
    text = SMALL.replace("random", "sobol").replace(" log\n", "\n")
    assert experiment(text)["algorithm"] == {"algorithmName": "sobol", "algorithmSettings": []}


def test_a_figure_of_a_device_is_measured_in_the_trial_and_found_by_the_collector() -> None:
    text = SMALL.replace("[maximize accuracy]", "[minimize latency.p95 on server]").replace(
        "  search:", "  devices: {server: {runtime: onnx}}\n  search:"
    )
    objective = experiment(text)["objective"]
    assert (objective["type"], objective["objectiveMetricName"]) == (
        "minimize",
        "latency.p95@server",
    )
    assert objective["additionalMetricNames"] == ["accuracy"]
    line = "2026-11-24T12:00:00.000001Z latency.p95@server=1.5e-05"
    assert re.findall(METRIC, line)[0][:2] == ("latency.p95@server", "1.5e-05")


def test_the_namespace_lets_katib_put_its_collector_into_pods() -> None:
    labels = one(SMALL, "katib", "Namespace")["metadata"]["labels"]
    assert labels["katib.kubeflow.org/metrics-collector-injection"] == "enabled"
    # neither Katib's suggestion nor its collector would pass `restricted`; our pods do
    assert labels["pod-security.kubernetes.io/enforce"] == "baseline"


@pytest.mark.parametrize(
    ("old", "new", "code", "message"),
    [
        ("dropout: 0...0.5", "dropout: 0...0.5 when layers == 2", "OFC401", "only some trials"),
        ("dropout: 0...0.5", "dropout: 0...0.5, default 0.1", "OFC401", "a first guess"),
        ("learning_rate: 1e-4...1e-1 log", "width: int 4...64 log", "OFC403", "rounding down"),
        ("batch_size: {32, 64}", "family: ordinal {mlp, cnn}", "OFC401", "the order in"),
        ("  objectives:", "  constraints: [layers <= 2]\n  objectives:", "OFC401", "constraint"),
        ("[maximize accuracy]", "[maximize accuracy, require accuracy > 0.5]", "OFC401", "require"),
        ("trials: 8", "trials: 8, wallClock: 1h", "OFC401", "wallClock"),
        ("strategy: random", "strategy: {name: random, options: {}}", "", ""),
        ('"sklearn://digits"', '"file:///home/me/rows.csv"', "OFC401", "of this machine"),
    ],
)
def test_what_katib_cannot_be_told_is_refused(old: str, new: str, code: str, message: str) -> None:
    assert old in SMALL
    text = SMALL.replace(old, new).replace(
        "family: mlp, ", "" if "family:" in new else "family: mlp, "
    )
    found = refused(text, "katib")
    if not code:
        assert found == []
        return
    assert [(c, message in m, "spec.yaml:" in place, bool(h)) for c, place, m, h in found] == [
        (code, True, True, True)
    ]


def test_sobol_keeps_no_log_scale() -> None:
    (found,) = refused(SMALL.replace("random", "sobol"), "katib")
    assert found == (
        "OFC403",
        "spec.yaml:10:20",
        "Katib's `sobol` draws every number on a linear scale",
        "write `strategy: random`, which keeps the scale, or remove `scale`",
    )


@pytest.mark.parametrize("value", ['"a\\"b"', '"$(x)"', '"${y}"', '"a;b"', '" a"', '"ä"'])
def test_a_value_never_becomes_structure(value: str) -> None:
    text = SMALL.replace(
        "use: vision/classifier@1, arguments: {family: mlp, epochs: 2}",
        'image: "x/y:1", estimator: "a.b:C", metrics: [accuracy]',
    )
    (found,) = refused(
        text.replace("{32, 64}", f"{{type: choice, range: [{value.replace('$', '$$')}, b]}}"),
        "katib",
    )
    assert (found[0], "as text" in found[2]) == ("OFC403", True)


def test_the_notes_say_what_is_left_undone() -> None:
    program, _ = compiled(SMALL.replace("random", "bayesian"), "katib")
    assert program is not None
    chosen, left = PLATFORMS["katib"]().notes(program)
    assert chosen == (
        "the strategy `bayesian` is Katib's own `tpe`, since its `bayesianoptimization` draws "
        "every float on a log scale"
    )
    assert left == (
        "Katib only searches: the best parameters are in the Experiment's "
        "`status.currentOptimalTrial`, and nothing trains or serves them"
    )
