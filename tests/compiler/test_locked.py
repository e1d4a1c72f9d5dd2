"""The same spec gives the same bytes on another machine: another folder, user's settings, clock."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OFC = (sys.executable, "-m", "omniforce.compiler.cli.main")
EXAMPLES = ("digits-edge", "katib-random")

HERE = {"LANG": "C.UTF-8", "TZ": "UTC", "PYTHONHASHSEED": "0", "HOME": "/root", "USER": "root"}
THERE = {
    "LANG": "tr_TR.ISO-8859-9",
    "LC_ALL": "tr_TR.ISO-8859-9",
    "TZ": "Pacific/Kiritimati",
    "PYTHONHASHSEED": "4242",
    "HOME": "/nonexistent",
    "USER": "somebody",
    "LOGNAME": "somebody",
    "COLUMNS": "40",
    "NO_COLOR": "1",
}


def machine(folder: Path, example: str) -> Path:
    """A checkout of its own, in a folder of its own."""
    spec = folder / "specs" / example
    spec.mkdir(parents=True)
    (folder / ".git").mkdir(exist_ok=True)
    shutil.copy(ROOT / "examples" / example / "omniforce.yaml", spec)
    return spec / "omniforce.yaml"


def compiled(
    spec: Path, out: Path, surroundings: dict[str, str], umask: int, *more: str, cwd: Path
) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "PYTHONPATH", "VIRTUAL_ENV")}
    return subprocess.run(
        [*OFC, "compile", "-f", str(spec), "-o", str(out), *more],
        env={**kept, **surroundings},
        cwd=cwd,
        umask=umask,
        capture_output=True,
        check=False,
        encoding="utf-8",
        errors="replace",
    )


def contents(folder: Path) -> dict[str, bytes]:
    files = (p for p in sorted(folder.rglob("*")) if p.is_file())
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


@pytest.mark.parametrize("example", EXAMPLES)
@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--provenance", "--sbom", "spdx"),
        ("--layout", "argocd", "--repo", "https://git.example.org/x.git", "--repo-path", "deploy"),
        ("--layout", "kustomize", "--provenance", "--sbom", "cyclonedx"),
    ],
    ids=["bare", "spdx", "argocd", "cyclonedx"],
)
def test_locked_reproduces_the_output_on_another_machine(
    example: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    first = machine(tmp_path / "a", example)
    second = machine(tmp_path / "ein anderer Ordner ß" / "tief", example)
    ran = compiled(first, tmp_path / "one", HERE, 0o022, *options, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    # the lock travels; everything else is made anew, from another folder, by a relative path
    (tmp_path / "two").mkdir()
    shutil.copy(tmp_path / "one" / "ofc.lock", tmp_path / "two")
    ran = compiled(
        Path(second.name), tmp_path / "two", THERE, 0o077, *options, "--locked", cwd=second.parent
    )
    assert ran.returncode == 0, ran.stderr
    assert contents(tmp_path / "two") == contents(tmp_path / "one")


def test_a_time_is_only_that_which_is_given(tmp_path: Path) -> None:
    spec = machine(tmp_path / "a", "katib-random")
    options = ("--provenance", "--sbom", "spdx")
    timed = {**HERE, "SOURCE_DATE_EPOCH": "1700000000"}
    for name, surroundings in (("one", timed), ("two", {**THERE, **timed, "TZ": "Asia/Tokyo"})):
        ran = compiled(spec, tmp_path / name, surroundings, 0o022, *options, cwd=tmp_path)
        assert ran.returncode == 0, ran.stderr
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert b"2023-11-14T22:13:20Z" in contents(tmp_path / "one")["attestations/sbom.spdx.json"]
