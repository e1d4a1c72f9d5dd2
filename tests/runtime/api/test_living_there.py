"""The commands of a study, of one behind the API."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from omniforce.compiler.cli.main import run

from .conftest import Fill, Service, compiled, study_json, token_of


@pytest.fixture
def ofc(
    service: Service,
    fill: Fill,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Any:
    token = tmp_path / "token"
    token.write_text(token_of("ada") + "\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("OFC_API", f"http://127.0.0.1:{service.port}/v1/")
    monkeypatch.setenv("OFC_PROJECT", "vision")
    monkeypatch.setenv("OFC_TOKEN_FILE", str(token))
    assert service.post("/projects/vision/studies", study_json(compiled())).status == 201
    with closing(service.store()) as store:
        fill(store, 7)
    capsys.readouterr()

    def call(*arguments: str, code: int = 0) -> str:
        got = run(arguments)
        out, err = capsys.readouterr()
        assert got == code, (got, out, err)
        return out or err

    return call


def test_a_study_there_is_looked_at_with_the_same_words(ofc: Any, tmp_path: Path) -> None:
    found = json.loads(ofc("trials", "--where", "state == completed", "-o", "json"))
    assert {each["state"] for each in found["trials"]} == {"completed"}
    assert {each["log"] for each in found["trials"]} == {None}
    assert "completed" in ofc("watch", "s", "--once")
    assert json.loads(ofc("logs", "s", "0", "-o", "json"))["trial"] == 0
    ofc("logs", "s", "0", "--attempt", "1", code=1)
    assert ofc("export", "s", "--to", "t.csv") == "7 trials of `s` in t.csv\n"
    assert (tmp_path / "t.csv").read_text().count("\n") == 8


def test_a_study_there_is_steered_with_the_same_words(ofc: Any, tmp_path: Path) -> None:
    assert ofc("pause", "s").startswith("`s` is paused")
    assert "OFC781" in ofc("pause", "s", code=1)
    assert ofc("resume", "s").startswith("`s` is running")
    assert json.loads(ofc("extend", "s", "--trials", "3", "-o", "json"))["extra"] == {"trials": 3}
    assert ofc("add", "s", "x=7") == "trial 7: x=7\n"
    assert "OFC783" in ofc("add", "s", "x=7000", code=1)
    assert ofc("cancel", "s", "7") == "cancelled: 7\n"
    assert ofc("rate", "s", "0", "4.5") == "trial 0: rated 4.5\n"
    spec = (
        "apiVersion: omniforce.dev/v1alpha2\nkind: OmniForce\nmetadata: {name: s}\nspec:\n"
        "  data: {source: sklearn://digits}\n"
        "  algorithm: {estimator: model:Model, metrics: [accuracy, loss]}\n"
        "  searchSpace: {x: {type: int, range: 0...2000}}\n"
        "  objectives: [maximize accuracy]\n"
        "  search: {strategy: random, budget: {trials: 20}, parallelism: 4}\n"
    )
    (tmp_path / "new.yaml").write_text(spec)
    ofc("revise", "s", "-f", "new.yaml", "--dry-run", code=2)
    assert json.loads(ofc("revise", "s", "-f", "new.yaml", "-o", "json"))["revision"] == 2
    did = [each["action"] for each in json.loads(ofc("actions", "s", "-o", "json"))["actions"]]
    assert did == ["create", "pause", "resume", "extend", "add", "cancel", "rate", "revise"]
