"""One line of the spec is changed: what a plan says of it, of trials and objects, and why."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from omniforce.compiler.prices import Prices, PriceTable
from omniforce.targets.platforms.kubernetes.cluster.planning.offline import Folder
from omniforce.targets.platforms.kubernetes.cluster.planning.report import Report, make_report
from omniforce.targets.platforms.kubernetes.target import KubernetesTarget
from tests.support.live import SPEC, changed, compiled


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """What `examples/digits-edge` was compiled to, as it is committed."""
    made = tmp_path_factory.mktemp("dist")
    _, program = compiled()
    for file in KubernetesTarget().emit(program):
        (made / file.path).write_text(file.text, encoding="utf-8")
    return Folder(made)


def plan(folder: Folder, spec: str, prices: Prices | None = None) -> Report:
    loaded, program = compiled(spec)
    return make_report(
        folder, program, loaded.spans, members=folder.references, prices=prices, offline=True
    )


class Row(NamedTuple):
    """A change of the spec, and what the plan says.

    Attributes:
        old, new: the words.
        change: path, before and after, as the plan shows them.
        fate: of the trials that are there.
        caused: fields of objects beside those that only follow a new name.
    """

    old: str
    new: str
    change: tuple[str, str, str]
    fate: str
    caused: tuple[str, ...] = ()


TABLE = (
    Row(
        "default: 48",
        "default: 96",
        ("spec.search.budget.trials", "48", "96"),
        "kept",
    ),
    Row(
        "timeout: 2m",
        "timeout: 3m",
        ("spec.search.trial.timeout", "2m", "3m"),
        "kept",
        (
            "JobSink/digits-edge-trial spec.job.spec.activeDeadlineSeconds",
            "PipelineVersion/digits-edge-release train",
            "PipelineVersion/digits-edge-search default",
            "PipelineVersion/digits-edge-search smoke",
        ),
    ),
    Row(
        "cpu: 1,",
        "cpu: 2,",
        ("spec.search.trial.resources.cpu", "1.0", "2.0"),
        "kept",
        (
            "JobSink/digits-edge-trial env[OMP_NUM_THREADS].value",
            "JobSink/digits-edge-trial resources.limits.cpu",
            "JobSink/digits-edge-trial resources.requests.cpu",
        ),
    ),
    Row(
        "max: 4,",
        "max: 5,",
        ("spec.deployment.scale.max", "4", "5"),
        "kept",
        ("InferenceService/digits-edge spec.predictor.maxReplicas",),
    ),
    Row(
        "canary: 10%",
        "canary: 20%",
        ("spec.deployment.rollout.canary", "0.1", "0.2"),
        "kept",
        ("InferenceService/digits-edge spec.predictor.canaryTrafficPercent",),
    ),
    Row(
        "epochs: 20",
        "epochs: 30",
        ("spec.algorithm.arguments.epochs", "20", "30"),
        "invalidated",
    ),
    Row(
        "range: 1e-4...1e-1, scale: log, default: 1e-3",
        "range: 1e-4...1e-2, scale: log, default: 1e-3",
        (
            "spec.searchSpace.learning_rate",
            "0.0001...0.1 log, default 0.001",
            "0.0001...0.01 log, default 0.001",
        ),
        "kept",
    ),
    Row(
        "seed: 7",
        "seed: 8",
        ("spec.data.split.seed", "7", "8"),
        "invalidated",
    ),
    Row(
        "parallelism: 2",
        "parallelism: 4",
        ("spec.search.parallelism", "2", "4"),
        "kept",
    ),
)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.change[0])
def test_a_change_of_the_spec_is_named_with_its_line_and_what_it_moves(
    folder: Folder, row: Row
) -> None:
    spec = changed((row.old, row.new))
    report = plan(folder, spec)
    (change,) = report.causes.changes
    path, before, after = row.change
    assert change.path == path
    assert (change.before, change.after) == (before, after)
    assert change.span is not None
    line = spec.split("\n")[change.span.line - 1]
    assert row.new.split(":")[0].strip() in line or "$(params.trials)" in line
    assert {f.fate for f in report.consequences.fates} == {row.fate}
    told = caused(report)
    for wanted in row.caused:
        kind_and_name, field = wanted.split(" ")
        assert any(t.startswith(kind_and_name) and field in t for t in told), (wanted, told)
    assert report.consequences.study == "continues"


def caused(report: Report) -> list[str]:
    """The fields that the one change of the spec moves, beside digests and new names."""
    return [
        f"{plan.reference} {field.path}"
        for plan in report.plan.objects
        for field in plan.fields
        if report.causes.of(plan, field.path) == report.causes.changes
        and not report.plan.follows(field)
    ]


def test_a_field_is_caused_by_its_own_line_and_not_by_the_others(folder: Folder) -> None:
    spec = changed(("timeout: 2m", "timeout: 3m"), ("max: 4,", "max: 5,"))
    report = plan(folder, spec)
    (sink,) = [o for o in report.plan.objects if o.reference.kind == "JobSink"]
    (server,) = [o for o in report.plan.objects if o.reference.kind == "InferenceService"]
    deadline = "spec.job.spec.activeDeadlineSeconds"
    assert [c.path for c in report.causes.of(sink, deadline)] == ["spec.search.trial.timeout"]
    replicas = "spec.predictor.maxReplicas"
    assert [c.path for c in report.causes.of(server, replicas)] == ["spec.deployment.scale.max"]
    # where the model is hangs on the digest of the whole spec
    where = "spec.predictor.model.storageUri"
    assert [c.path for c in report.causes.of(server, where)] == [
        "spec.search.trial.timeout",
        "spec.deployment.scale.max",
    ]


def test_parameters_are_told_apart_in_the_compiled_study(folder: Folder) -> None:
    spec = changed(
        ("width: {type: int, range: 4...256", "width: {type: int, range: 4...128"),
        ("dropout: {type: float, range: 0...0.7}", "dropout: {type: float, range: 0...0.5}"),
    )
    report = plan(folder, spec)
    (config,) = [o for o in report.plan.objects if o.replaces and o.reference.kind == "ConfigMap"]
    told = {
        field.path: [c.path for c in report.causes.of(config, field.path)]
        for field in config.fields
        if "coordinates" in field.path
    }
    where = "data[study.json].steps[search].space.coordinates"
    assert told == {
        f"{where}[width].domain.high": ["spec.searchSpace.width"],
        f"{where}[dropout].domain.high": ["spec.searchSpace.dropout"],
    }


def test_a_deployment_taken_away_is_the_cause_of_what_goes(folder: Folder) -> None:
    head, _, _ = SPEC.partition("  # What is served")
    report = plan(folder, head)
    (server,) = [o for o in report.plan.objects if o.reference.kind == "InferenceService"]
    assert server.action == "delete"
    assert "spec.deployment" in [c.path for c in report.causes.of(server)]
    assert "the model server `digits-edge` goes, and nobody answers" in report.consequences.restarts


def test_a_comment_is_no_change(folder: Folder) -> None:
    report = plan(folder, changed(("parallelism: 2", "parallelism: 2 # two at once")))
    assert not report.plan.changes
    assert report.consequences.study == "unchanged"
    assert report.causes.changes == ()


def test_what_restarts_is_said_in_words(folder: Folder) -> None:
    report = plan(folder, changed(("max: 4,", "max: 5,")))
    assert report.consequences.restarts == (
        (
            "`digits-edge-search`, `digits-edge-dispatch`, `digits-edge-deadletter`, "
            "`digits-edge-api` and `digits-edge-advise` get new revisions: their next events wake "
            "them from zero"
        ),
        "trials under way go on as they were made; those requested later are made anew",
        "pipeline runs under way keep the version that they have",
        (
            "`digits-edge` rolls out a server for the new model, which is ready once the release "
            "pipeline has made it; the one before serves until then"
        ),
    )


def test_bounds_and_money_before_and_after(folder: Folder) -> None:
    table = PriceTable(cpu_hour=0.5, memory_hour=0.25)
    prices = Prices(table, None, None)
    report = plan(folder, changed(("default: 48", "default: 12")), prices)
    before, after = report.consequences.before, report.consequences.after
    assert before is not None
    # two tries of two minutes each, or the half hour on two places with what is then under way
    assert (before.trials, before.attempts) == (48, 96)
    assert before.trial_hours == pytest.approx(2 * 0.5 + 2 * 2 / 60)
    assert (after.trials, after.attempts) == (12, 24)
    assert after.trial_hours == pytest.approx(24 * 2 / 60)
    assert after.hours == pytest.approx(24 * 2 / 60 / 2)
    # a core and two GiB
    assert after.search_usd == pytest.approx(24 * 2 / 60 * (0.5 + 2 * 0.25))
    assert after.serving_usd == pytest.approx((0.0, 4 * (0.5 + 2 * 0.25)))


def test_a_new_study_has_no_before(tmp_path: Path) -> None:
    loaded, program = compiled()
    report = make_report(Folder(tmp_path), program, loaded.spans, offline=True)
    assert (report.consequences.study, report.consequences.before) == ("new", None)
    assert report.consequences.fates == ()
    assert {o.action for o in report.plan.objects} == {"create"}


def test_a_secret_in_the_spec_is_not_told_again(folder: Folder) -> None:
    token = "ghp_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"
    labels = f"\n  name: digits-edge\n  labels: {{note: {token}}}\n"
    report = plan(folder, changed(("\n  name: digits-edge\n", labels)))
    assert [c.path for c in report.causes.changes] == ["metadata.labels"]
    assert token not in repr(report.causes.changes)
    assert token not in repr(report.consequences)
    assert token not in repr(report.plan)
