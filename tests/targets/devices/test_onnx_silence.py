"""ONNX Runtime would leave an id of the machine in the home directory, and call its makers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    "code",
    [
        "import omniforce.targets.devices.onnx.session",
        "import omniforce.targets.devices.onnx.measure, onnxruntime",
        (
            "from pathlib import Path\n"
            "from omniforce.stdlib_algorithms.tabular.learner import boosting\n"
            "try: boosting._answers(Path('none'), None)\n"
            "except Exception as error: assert 'NO_SUCHFILE' in str(error), error"
        ),
    ],
)
def test_no_model_is_run_with_anybody_listening(code: str, tmp_path: Path) -> None:
    told = {
        k: v for k, v in os.environ.items() if k not in ("ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME")
    }
    subprocess.run([sys.executable, "-c", code], env=told | {"HOME": str(tmp_path)}, check=True)
    assert list(tmp_path.iterdir()) == []
