"""What users of the neighbouring systems asked for and did not get, one test a thread.

Each test is named by the repository and the number of its thread. The spec is the smallest in
which the complaint shows; what is asserted is what the person who wrote the thread wanted to see.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from omniforce.spec.arguments import to_arguments
from omniforce.spec.load import load
from omniforce.spec.source import Source
from omniforce.spec.space import validate
from omniforce.strategies.points.sampling import Sampler

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "digits-edge" / "omniforce.yaml"

SPEC = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {name: digits}
spec:
  params:
    trials: {type: int, default: 8, minimum: 1, maximum: 100}
  data: {source: "sklearn://digits", target: label}
  algorithm: {use: vision/classifier@1}
  searchSpace:
    learning_rate: 1e-4...1e-1 log
    width: int 8...64
  objectives:
    - maximize accuracy
    - minimize latency.p95 on edge
  search:
    budget: {trials: $(params.trials)}
  devices:
    edge: {runtime: onnx}
"""

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command runs in an empty folder, with a cache of its own and without colours."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
    monkeypatch.setenv("NO_COLOR", "1")


def written(old: str = "", new: str = "", name: str = "omniforce.yaml") -> str:
    """The spec with one text replaced, in a file."""
    assert old in SPEC
    Path(name).write_text(SPEC.replace(old, new, 1) if old else SPEC, encoding="utf-8")
    return name


def place(old: str, new: str, word: str) -> str:
    """`file:line:column` of a word in the changed spec."""
    lines = SPEC.replace(old, new, 1).splitlines()
    at = next(i for i, line in enumerate(lines) if word in line)
    return f"omniforce.yaml:{at + 1}:{lines[at].index(word) + 1}"


# declarative, GitOps, export


def test_kfp_5809_6001_pipelines_are_objects_that_git_can_hold(call: Call) -> None:
    written()
    assert call("compile", "-o", "dist")[0] == 0
    kinds = {yaml.safe_load(f.read_text())["kind"] for f in Path("dist").glob("*.yaml")}
    assert {"Pipeline", "PipelineVersion"} <= kinds


def test_func_2192_the_output_is_yaml_and_needs_no_cluster(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", "/nonexistent")
    written()
    code, out, _ = call("compile", "-o", "-")
    assert code == 0
    assert len(list(yaml.safe_load_all(out))) > 20


def test_func_1096_printing_is_not_called_a_dry_run(call: Call) -> None:
    assert "dry" not in call("compile", "--help")[1]
    assert "--dry-run" in call("apply", "--help")[1]


def test_neps_65_score_61_one_value_is_set_from_ci_without_a_file(call: Call) -> None:
    written()
    code, out, _ = call("render", "-p", "trials=33", "--set", "spec.search.parallelism=4")
    assert code == 0
    study = yaml.safe_load(out)
    assert study["spec"]["search"]["parallelism"] == 4
    assert study["spec"]["params"]["trials"]["default"] == 33


def test_aicr_484_layers_are_laid_over_one_spec(call: Call) -> None:
    written()
    Path("prod.yaml").write_text("spec: {search: {parallelism: 16}}\n", encoding="utf-8")
    code, out, _ = call("render", "-f", "omniforce.yaml", "-f", "prod.yaml")
    assert code == 0
    assert yaml.safe_load(out)["spec"]["search"]["parallelism"] == 16


def test_score_k8s_25_what_is_emitted_can_be_patched_as_a_kustomize_base(call: Call) -> None:
    written()
    call("compile", "-o", "dist")
    listing = yaml.safe_load(Path("dist/kustomization.yaml").read_text())
    assert set(listing["resources"]) == {
        f.name for f in Path("dist").glob("*.yaml") if f.name != "kustomization.yaml"
    }


def test_cdk8s_546_what_is_not_needed_any_more_is_removed_and_said(call: Call) -> None:
    deploy = "  deployment: {model: best, to: edge}\n"
    written()
    Path("omniforce.yaml").write_text(SPEC + deploy, encoding="utf-8")
    call("compile", "-o", "dist")
    served = [f for f in os.listdir("dist") if "inferenceservice" in f]
    Path("omniforce.yaml").write_text(SPEC, encoding="utf-8")
    code, out, _ = call("compile", "-o", "dist", "--format", "json")
    assert code == 0
    assert served
    assert set(served) <= set(json.loads(out)["removed"])
    assert not [f for f in os.listdir("dist") if "inferenceservice" in f]


def test_deploykf_110_plain_manifests_are_enough(call: Call) -> None:
    written()
    code, out, _ = call("compile", "-o", "-")
    assert code == 0
    assert {d["apiVersion"].split("/")[0] for d in yaml.safe_load_all(out)}.isdisjoint(
        {"argoproj.io", "source.toolkit.fluxcd.io"}
    )


# errors and validation


@pytest.mark.parametrize(
    ("thread", "old", "new", "word", "meant"),
    [
        ("katib-1726", "$(params.trials)", "$(params.trails)", "$(params.trails)", "trials"),
        ("katib-1542", "learning_rate:", "learning-rate:", "learning-rate", ""),
        ("polyaxon-356", "objectives:", "objective:", "objective", "objectives"),
        ("ludwig-1020", "  search:", "  serch:", "serch", "search"),
        ("ludwig-1579", "width: int", "wdith: int", "wdith", "width"),
        ("ludwig-3134", "budget: {trials: $(params.trials)}", "budget: [1]", "[1]", ""),
        ("kubevela-1595", "runtime: onnx", "runtime: [onnx]", "[onnx]", ""),
        ("helm-8632", "1e-4...1e-1 log", "1e-1...1e-4 log", "1e-1...1e-4", "0.0001...0.1"),
    ],
)
def test_a_mistake_has_its_place_and_a_way_out(
    call: Call, thread: str, old: str, new: str, word: str, meant: str
) -> None:
    written(old, new)
    code, _, err = call("check")
    assert code == 3, thread
    assert place(old, new, word) in err
    assert "= help: " in err
    assert meant in err.split("= help: ", 1)[1]
    assert "Traceback" not in err


def test_kubevela_3484_6505_what_compile_refuses_check_refuses(call: Call) -> None:
    for old, new in [("runtime: onnx", "runtime: tensorrt"), ("label", "label, privacy: {}")]:
        written(old, new)
        checked = call("check", "--target", "kubernetes")
        compiled = call("compile", "-o", "-")
        assert checked[0] == compiled[0] == 3
        assert checked[2] == compiled[2]


def test_ludwig_2167_the_whole_file_has_a_json_schema(call: Call) -> None:
    code, out, _ = call("schema")
    assert code == 0
    assert json.loads(out)["properties"]["spec"]


def test_katib_2666_ludwig_1828_what_a_target_cannot_say_is_an_error_with_its_line(
    call: Call,
) -> None:
    written("width: int 8...64", "width: int 8...64 when learning_rate > 0.01")
    code, _, err = call("compile", "--target", "katib", "-o", "-")
    assert code == 3
    assert "`katib`" in err
    assert "omniforce.yaml:" in err
    assert "= help: " in err


def test_kserve_5335_a_canary_that_would_be_ignored_is_refused(call: Call) -> None:
    deploy = "  deployment: {to: edge, rollout: {canary: 10%}, scale: {min: 1, max: 2}}\n"
    Path("omniforce.yaml").write_text(SPEC + deploy, encoding="utf-8")
    code, out, err = call("compile", "-o", "-")
    if code == 0:
        services = [d for d in yaml.safe_load_all(out) if d["kind"] == "InferenceService"]
        assert services[0]["metadata"]["annotations"]["serving.kserve.io/deploymentMode"] == (
            "Knative"
        )
    else:
        assert "canary" in err


# search spaces, constraints, objectives


def points(space: str, constraints: str = "") -> Iterator[dict[str, object]]:
    """Twenty trials of a space, as estimators get them."""
    import random

    text = SPEC.replace(
        "    learning_rate: 1e-4...1e-1 log\n    width: int 8...64\n", space + constraints
    ).replace("use: vision/classifier@1", "image: a.b/c:1, estimator: net:Net, metrics: [accuracy]")
    loaded = load(Source("spec.yaml", text))
    assert loaded.study is not None, loaded.diagnostics
    made = loaded.study.spec.search_space
    sampler = Sampler.of(made)
    for seed in range(20):
        point = sampler.random(random.Random(seed))
        assert validate(made, point) == ()
        yield to_arguments(made, point)


def test_ray_28646_a_conditional_space_is_declared() -> None:
    space = '    optimizer: "{sgd, adam}"\n    momentum: 0...0.99 when optimizer == sgd\n'
    assert all(("momentum" in p) == (p["optimizer"] == "sgd") for p in points(space))


def test_ray_15399_an_array_is_as_long_as_another_parameter_says() -> None:
    space = "    depth: int 1...4\n    channels: int 8...64, count depth\n"
    for point in points(space):
        channels = point["channels"]
        assert isinstance(channels, list)
        assert len(channels) == point["depth"]


def test_flaml_816_a_tree_is_searched_as_a_tree() -> None:
    space = """\
    model:
      type: choice
      range: {forest, net}
      submodule:
        forest: {trees: int 10...100}
        net: {layers: int 1...3}
"""
    for point in points(space):
        assert set(point) == {"model", "trees" if point["model"] == "forest" else "layers"}


def test_ax_2510_optuna_4578_no_infeasible_point_is_ever_proposed() -> None:
    space = "    a: int 1...100\n    b: int 1...100\n    c: int 1...100\n"
    narrow = "  constraints: [a * b * c <= 40, a + b + c >= 20]\n"
    for point in points(space, narrow):
        a, b, c = (int(str(point[n])) for n in "abc")
        assert a * b * c <= 40
        assert a + b + c >= 20


def test_katib_1549_several_objectives(call: Call) -> None:
    written()
    assert call("check")[0] == 0


def test_nnabla_nas_70_a_latency_is_that_of_the_named_device(call: Call) -> None:
    written("latency.p95 on edge", "latency.p95")
    code, _, err = call("check")
    assert code == 3
    assert "on edge" in err.split("= help: ", 1)[1]


# diffs that change by themselves


def outputs(folder: str) -> dict[str, bytes]:
    return {f.name: f.read_bytes() for f in sorted(Path(folder).iterdir())}


def test_dbt_11853_kfp_4926_nothing_changes_by_itself(call: Call, tmp_path: Path) -> None:
    written()
    made = []
    for seed, zone, home in [("0", "UTC", "a"), ("77", "Asia/Tokyo", "b")]:
        folder = tmp_path / home
        folder.mkdir()
        (folder / "omniforce.yaml").write_text(SPEC, encoding="utf-8")
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"}
        ofc = [sys.executable, "-m", "omniforce.compiler.cli.main", "compile", "-o", "dist"]
        subprocess.run(ofc, cwd=folder, env=environment, check=True, capture_output=True)
        made.append(outputs(str(folder / "dist")))
    assert made[0] == made[1]


def test_dbt_10968_a_comment_is_no_change(call: Call) -> None:
    written()
    call("compile", "-o", "one")
    Path("omniforce.yaml").write_text("# a comment\n" + SPEC, encoding="utf-8")
    call("compile", "-o", "two")
    assert outputs("one") == outputs("two")
    written(name="before.yaml")
    code, _, _ = call("diff", "before.yaml", "omniforce.yaml")
    assert code == 0


def test_community_distribution_1517_a_small_change_is_a_small_diff(call: Call) -> None:
    written()
    call("compile", "-o", "one")
    written("runtime: onnx", "runtime: onnx, threads: 2")
    call("compile", "-o", "two")
    one, two = outputs("one"), outputs("two")
    for name in one.keys() & two.keys() - {"ofc.lock"}:
        lines = zip(one[name].splitlines(), two[name].splitlines(), strict=False)
        differing = [a for a, b in lines if a != b and b"digest" not in a and b"/version" not in a]
        assert len(differing) <= 4, (name, list(itertools.islice(differing, 8)))


def test_kserve_2232_no_field_that_a_webhook_rewrites(call: Call) -> None:
    deploy = "  deployment: {model: best, to: edge}\n"
    Path("omniforce.yaml").write_text(SPEC + deploy, encoding="utf-8")
    _, out, _ = call("compile", "-o", "-")
    (service,) = [d for d in yaml.safe_load_all(out) if d["kind"] == "InferenceService"]
    predictor = service["spec"]["predictor"]
    assert predictor["model"]["modelFormat"]["name"] == "onnx"
    assert set(predictor).isdisjoint({"sklearn", "onnx", "triton", "pytorch"})


# secrets


def test_kserve_6260_no_secret_value_is_written(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFC_STORE_URL", "postgresql://me:hunter2-hunter2@db/x")
    written()
    _, out, err = call("compile", "-o", "-")
    assert "hunter2" not in out + err
    assert "secretKeyRef" in out
