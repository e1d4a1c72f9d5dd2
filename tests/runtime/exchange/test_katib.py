"""Katib's Experiments and Trials."""

from __future__ import annotations

from pathlib import Path

from .foreign import imported, past, program, told, written

EXPERIMENT = """\
apiVersion: kubeflow.org/v1beta1
kind: Experiment
metadata:
  name: tpe-example
spec:
  objective:
    type: minimize
    goal: 0.001
    objectiveMetricName: Validation-loss
    additionalMetricNames: [accuracy]
  algorithm:
    algorithmName: tpe
    algorithmSettings:
      - {name: random_state, value: "10"}
      - {name: gamma, value: "0.25"}
  parallelTrialCount: 3
  maxTrialCount: 12
  maxFailedTrialCount: 3
  earlyStopping: {algorithmName: medianstop}
  parameters:
    - name: lr
      parameterType: double
      feasibleSpace: {min: "0.01", max: "0.05", distribution: logUniform}
    - name: --num-layers
      parameterType: int
      feasibleSpace: {min: "2", max: "5", step: "1"}
    - name: momentum
      parameterType: double
      feasibleSpace: {min: "0.5", max: "0.9", distribution: normal}
    - name: batch
      parameterType: discrete
      feasibleSpace: {list: ["32", "64", "128"]}
    - name: optimizer
      parameterType: categorical
      feasibleSpace: {list: [sgd, adam, "no"]}
  trialTemplate:
    primaryContainerName: training-container
    trialSpec:
      apiVersion: batch/v1
      kind: Job
      spec:
        backoffLimit: 2
        activeDeadlineSeconds: 7200
        template:
          spec:
            containers:
              - {name: sidecar, image: busybox}
              - name: training-container
                image: docker.io/kubeflowkatib/pytorch-mnist-cpu:latest
                command: [python3, /opt/mnist.py]
                resources: {limits: {memory: 1Gi, cpu: "500m", nvidia.com/gpu: 1}}
"""

TRIAL = """\
apiVersion: kubeflow.org/v1beta1
kind: Trial
metadata: {name: NAME, labels: {katib.kubeflow.org/experiment: tpe-example}}
spec:
  parameterAssignments:
    - {name: lr, value: "LR"}
    - {name: --num-layers, value: "3"}
    - {name: momentum, value: "0.7"}
    - {name: batch, value: "64"}
    - {name: optimizer, value: "no"}
status:
  startTime: "2024-05-01T10:00:00Z"
  completionTime: "2024-05-01T10:05:00Z"
  conditions: [{type: Created, status: "True"}, {type: STATE, status: "True"}]
  observation:
    metrics:
      - {name: Validation-loss, latest: "0.31", min: "0.3", max: "0.9"}
      - {name: accuracy, latest: "0.9", min: "0.2", max: "0.91"}
"""


def trial(name: str, lr: str, state: str = "Succeeded") -> str:
    return TRIAL.replace("NAME", name).replace("LR", lr).replace("STATE", state)


def test_an_experiment_is_a_spec(tmp_path: Path) -> None:
    found = imported(tmp_path, EXPERIMENT)
    assert written(found) == (
        "  searchSpace:\n"
        "    lr:\n"
        "      type: float\n"
        "      range: 0.01...0.05\n"
        "      scale: log\n"
        "    num_layers:\n"
        "      type: int\n"
        "      range: 2...5\n"
        "    momentum:\n"
        "      type: float\n"
        "      range: 0.5...0.9\n"
        "      prior: normal(0.7, 0.0666667)\n"
        "    batch:\n"
        "      type: ordinal\n"
        '      range: "{32, 64, 128}"\n'
        "    optimizer:\n"
        "      type: choice\n"
        '      range: "{sgd, adam, no}"\n'
        "  objectives:\n"
        "    - minimize Validation_loss\n"
        "  search:\n"
        "    strategy: bayesian\n"
        "    budget:\n"
        "      trials: 12\n"
        "    parallelism: 3\n"
        "    seed: 10\n"
        "    trial:\n"
        "      timeout: 2h\n"
        "      retries: 2\n"
        "      resources:\n"
        "        cpu: 0.5\n"
        "        gpu: 1\n"
        "        memory: 1GiB\n"
    )
    assert program(found).name == "tpe-example"
    assert found.study is not None
    assert found.study.image == "docker.io/kubeflowkatib/pytorch-mnist-cpu:latest"
    assert found.study.metrics == (("accuracy", "accuracy"),)


def test_what_a_spec_cannot_say_is_told_with_its_place(tmp_path: Path) -> None:
    assert told(imported(tmp_path, EXPERIMENT)) == [
        "8 OFC785 `spec.objective.goal` has no counterpart: a search ends with its budget",
        "9 OFC786 the metric `Validation-loss` is called `Validation_loss` in the spec",
        "12 OFC786 Katib's `tpe` is not ours: the spec says `bayesian`",
        "15 OFC785 the setting `gamma` of `tpe` is not taken over",
        (
            "18 OFC785 `spec.maxFailedTrialCount` has no counterpart: a failed trial is one "
            "that was tried"
        ),
        "19 OFC785 `spec.earlyStopping` has no counterpart",
        "24 OFC786 the parameter `--num-layers` is called `num_layers` in the spec",
        "29 OFC786 `momentum` is `normal`, which Katib draws beyond its bounds as well",
        (
            "39 OFC785 the template of a trial (its command, environment and volumes) is not taken "
            "over"
        ),
    ]


def test_trials_of_the_same_dump_are_past_trials(tmp_path: Path) -> None:
    text = "---\n".join(
        [EXPERIMENT, trial("t-1", "0.02"), trial("t-2", "0.03", "Failed"), trial("t-3", "0.5")]
    )
    taken, left_out = past(imported(tmp_path, text))
    assert [(each.label, dict(each.point), dict(each.metrics)) for each in taken] == [
        (
            "t-1",
            {"lr": 0.02, "num_layers": 3, "momentum": 0.7, "batch": 64, "optimizer": "no"},
            {"Validation_loss": 0.3, "accuracy": 0.2},
        )
    ]
    assert (taken[0].finished or 0) - (taken[0].started or 0) == 300
    assert left_out == [
        "trial t-3 is left out: `lr` is `0.5`, which its range does not hold",
    ]


def test_a_list_as_kubectl_writes_it_and_a_dump_beside_it_are_read(tmp_path: Path) -> None:
    def inside(text: str) -> str:
        first, *rest = text.splitlines()
        return "\n".join([f"  - {first}", *(f"    {line}" for line in rest)])

    text = f"apiVersion: v1\nkind: List\nitems:\n{inside(EXPERIMENT)}\n"
    more = f"apiVersion: v1\nkind: List\nitems:\n{inside(trial('t-9', '0.04'))}\n"
    (tmp_path / "more.yaml").write_text(more)
    from omniforce.runtime.exchange.read_foreign import Wanted, read_foreign

    (tmp_path / "all.yaml").write_text(text)
    wanted = Wanted(file=str(tmp_path / "all.yaml"), trials=(str(tmp_path / "more.yaml"),))
    assert [each.label for each in read_foreign(wanted).trials] == ["t-9"]


def test_hyperband_keeps_its_fidelity(tmp_path: Path) -> None:
    text = EXPERIMENT.replace("algorithmName: tpe", "algorithmName: hyperband").replace(
        '- {name: gamma, value: "0.25"}',
        '- {name: resource_name, value: "--num-layers"}\n      - {name: eta, value: "2"}',
    )
    found = imported(tmp_path, text)
    assert found.study is not None
    assert (found.study.strategy, found.study.options) == (
        "hyperband",
        (("fidelity", "num_layers"), ("eta", 2)),
    )
    assert program(found)


def test_an_experiment_that_searches_nothing_is_refused(tmp_path: Path) -> None:
    text = EXPERIMENT[: EXPERIMENT.index("  parameters:")]
    found = imported(tmp_path, text)
    assert found.study is None
    assert [d.message for d in found.findings if d.is_error] == [
        "the Experiment searches no `parameters`"
    ]
