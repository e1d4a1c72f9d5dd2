"""The commands as they are called, on a real cluster."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from omniforce.compiler.cli.main import run
from tests.support.crd import needs_shared
from tests.support.live import changed

from .conftest import OnCluster

pytestmark = [pytest.mark.cluster, needs_shared, pytest.mark.usefixtures("all_kinds")]

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(
    here: OnCluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Call:
    """Runs `ofc` where the spec of the study is."""
    monkeypatch.chdir(tmp_path)
    spec = changed(("  name: digits-edge", f"  name: {here.study}"))
    Path("omniforce.yaml").write_text(spec, encoding="utf-8")

    def called(*arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return called


def test_a_study_goes_through_its_life(call: Call, here: OnCluster) -> None:
    quick = ("--no-preflight", "--no-wait", "--yes")
    code, _, err = call("apply", "--no-preflight", "--dry-run", "server")
    assert code == 0, err
    code, out, err = call("apply", "--force-conflicts", *quick)
    assert code == 0, err
    code, out, err = call("apply", *quick)
    assert (code, out.splitlines()[0].rpartition(": ")[2]) == (0, "nothing had changed"), err
    code, out, err = call("plan", "--no-preflight")
    assert code == 0, out + err
    for _ in range(3):  # a controller may have written to an object between the two
        code, out, err = call("plan", "--no-preflight", "-p", "trials=60", "--out", "kept.ofc")
        assert code == 2, out + err
        code, out, err = call("apply", "kept.ofc", *quick)
        if code != 5:
            break
    assert code == 0, out + err
    code, out, err = call("apply", "kept.ofc", *quick)
    assert code == 5, out + err
    code, out, err = call("apply", "--prune", *quick)
    assert code == 0, out + err
    code, out, err = call("status", "--cluster", "-f", "omniforce.yaml", "-o", "json")
    assert code in (0, 1, 2), out + err
    assert json.loads(out)["study"] == here.study
    code, out, err = call("destroy", "--yes")
    assert code == 0, out + err
    code, out, err = call("destroy", "--yes")
    assert (code, out.startswith("nothing of")) == (0, True), out + err


def test_preflight_says_what_the_cluster_lacks_and_nothing_breaks(call: Call) -> None:
    code, out, err = call("plan", "--preflight-only", "-o", "json")
    assert code in (0, 1), out + err
    assert all(d["code"].startswith("OFC") for d in json.loads(out)["diagnostics"])
