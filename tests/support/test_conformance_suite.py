"""The suite for real clusters, run against the API server in the test: a test of the suite."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from .api_server import ApiServer
from .crd import needs_shared

ROOT = Path(__file__).parents[2]


def suite(kubeconfig: Path | None) -> tuple[int, str]:
    """Runs it as `make test-cluster` does; its exit code and its output."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("OFC_TEST_", "PYTEST_"))}
    environment = kept | {"KUBECONFIG": "" if kubeconfig is None else str(kubeconfig)}
    command = [sys.executable, "-m", "pytest", "-q", "-m", "cluster", "tests/cluster"]
    command += ["-p", "no:cacheprovider"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300
    )
    return done.returncode, done.stdout + done.stderr


@needs_shared
def test_all_of_it_passes_on_a_cluster_that_has_everything(tmp_path: Path) -> None:
    with ApiServer() as server:
        code, out = suite(server.kubeconfig(tmp_path / "kubeconfig"))
        assert code == 0, out
        assert "failed" not in out
        assert [t for t in server.objects() if "ofc-test-" in str(t["metadata"])] == [], out


@needs_shared
def test_what_a_cluster_lacks_is_skipped_by_name(tmp_path: Path) -> None:
    with ApiServer() as server:
        server.without("pipelines.kubeflow.org", "serving.kserve.io")
        code, out = suite(server.kubeconfig(tmp_path / "kubeconfig"))
    assert code == 0, out
    assert "the cluster does not serve InferenceService, Pipeline, PipelineVersion" in out
    assert "no image to run: OFC_TEST_FUNCTIONS_IMAGE and OFC_TEST_TRIAL_IMAGE not set" in out


def test_without_a_cluster_every_test_skips_and_says_why() -> None:
    code, out = suite(None)
    assert code == 0, out
    assert "KUBECONFIG is not set: there is no cluster to ask" in out
    assert "passed" not in out
