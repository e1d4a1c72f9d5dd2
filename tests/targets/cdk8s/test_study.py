"""The construct, synthesized by the real cdk8s with the real node."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
SPEC = ROOT / "examples" / "digits-edge" / "omniforce.yaml"
FLAT = ROOT / "examples" / "katib-random" / "omniforce.yaml"

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("cdk8s") is None, reason="needs cdk8s"),
    pytest.mark.skipif(shutil.which("node") is None, reason="needs node"),
    # jsii's own process and its pipes, which it leaves to the interpreter's end
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


def _documents(text: str) -> list[Any]:
    return [d for d in yaml.load_all(text, Loader=yaml.CSafeLoader) if d]


def _named(documents: list[Any]) -> dict[tuple[str, str], Any]:
    return {(d["kind"], d["metadata"]["name"]): d for d in documents}


def _compiled(*arguments: str) -> list[Any]:
    ofc = [sys.executable, "-m", "omniforce.compiler.cli.main"]
    ran = subprocess.run(
        [*ofc, "compile", *arguments, "-o", "-"], capture_output=True, text=True, check=True
    )
    return _documents(ran.stdout)


def _synthesized(folder: Path, body: str) -> subprocess.CompletedProcess[str]:
    (folder / "main.py").write_text(
        "from cdk8s import App, Chart\n"
        "from omniforce.targets.platforms.cdk8s import *\n"
        "app = App()\nchart = Chart(app, 'chart')\n"
        f"{body}\napp.synth()\n"
    )
    return subprocess.run(
        [sys.executable, "main.py"], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("spec", "target"), [(SPEC, "kubernetes"), (FLAT, "katib"), (FLAT, "trainer")]
)
def test_a_chart_has_the_objects_of_ofc_compile(spec: Path, target: str, tmp_path: Path) -> None:
    ran = _synthesized(tmp_path, f"Study(chart, 'it', spec={str(spec)!r}, target={target!r})")
    assert ran.returncode == 0, ran.stderr
    made = _documents((tmp_path / "dist" / "chart.k8s.yaml").read_text(encoding="utf-8"))
    assert _named(made) == _named(_compiled(str(spec), "--target", target))


def test_the_example_differs_by_its_one_patch(tmp_path: Path) -> None:
    app = ROOT / "examples" / "cdk8s-app" / "main.py"
    environment = {**os.environ, "CDK8S_OUTDIR": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, str(app)], env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    made = _named(_documents((tmp_path / "digits.k8s.yaml").read_text(encoding="utf-8")))
    expected = _named(_compiled(str(SPEC), "-p", "trials=12"))
    expected["InferenceService", "digits-edge"]["spec"]["predictor"]["minReplicas"] = 1
    assert made == expected


def test_a_spec_that_is_refused_says_why_where_it_is(tmp_path: Path) -> None:
    ran = _synthesized(tmp_path, f"Study(chart, 'it', spec={str(SPEC)!r}, target='katib')")
    assert ran.returncode == 1
    assert "error[OFC401]: `layers`, which only some trials have, is not on" in ran.stderr
    assert f"{SPEC}:40:19" in ran.stderr
    assert not (tmp_path / "dist").exists()


def test_a_secret_is_refused_and_not_shown(tmp_path: Path) -> None:
    token = "ghp_" + "0123456789abcdefghijABCDEFGHIJ456789"
    spec = tmp_path / "omniforce.yaml"
    spec.write_text(SPEC.read_text().replace("target: label", f"target: {token}"))
    run = _synthesized(tmp_path, f"Study(chart, 'study', spec={str(spec)!r})")
    assert run.returncode != 0
    assert "OFC608" in run.stderr
    assert token not in run.stderr


def test_an_object_is_found_by_kind_and_name(tmp_path: Path) -> None:
    body = (
        f"s = Study(chart, 'it', spec={str(SPEC)!r})\n"
        "print(s.object('Broker').name, s.object('Service', 'digits-edge-search').kind)\n"
        "s.object('Service')"
    )
    ran = _synthesized(tmp_path, body)
    assert ran.stdout == "digits-edge Service\n"
    assert "5 objects `Service/*`; there are: Service/digits-edge-search" in ran.stderr
