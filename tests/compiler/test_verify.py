"""`ofc verify`: a folder against its lock, and a cluster against the folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from omniforce.compiler.cli.main import run
from tests.support.api_server import ApiServer

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT / "examples" / "katib-random" / "omniforce.yaml"

Call = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.delenv("KUBECONFIG", raising=False)

    def called(*arguments: str) -> tuple[int, Any, str]:
        code = run(arguments)
        out, err = capsys.readouterr()
        return code, json.loads(out) if out.startswith("{") else out, err

    return called


@pytest.fixture
def dist(tmp_path: Path, call: Call) -> Path:
    folder = tmp_path / "dist"
    assert call("compile", str(SPEC), "--target", "katib", "-o", str(folder))[0] == 0
    return folder


def test_a_folder_as_it_was_written_is_good(call: Call, dist: Path) -> None:
    code, out, err = call("verify", str(dist))
    assert (code, out) == (0, "")
    assert err == f"{dist}: 6 files of `katib-random` as the lock says\n"


def test_each_file_that_differs_is_named(call: Call, dist: Path) -> None:
    changed, missing, *_ = sorted(p.name for p in dist.glob("*.yaml"))
    (dist / changed).write_text("kind: Namespace\n")
    (dist / missing).unlink()
    (dist / "sub").mkdir()
    (dist / "sub" / "extra.yaml").write_text("")
    code, out, _ = call("verify", str(dist), "-o", "json")
    assert code == 5
    assert (out["same"], out["changed"], out["missing"], out["extra"]) == (
        4,
        [changed],
        [missing],
        ["sub/extra.yaml"],
    )
    code, out, err = call("verify", str(dist))
    assert code == 5
    assert err.splitlines()[:3] == [
        f"{dist}/{changed}: changed since it was compiled",
        f"{dist}/{missing}: missing",
        f"{dist}/sub/extra.yaml: not in the lock",
    ]


def test_a_folder_that_holds_more_is_good_where_that_is_said(call: Call, dist: Path) -> None:
    (dist / "README.md").write_text("")
    assert call("verify", str(dist))[0] == 5
    assert call("verify", str(dist), "--ignore-extra")[0] == 0


@pytest.mark.parametrize("what", ["link", "folder", "bytes"])
def test_what_stands_in_a_files_place_is_no_file(call: Call, dist: Path, what: str) -> None:
    path = dist / "kustomization.yaml"
    text = path.read_bytes()
    path.unlink()
    if what == "link":
        (dist.parent / "elsewhere").write_bytes(text)
        path.symlink_to(dist.parent / "elsewhere")
    elif what == "folder":
        path.mkdir()
    else:
        path.write_bytes(text + b"\xff\xfe")
    code, out, _ = call("verify", str(dist), "-o", "json")
    assert code == 5
    assert out["changed" if what == "bytes" else "missing"] == ["kustomization.yaml"]


def test_the_owners_folder_of_kustomize_is_not_looked_at(call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "k"
    assert call("compile", str(SPEC), "--layout", "kustomize", "-o", str(folder))[0] == 0
    (folder / "overlays" / "dev" / "patch.yaml").write_text("{}")
    assert call("verify", str(folder))[0] == 0


def test_without_a_lock_there_is_nothing_to_hold_it_against(call: Call, tmp_path: Path) -> None:
    code, _, err = call("verify", str(tmp_path))
    assert code == 1
    assert "OFC605" in err


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"formatVersion": "9.0"}', '{"formatVersion": 1}']
)
def test_a_broken_lock_is_a_problem_and_no_traceback(call: Call, dist: Path, text: str) -> None:
    (dist / "ofc.lock").write_text(text)
    code, _, err = call("verify", str(dist))
    assert code == 1
    assert "OFC603" in err or "OFC605" in err


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "a/../../b"])
def test_a_lock_that_lists_what_lies_outside_is_refused(call: Call, dist: Path, path: str) -> None:
    lock = json.loads((dist / "ofc.lock").read_text())
    lock["files"][path] = f"sha256:{'0' * 64}"
    (dist / "ofc.lock").write_text(json.dumps(lock))
    code, _, err = call("verify", str(dist))
    assert code == 1
    assert f"lists `{path}`" in err


class TestOnACluster:
    """Against an API server in the test, which speaks the real verbs."""

    @pytest.fixture
    def server(self) -> Iterator[ApiServer]:
        pytest.importorskip("kubernetes")
        with ApiServer() as server:
            yield server

    @pytest.fixture
    def config(self, server: ApiServer, tmp_path: Path) -> str:
        return str(server.kubeconfig(tmp_path / "kubeconfig"))

    def applied(self, dist: Path, config: str, **changes: Any) -> None:
        from omniforce.targets.platforms.kubernetes.cluster.client.client import connect

        cluster = connect(None, config)
        for path in sorted(dist.glob("*.yaml")):
            tree = yaml.safe_load(path.read_text())
            if tree["kind"] != "Kustomization":
                cluster.apply({**tree, **(changes if tree["kind"] == "Experiment" else {})})

    def verify(self, call: Call, dist: Path, config: str) -> tuple[int, dict[str, Any]]:
        code, out, err = call(
            "verify", str(dist), "--cluster", "--kubeconfig", config, "-o", "json"
        )
        assert out, err
        return code, {o["kind"]: o for o in out["objects"]}

    def test_what_was_applied_is_good(self, call: Call, dist: Path, config: str) -> None:
        self.applied(dist, config)
        code, objects = self.verify(call, dist, config)
        assert {o["state"] for o in objects.values()} == {"same"}
        assert code == 0

    def test_the_label_of_ofc_apply_is_no_difference(
        self, call: Call, tmp_path: Path, config: str
    ) -> None:
        from omniforce.compiler.cli.compiling import Chosen, compile_spec
        from omniforce.targets.platforms.kubernetes.cluster.apply_set import applied_objects
        from omniforce.targets.platforms.kubernetes.cluster.client.client import connect

        spec = str(ROOT / "examples" / "digits-edge" / "omniforce.yaml")
        program: Any = compile_spec(Chosen((spec,), {}), "kubernetes")[1].program
        cluster = connect(None, config)
        for tree in applied_objects(program):
            cluster.apply(tree)
        folder = tmp_path / "k"
        assert call("compile", spec, "-o", str(folder))[0] == 0
        code, out, _ = call(
            "verify", str(folder), "--cluster", "--kubeconfig", config, "-o", "json"
        )
        assert [o for o in out["objects"] if o["state"] != "same"] == []
        assert code == 0

    def test_what_was_never_applied_is_missing(self, call: Call, dist: Path, config: str) -> None:
        code, objects = self.verify(call, dist, config)
        assert code == 5
        assert {o["state"] for o in objects.values()} == {"missing"}

    def test_a_field_that_somebody_changed_is_named(
        self, call: Call, dist: Path, config: str, server: ApiServer
    ) -> None:
        from omniforce.targets.platforms.kubernetes.cluster.client.client import connect

        self.applied(dist, config)
        (path,) = dist.glob("*-experiment-*.yaml")
        tree = yaml.safe_load(path.read_text())
        tree["spec"]["parallelTrialCount"] = 1
        tree["metadata"]["annotations"]["omniforce.dev/spec-digest"] = "sha256:older"
        connect(None, config).apply(tree)
        code, objects = self.verify(call, dist, config)
        found = objects.pop("Experiment")
        assert {o["state"] for o in objects.values()} == {"same"}
        assert (code, found["state"], found["spec"]) == (5, "changed", "sha256:older")
        assert {"path": "spec.parallelTrialCount", "live": "1", "compiled": "3"} in found["fields"]

    def test_a_kind_that_the_cluster_lacks_is_said_and_stops_nothing(
        self, call: Call, dist: Path, config: str, server: ApiServer
    ) -> None:
        self.applied(dist, config)
        server.without("kubeflow.org")
        code, objects = self.verify(call, dist, config)
        assert (code, objects["Experiment"]["state"]) == (5, "missing")
        assert objects["Experiment"]["why"] == "the cluster knows no `Experiment`"
        assert objects["ConfigMap"]["state"] == "same"

    def test_a_token_that_has_expired_ends_it(
        self, call: Call, dist: Path, server: ApiServer, tmp_path: Path
    ) -> None:
        config = server.kubeconfig(tmp_path / "expired", token="old")
        code, _, err = call("verify", str(dist), "--cluster", "--kubeconfig", str(config))
        assert code == 1
        assert "OFC621" in err

    def test_what_argocd_only_makes_while_it_syncs_is_no_difference(
        self, call: Call, tmp_path: Path, config: str
    ) -> None:
        folder = tmp_path / "a"
        spec = ROOT / "examples" / "digits-edge" / "omniforce.yaml"
        assert call("compile", str(spec), "--layout", "argocd", "-o", str(folder))[0] == 0
        code, out, _ = call(
            "verify", str(folder), "--cluster", "--kubeconfig", config, "-o", "json"
        )
        states = {o["kind"]: o["state"] for o in out["objects"]}
        assert (code, states.pop("Job")) == (5, "skipped")
        assert set(states.values()) == {"missing"}
        assert "Application" not in states

    def test_a_folder_that_was_edited_is_held_against_no_cluster(
        self, call: Call, dist: Path, config: str
    ) -> None:
        (dist / "kustomization.yaml").write_text("")
        code, _, err = call("verify", str(dist), "--cluster", "--kubeconfig", config)
        assert code == 1
        assert "OFC606" in err

    def test_it_changes_nothing(
        self, call: Call, dist: Path, config: str, server: ApiServer
    ) -> None:
        self.verify(call, dist, config)
        assert [
            a for a in server.asked if a.method != "GET" and a.query.get("dryRun") != "All"
        ] == []
