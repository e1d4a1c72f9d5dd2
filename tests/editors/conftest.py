"""What the editors' tests need beside Python, and where it is looked for."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """Where `make editors` puts its packages."""
    modules = Path(sys.prefix) / "node" / "node_modules"
    if shutil.which("node") is None:
        pytest.skip("node is not on PATH")
    if not modules.is_dir():
        pytest.skip("no packages of npm's: run `make editors`")
    return modules
