"""A small project with an estimator of its own, and `ofc` as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
SPEC = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {name: tiny}
spec:
  params:
    trials: {type: int, default: 8}
  data: {source: "file://data.csv", target: y}
  algorithm:
    estimator: hostile_estimators:Estimator
    metrics: [accuracy, cost]
    parameters: [kind, x, seconds]
    arguments: {seconds: 0.3}
  searchSpace:
    x: 0.0...1.0
    kind: KINDS
  objectives:
    - maximize accuracy
    - minimize cost
  search:
    strategy: random
    budget: {trials: $(params.trials)}
    parallelism: 2
    trial: {timeout: 20s, resources: {memory: 256MiB}}
"""


@dataclass(frozen=True)
class Project:
    """A folder with a spec and its data."""

    folder: Path

    def write(self, kinds: str, spec: str = SPEC) -> None:
        (self.folder / "omniforce.yaml").write_text(spec.replace("KINDS", kinds))

    @property
    def environment(self) -> Mapping[str, str]:
        path = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
        return os.environ | {"PYTHONPATH": path, "NO_COLOR": "1"}

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "omniforce.compiler.cli.main", *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ofc(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments)
        stdout, stderr = process.communicate(timeout=120)
        return subprocess.CompletedProcess(arguments, process.returncode, stdout, stderr)

    def json(self, *arguments: str) -> Any:
        done = self.ofc(*arguments, "-o", "json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    @property
    def home(self) -> Path:
        return self.folder / ".ofc" / "tiny"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    rows = "".join(f"{i}.5,{i % 7},{i % 2}\n" for i in range(60))
    (tmp_path / "data.csv").write_text("a,b,y\n" + rows)
    made = Project(tmp_path)
    made.write("{good, raises}")
    return made
