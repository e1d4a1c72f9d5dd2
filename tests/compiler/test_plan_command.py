"""`ofc plan` and `ofc status --cluster` as they are called: exit codes, formats, refusals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from omniforce.compiler.cli.main import run
from tests.support.crd import needs_shared
from tests.support.equipped import SECRET_URL
from tests.support.live import SPEC, Live, changed, compiled, live

pytestmark = needs_shared


@pytest.fixture
def applied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "omniforce.yaml").write_text(SPEC, encoding="utf-8")
    with live(tmp_path) as made:
        monkeypatch.setenv("KUBECONFIG", str(made.kubeconfig))
        yield made


def spec(*replacements: tuple[str, str]) -> None:
    Path("omniforce.yaml").write_text(changed(*replacements), encoding="utf-8")


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = run([*arguments, "-o", "json"])
    return code, json.loads(capsys.readouterr().out)


def test_without_changes_the_exit_code_is_0(
    applied: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["plan"]) == 0
    assert capsys.readouterr().out.endswith("No changes: 44 objects are as the spec says.\n")


def test_with_changes_it_is_2_and_json_has_them(
    applied: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    spec(("max: 4,", "max: 5,"))
    code, plain = document(capsys, "plan")
    assert (code, plain["formatVersion"], plain["changes"], plain["stops"]) == (
        2,
        "1.0",
        True,
        False,
    )
    assert [c["path"] for c in plain["spec"]] == ["spec.deployment.scale.max"]


def test_json_has_what_is_said_of_the_spec_as_well(
    applied: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    spec(("      threads: 1", "      threads: 2"))
    _, plain = document(capsys, "plan")
    assert [(d["code"], d["severity"]) for d in plain["diagnostics"]] == [("OFC504", "warning")]


def test_where_an_apply_would_stop_it_is_1(
    applied: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    applied.edit("Trigger", "digits-edge-tick", {"spec": {"delivery": {"retry": 1}}})
    assert run(["plan"]) == 1
    assert "`kubectl-edit` holds .spec.delivery.retry" in capsys.readouterr().out
    assert run(["plan", "--force-conflicts"]) == 2


def test_a_spec_that_is_wrong_is_3_and_asks_no_cluster(
    applied: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    spec(("parallelism: 2", "parallelism: none"))
    asked = len(applied.server.asked)
    assert run(["plan"]) == 3
    assert len(applied.server.asked) == asked
    assert "error[OFC103]" in capsys.readouterr().err


def test_prices_show_money_and_what_is_wrong_with_them(
    applied: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("prices.yaml").write_text("cpuHour: 0.04\nmemoryHour: 0.005\n", encoding="utf-8")
    assert run(["plan", "--prices", "prices.yaml"]) == 0
    assert "search   $0.05 at most" in capsys.readouterr().out
    Path("prices.yaml").write_text("cpuHour: 0.04\n", encoding="utf-8")
    assert run(["plan", "--prices", "prices.yaml"]) == 3
    assert "prices.yaml:1:1" in capsys.readouterr().err


def test_what_the_cluster_lacks_alone(applied: Live, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", "--preflight-only"]) == 0
    assert capsys.readouterr().out == "in-test has all that digits-edge needs\n"
    applied.server.version = "v1.27.0"
    applied.cluster.delete(_runtime())
    code, plain = document(capsys, "plan", "--preflight-only")
    assert code == 1
    assert [d["code"] for d in plain["diagnostics"]] == ["OFC668", "OFC660"]


def _runtime() -> Any:
    from omniforce.targets.platforms.kubernetes.cluster.cluster import Reference

    api_version = "serving.kserve.io/v1alpha1"
    return Reference(api_version, "ClusterServingRuntime", None, "kserve-tritonserver")


def test_a_comment_for_a_pull_request(applied: Live, capsys: pytest.CaptureFixture[str]) -> None:
    spec(("max: 4,", "max: 5,"))
    assert run(["plan", "-o", "markdown"]) == 2
    out = capsys.readouterr().out
    assert out.startswith("<!-- ofc plan: digits-edge -->\n### Plan for `digits-edge` on `in-test`")
    assert "| `spec.deployment.scale.max` | `4` | `5` | `omniforce.yaml:" in out


def test_a_comment_says_why_there_is_no_plan(
    applied: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    spec(("parallelism: 2", "parallelism: none"))
    assert run(["plan", "-o", "markdown"]) == 3
    out = capsys.readouterr().out
    assert out.startswith(
        "<!-- ofc plan: omniforce.yaml -->\n### The spec of `omniforce.yaml` is refused\n\n"
        "- **error** OFC103: "
    )


def test_a_folder_in_the_place_of_a_cluster(
    applied: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["compile", "-o", "dist"]) == 0
    asked = len(applied.server.asked)
    assert run(["plan", "--against", "dist"]) == 0
    spec(("timeout: 2m", "timeout: 3m"))
    capsys.readouterr()
    assert run(["plan", "--against", "dist"]) == 2
    assert "spec.search.trial.timeout  2m -> 3m" in capsys.readouterr().out
    assert len(applied.server.asked) == asked


@pytest.mark.parametrize("layout", ["plain", "kustomize", "argocd"])
def test_a_folder_of_any_layout(applied: Live, layout: str) -> None:
    assert run(["compile", "-o", "dist", "--layout", layout]) == 0
    assert run(["plan", "--against", "dist"]) == 0


@pytest.mark.parametrize("text", ["a: [", "- 1\n", "kind: 3\n", "\x00", "apiVersion: v1\n"])
def test_a_folder_with_something_else_in_it(
    applied: Live, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    Path("dist").mkdir()
    Path("dist/00-a.yaml").write_text(text, encoding="utf-8")
    assert run(["plan", "--against", "dist"]) == 1
    assert "error[OFC651]: `dist/00-a.yaml` cannot be read" in capsys.readouterr().err
    assert run(["plan", "--against", "nowhere"]) == 1


def test_a_plan_is_kept_and_is_the_same_each_time(applied: Live) -> None:
    spec(("max: 4,", "max: 5,"))
    assert run(["plan", "--out", "one.ofc"]) == 2
    assert run(["plan", "--out", "two.ofc"]) == 2
    assert Path("one.ofc").read_bytes() == Path("two.ofc").read_bytes()


def test_a_plan_that_would_stop_is_not_kept_unless_it_is_forced(
    applied: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    applied.edit("Trigger", "digits-edge-tick", {"spec": {"delivery": {"retry": 1}}})
    assert run(["plan", "--out", "p.ofc"]) == 1
    assert not Path("p.ofc").exists()
    assert run(["plan", "--out", "p.ofc", "--force-conflicts"]) == 2
    assert run(["apply", "p.ofc", "--yes", "--timeout", "20s"]) == 0
    capsys.readouterr()
    assert run(["plan"]) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["--against", "dist", "--context", "x"],
        ["--against", "dist", "--out", "p.ofc"],
        ["--preflight-only", "--out", "p.ofc"],
        ["-f", "-", "--out", "p.ofc"],
    ],
)
def test_options_that_contradict_each_other(applied: Live, arguments: list[str]) -> None:
    assert run(["plan", *arguments]) == 64


def test_no_output_ever_has_a_secret(applied: Live, capsys: pytest.CaptureFixture[str]) -> None:
    value = "s3cr3t-" * 5
    env = [{"name": "OFC_TOKEN", "value": value}]
    applied.edit(
        "Service",
        "digits-edge-search",
        {
            "spec": {
                "template": {"spec": {"containers": [{"name": "c", "image": "i:1", "env": env}]}}
            }
        },
    )
    for form in ("text", "json", "markdown"):
        run(["plan", "-o", form, "--force-conflicts"])
    run(["plan", "--out", "p.ofc", "--force-conflicts"])
    told = capsys.readouterr()
    everything = told.out + told.err + Path("p.ofc").read_text(encoding="utf-8")
    assert "do-not-show-me" not in everything
    assert SECRET_URL not in everything
    assert value not in everything
    assert "(not shown)" in everything


@pytest.mark.parametrize("answer", [500, 403, 429, 404])
def test_a_server_that_fails_ends_in_one_clear_message(
    applied: Live, capsys: pytest.CaptureFixture[str], answer: int
) -> None:
    from tests.support.api_server import status

    body = status(answer, "Whatever", "no")
    applied.server.fail(path="/brokers/", answer=body, times=10_000)
    code = run(["plan"])
    told = capsys.readouterr()
    assert code in (1, 2)
    assert "bug:" not in told.err
    assert "Traceback" not in told.err


def test_how_it_stands_by_spec_and_by_name(
    applied: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["status", "--cluster", "--watch", "--timeout", "20s"]) == 0
    assert "✓ spec.search  omniforce.yaml:" in capsys.readouterr().out
    code, plain = document(capsys, "status", "--cluster", "digits-edge")
    assert (code, plain["word"], plain["digest"]) == (0, "ready", compiled()[1].digest)


def test_a_study_that_fails_is_1_and_one_on_its_way_is_2(applied: Live) -> None:
    assert run(["status", "--cluster", "--watch", "--timeout", "20s"]) == 0
    controllers = applied.server.controllers
    controllers.failing[("Broker", "digits-edge")] = ("Away", "no channel")
    controllers.again()
    assert run(["status", "--cluster", "--watch", "--timeout", "1s"]) == 124
    assert run(["status", "--cluster"]) == 1


def test_a_study_that_is_not_there(applied: Live, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["status", "--cluster", "nothing"]) == 1
    assert "error[OFC670]: there is no study `nothing`" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--watch"],
        ["-n", "here"],
        ["--cluster", "digits-edge", "-f", "omniforce.yaml"],
        ["--cluster", "-n", "here"],
    ],
)
def test_what_status_cannot_be_asked(applied: Live, arguments: list[str]) -> None:
    assert run(["status", *arguments]) == 64
