"""Layouts as their tools read them: kubectl, kustomize, and an API server's schema."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from omniforce.compiler.cli.compiling import Made, Task, Wanted, make
from omniforce.compiler.cli.composition import PLATFORMS, Chosen
from omniforce.compiler.cli.layouts import Layout
from omniforce.compiler.output_folder import OutputFolder
from tests.support.api_server import ApiServer, User
from tests.support.crd import faults, needs_shared

ROOT = Path(__file__).resolve().parents[3]
SPEC = ROOT / "examples" / "digits-edge" / "omniforce.yaml"
FLAT = ROOT / "examples" / "katib-random" / "omniforce.yaml"
KUBECTL = shutil.which("kubectl")
needs_kubectl = pytest.mark.skipif(KUBECTL is None, reason="kubectl is not on the path")


def laid(name: str | None, spec: Path = SPEC, target: str = "kubernetes", **options: Any) -> Made:
    layout = None
    if name is not None:
        given = {"environments": ("dev",), "repository": None, "path": "deploy"} | options
        layout = Layout(name, **given)
    return make(Task(Chosen((str(spec),), {}), Wanted(target, layout)))


def written(folder: Path, made: Made) -> None:
    assert made.lock is not None
    OutputFolder(str(folder)).write(made.files, made.lock, yours=made.yours)


def built(folder: Path) -> dict[tuple[str, str], Any]:
    command = [str(KUBECTL), "kustomize", str(folder)]
    text = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    return {(d["kind"], d["metadata"]["name"]): d for d in yaml.safe_load_all(text)}


def objects(made: Made, under: str = "") -> list[Any]:
    texts = {p: t for p, t in sorted(made.files.items()) if p.startswith(under)}
    return [yaml.safe_load(t) for p, t in texts.items() if not p.endswith("kustomization.yaml")]


def test_every_layout_has_the_same_objects() -> None:
    bare = laid(None)
    assert set(bare.files) - {"kustomization.yaml"} == set(laid("plain").files)
    assert {f"base/{p}" for p in bare.files} == set(laid("kustomize").files)
    assert {p: t for p, t in bare.files.items() if p != "kustomization.yaml"} == laid("plain").files
    argocd = laid("argocd").files
    beyond = {p.removeprefix("manifests/") for p in argocd} - set(bare.files)
    assert beyond == {
        "03-networkpolicy-digits-edge-smoke-test-out.yaml",
        "70-job-digits-edge-smoke-test.yaml",
        "argocd/argocd-cm.yaml",
    }


def test_plain_files_are_needed_in_the_order_of_their_names() -> None:
    made = objects(laid("plain"))
    seen: set[str] = set()
    for each in made:
        spec = each.get("spec", {})
        template = spec.get("template", {}) if isinstance(spec, dict) else {}
        account = template.get("spec", {}).get("serviceAccountName")
        assert account is None or f"ServiceAccount/{account}" in seen
        broker = spec.get("broker") if each["kind"] == "Trigger" else None
        assert broker is None or f"Broker/{broker}" in seen
        namespace = each["metadata"].get("namespace")
        assert namespace is None or f"Namespace/{namespace}" in seen
        seen.add(f"{each['kind']}/{each['metadata']['name']}")
    assert len(made) == len(seen)


@needs_kubectl
@pytest.mark.parametrize(
    ("name", "arguments"),
    [("plain", ("-f", "")), (None, ("-k", "")), ("kustomize", ("-k", "overlays/dev"))],
    ids=["plain", "bare", "kustomize"],
)
def test_kubectl_applies_a_folder_in_one_go(
    name: str | None, arguments: tuple[str, str], tmp_path: Path
) -> None:
    made = laid(name)
    written(tmp_path / "dist", made)
    with ApiServer() as server:
        # kubectl sends no token over plain HTTP
        server.users[""] = User()
        config = server.kubeconfig(tmp_path / "kubeconfig")
        option, under = arguments
        ran = subprocess.run(
            [
                *(str(KUBECTL), f"--kubeconfig={config}", "apply", "--server-side"),
                *(
                    "--field-manager=ofc",
                    "--validate=false",
                    option,
                    str(tmp_path / "dist" / under),
                ),
            ],
            env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        applied = [a.path.rpartition("/")[2] for a in server.asked if a.method == "PATCH"]
    names = [o["metadata"]["name"] for o in objects(made) if o["kind"] != "Kustomization"]
    assert sorted(applied) == sorted(names)
    if name == "plain":
        assert applied == names


@needs_kubectl
def test_an_overlay_builds_and_takes_a_patch_which_a_new_compile_leaves_alone(
    tmp_path: Path,
) -> None:
    made = laid("kustomize", environments=("dev", "prod"))
    written(tmp_path, made)
    expected = {(d["kind"], d["metadata"]["name"]): d for d in objects(made, "base/")}
    assert built(tmp_path / "overlays" / "dev") == expected

    prod = tmp_path / "overlays" / "prod" / "kustomization.yaml"
    patch = (
        "patches:\n- target: {kind: InferenceService}\n  patch: |-\n"
        "    - op: replace\n      path: /spec/predictor/minReplicas\n      value: 2\n"
    )
    edited = prod.read_text() + patch
    prod.write_text(edited)
    written(tmp_path, laid("kustomize", environments=("dev", "prod")))
    assert prod.read_text() == edited
    patched = built(tmp_path / "overlays" / "prod")
    expected["InferenceService", "digits-edge"]["spec"]["predictor"]["minReplicas"] = 2
    assert patched == expected


def test_an_overlay_is_begun_once_and_never_removed(tmp_path: Path) -> None:
    made = laid("kustomize", environments=("dev",))
    assert made.lock is not None
    folder = OutputFolder(str(tmp_path))
    first = folder.write(made.files, made.lock, yours=made.yours)
    assert first.begun == ("overlays/dev/kustomization.yaml",)
    again = folder.write(made.files, made.lock, yours=made.yours)
    assert (again.begun, again.changed, again.removed) == ((), (), ())
    bare = laid(None)
    assert bare.lock is not None
    moved = folder.write(bare.files, bare.lock, yours=bare.yours)
    assert "base/kustomization.yaml" in moved.removed
    assert (tmp_path / "overlays" / "dev" / "kustomization.yaml").is_file()


@needs_shared
@pytest.mark.parametrize(("spec", "target"), [(SPEC, "kubernetes"), (FLAT, "katib")])
def test_an_api_server_takes_all_that_argocd_syncs(spec: Path, target: str) -> None:
    made = objects(laid("argocd", spec, target), "manifests/")
    assert [f for each in made for f in faults(each)] == []


def test_the_smoke_test_runs_after_the_sync_and_is_the_last_file() -> None:
    *_, job = objects(laid("argocd"), "manifests/")
    annotations = job["metadata"]["annotations"]
    assert job["kind"] == "Job"
    assert annotations["argocd.argoproj.io/hook"] == "PostSync"
    assert annotations["argocd.argoproj.io/hook-delete-policy"] == "BeforeHookCreation"
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert container["args"] == [
        "http://digits-edge-predictor.ofc-digits-edge.svc.cluster.local",
        "digits-edge",
    ]


def test_argocd_never_removes_what_holds_data() -> None:
    made = objects(laid("argocd"), "manifests/")
    key = "argocd.argoproj.io/sync-options"
    kept = {o["kind"] for o in made if o["metadata"]["annotations"].get(key)}
    assert kept == {"Namespace", "PersistentVolumeClaim"}
    assert made[0]["metadata"]["annotations"][key] == "Prune=false,Delete=false"
    # nobody else's manifests say so
    assert not any(key in o["metadata"]["annotations"] for o in objects(laid("plain")))


def test_without_a_server_there_is_nothing_to_smoke() -> None:
    made = objects(laid("argocd", FLAT, "katib"), "manifests/")
    assert [o["kind"] for o in made if o["kind"] == "Job"] == []


def test_an_application_is_written_where_the_repository_is_known() -> None:
    bare = laid("argocd")
    assert "argocd/application.yaml" not in bare.files
    assert bare.notes[-1] == "no Application was written: name the repository with `--repo URL`"
    made = laid("argocd", repository="https://git.example.org/ml.git", path="deploy/digits")
    application = yaml.safe_load(made.files["argocd/application.yaml"])
    assert application["spec"]["source"] == {
        "repoURL": "https://git.example.org/ml.git",
        "targetRevision": "HEAD",
        "path": "deploy/digits/manifests",
    }
    assert application["spec"]["syncPolicy"] == {
        "syncOptions": ["ServerSideApply=true", "RespectIgnoreDifferences=true"]
    }
    ignored = {(i["group"], i["kind"]) for i in application["spec"]["ignoreDifferences"]}
    assert ignored == {
        ("eventing.knative.dev", "Broker"),
        ("eventing.knative.dev", "Trigger"),
        ("serving.knative.dev", "Service"),
        ("sinks.knative.dev", "JobSink"),
    }


def test_the_manifests_need_no_argocd() -> None:
    kinds = {o["apiVersion"] for o in objects(laid("argocd"), "manifests/")}
    assert not any("argoproj" in each for each in kinds)


def test_every_target_with_objects_has_every_layout() -> None:
    for target in PLATFORMS:
        if PLATFORMS[target]().objects is None:
            continue
        spec = SPEC if target == "kubernetes" else FLAT
        for name in ("plain", "kustomize", "argocd"):
            assert laid(name, spec, target).files
