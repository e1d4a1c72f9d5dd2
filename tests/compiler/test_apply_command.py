"""`ofc apply` and `ofc destroy` against the API server in the test."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.crd import needs_shared
from tests.support.live import Live, changed, live

pytestmark = needs_shared

OFC = (sys.executable, "-m", "omniforce.compiler.cli.main")
MORE_TRIALS = changed(("default: 48", "default: 60"))
COUNT = 44

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    """A cluster that has all but the study, whose spec is here."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "OFC_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    with live(tmp_path, applied=False) as made:
        monkeypatch.setenv("KUBECONFIG", str(made.kubeconfig))
        (tmp_path / "omniforce.yaml").write_text(changed(), encoding="utf-8")
        (tmp_path / "more.yaml").write_text(MORE_TRIALS, encoding="utf-8")
        yield made


def kinds(there: Live, kind: str) -> list[str]:
    return [t["metadata"]["name"] for t in there.server.objects(kind)]


def test_a_study_is_applied_and_a_second_time_nothing_changes(there: Live, call: Call) -> None:
    code, out, err = call("apply", "--yes")
    assert (code, out.splitlines()[0]) == (0, "digits-edge on in-test: 43 created, 1 changed")
    assert "created     Broker/digits-edge\n" in err
    assert call("apply", "--yes")[:2] == (0, "digits-edge on in-test: nothing had changed\n")
    assert call("plan")[0] == 0


def test_a_first_release_is_checked_as_far_as_it_can_be(there: Live, call: Call) -> None:
    code, out, err = call("apply", "--dry-run", "server")
    assert (code, out) == (0, "")
    assert "PipelineVersion" in err
    assert "cannot be checked before" in err
    assert kinds(there, "Broker") == []


def test_a_dry_run_of_the_client_lists_and_asks_nobody(there: Live, call: Call) -> None:
    asked = len(there.server.asked)
    code, out, _ = call("apply", "--dry-run", "client")
    assert code == 0
    assert out.splitlines()[0] == "Namespace/ofc-digits-edge"
    assert out.splitlines()[-1] == "InferenceService/digits-edge"
    assert len(out.splitlines()) == COUNT
    assert len(there.server.asked) == asked


def test_nobody_is_there_to_be_asked(there: Live, call: Call) -> None:
    code, _, err = call("apply")
    assert code == 64
    assert "there is nobody to ask here" in err
    assert kinds(there, "Broker") == []


def test_what_the_cluster_lacks_stops_it_before_the_first_write(there: Live, call: Call) -> None:
    there.server.without("eventing.knative.dev")
    code, _, err = call("apply", "--yes")
    assert code == 1
    assert "Broker" in err
    assert kinds(there, "ServiceAccount") == []


def test_json_of_an_apply_that_would_stop_has_the_plan_and_all_findings(
    there: Live, call: Call
) -> None:
    there.server.without("eventing.knative.dev")
    code, out, _ = call("apply", "--yes", "-o", "json")
    plain = json.loads(out)
    codes = [d["code"] for d in plain["diagnostics"]]
    assert code == 1
    assert "OFC655" in codes
    assert codes[-1] == "OFC636"
    assert plain["plan"]["stops"] is True


def test_a_conflict_names_manager_field_and_the_way_out_and_nothing_is_written(
    there: Live, call: Call
) -> None:
    assert call("apply", "--yes")[0] == 0
    there.edit("Broker", "digits-edge", {"spec": {"delivery": {"retry": 1}}})
    before = kinds(there, "ConfigMap")
    code, out, err = call("apply", "more.yaml", "--yes")
    assert (code, out) == (5, "")
    assert "kubectl-edit" in err
    assert "spec.delivery.retry" in err
    assert "--force-conflicts" in err
    assert kinds(there, "ConfigMap") == before
    assert call("apply", "more.yaml", "--yes", "--force-conflicts")[0] == 0


def test_what_is_not_in_the_spec_goes_only_with_prune(there: Live, call: Call) -> None:
    call("apply", "--yes")
    code, out, err = call("apply", "more.yaml", "--yes")
    assert code == 0
    assert out.startswith("digits-edge on in-test: 3 created, 41 changed\n")
    code, out, err = call("apply", "more.yaml", "--yes")
    assert "3 objects not in the spec any more; `--prune` removes: PipelineVersion/" in err
    assert len(kinds(there, "PipelineVersion")) == 4
    code, out, err = call("apply", "more.yaml", "--yes", "--prune")
    assert (code, out) == (0, "digits-edge on in-test: 3 removed\n")
    assert len(kinds(there, "PipelineVersion")) == 2
    assert call("apply", "more.yaml", "--yes", "--prune")[:2] == (
        0,
        "digits-edge on in-test: nothing had changed\n",
    )


def test_json_says_what_was_done_to_each_object(there: Live, call: Call) -> None:
    code, out, _ = call("apply", "--yes", "-o", "json")
    plain = json.loads(out)
    assert code == 0
    assert (plain["formatVersion"][0], plain["study"], plain["cluster"]) == (
        "1",
        "digits-edge",
        "in-test",
    )
    assert {o["done"] for o in plain["objects"]} == {"created", "changed"}
    assert {o["state"] for o in plain["objects"]} <= {"ready", "progressing"}
    assert len(plain["objects"]) == COUNT
    assert (plain["pruned"], plain["started"]) == ([], None)


def test_a_study_is_started_once_and_only_when_all_triggers_hear(there: Live, call: Call) -> None:
    held = there.server.controllers.held
    held.add("Trigger")
    code, _, err = call("apply", "--yes", "--no-wait", "--start")
    assert code == 1
    assert "error[OFC632]: the study cannot be started yet: `Trigger/" in err
    assert kinds(there, "Job") == []
    held.clear()
    there.server.controllers.again()
    code, out, _ = call("apply", "--yes", "--start")
    assert (code, out.splitlines()[-1]) == (0, "the study is started")
    code, out, _ = call("apply", "--yes", "--start")
    assert (code, out.splitlines()[-1]) == (0, "the study was started before")
    assert len(kinds(there, "Job")) == 1


def test_what_does_not_get_ready_in_time_gives_124_and_the_next_run_goes_on(
    there: Live, call: Call
) -> None:
    there.server.controllers.held.add("JobSink")
    code, _, err = call("apply", "--yes", "--timeout", "1s")
    assert code == 124
    assert "not ready in time: `JobSink/digits-edge-trial`: it has no condition Ready yet" in err
    there.server.controllers.held.clear()
    there.server.controllers.again()
    assert call("apply", "--yes")[0] == 0


def test_a_saved_plan_is_followed_once_and_then_refused(there: Live, call: Call) -> None:
    assert call("plan", "--out", "kept.ofc")[0] == 2
    code, out, _ = call("apply", "kept.ofc")
    assert (code, out.splitlines()[0]) == (0, "digits-edge on in-test: 43 created, 1 changed")
    code, _, err = call("apply", "kept.ofc")
    assert code == 5
    assert "error[OFC653]: the saved plan of `digits-edge` does not hold any more" in err
    code, _, err = call("apply", "kept.ofc", "--prune")
    assert code == 64


def test_no_token_is_shown_whatever_happens(there: Live, call: Call) -> None:
    there.server.users.clear()
    code, out, err = call("apply", "--yes")
    assert code == 1
    assert "error[OFC621]" in err
    assert "token-of-admin" not in out + err


def test_destroy_shows_first_and_keeps_the_data(there: Live, call: Call) -> None:
    call("apply", "--yes")
    code, out, err = call("destroy", "--dry-run")
    assert (code, out) == (0, "")
    assert "  - Broker/digits-edge\n" in err
    assert "    PersistentVolumeClaim/digits-edge-data\n" in err
    assert kinds(there, "Broker") == ["digits-edge"]
    code, out, _ = call("destroy", "--yes")
    assert (code, out) == (0, "digits-edge is gone from in-test: 43 objects removed\n")
    assert kinds(there, "PersistentVolumeClaim") == ["digits-edge-data"]
    assert kinds(there, "Secret") == ["ofc-store"]
    code, out, _ = call("destroy", "--yes")
    assert code == 0
    assert out.startswith("nothing of digits-edge is in ofc-digits-edge on in-test but what stays")


def test_destroy_needs_no_spec(there: Live, call: Call) -> None:
    call("apply", "--yes")
    code, out, _ = call("destroy", "--study", "digits-edge", "--data", "--yes", "-o", "json")
    plain = json.loads(out)
    assert code == 0
    assert [o["kind"] for o in plain["kept"]] == ["Namespace"]
    assert kinds(there, "PersistentVolumeClaim") == []


def test_destroy_asks_and_without_an_answer_removes_nothing(there: Live, call: Call) -> None:
    call("apply", "--yes")
    assert call("destroy")[0] == 64
    assert kinds(there, "Broker") == ["digits-edge"]


@pytest.mark.parametrize("text", ["", "10", "-5m", "m", "99999h", "nan"])
def test_what_is_no_duration_is_a_usage_error(there: Live, call: Call, text: str) -> None:
    assert call("apply", "--yes", "--timeout", text)[0] == 64


@pytest.mark.parametrize("name", ["", "A", "a b", "a,b=c", "../x", "a" * 64, "1a"])
def test_a_study_that_no_cluster_could_have_is_a_usage_error(
    there: Live, call: Call, name: str
) -> None:
    assert call("destroy", "--study", name, "--yes")[0] == 64
    assert call("destroy", "--study", "a", "--namespace", name, "--yes")[0] == 64


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("apply", "nothing.yaml", "--yes"), 3),
        (("apply", "--yes", "--context", "nowhere"), 1),
        (("apply", "--yes", "--kubeconfig", "nowhere"), 1),
        (("apply", "--dry-run", "sometimes"), 64),
        (("destroy", "--namespace", "here"), 64),
        (("destroy", "nothing.yaml", "--yes"), 3),
        (("destroy", "--yes", "--kubeconfig", "nowhere"), 1),
    ],
)
def test_a_wrong_command_line_writes_nothing(
    there: Live, call: Call, arguments: tuple[str, ...], code: int
) -> None:
    assert call(*arguments)[0] == code
    assert kinds(there, "Broker") == []


def test_a_kept_plan_that_is_damaged_is_refused(there: Live, call: Call) -> None:
    call("plan", "--out", "kept.ofc")
    text = Path("kept.ofc").read_text(encoding="utf-8")
    Path("kept.ofc").write_text(text[: len(text) // 2], encoding="utf-8")
    code, _, err = call("apply", "kept.ofc")
    assert code == 1
    assert "error[OFC652]" in err
    assert kinds(there, "Broker") == []


# as processes


def process(there: Live, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "KUBECONFIG": str(there.kubeconfig)}
    return subprocess.Popen(
        [*OFC, *arguments],
        env=environment,
        cwd=there.kubeconfig.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )


def test_two_applies_of_one_spec_at_once_do_as_one(there: Live) -> None:
    two = [process(there, "apply", "--yes") for _ in range(2)]
    ended = [(each.communicate(timeout=120), each.returncode) for each in two]
    assert [code for _, code in ended] == [0, 0], ended
    assert len(kinds(there, "Trigger")) == 10
    last = process(there, "apply", "--yes")
    assert last.communicate(timeout=120)[0] == "digits-edge on in-test: nothing had changed\n"


def test_of_two_applies_of_two_specs_at_once_one_stops_or_follows(there: Live, call: Call) -> None:
    two = [process(there, "apply", "--yes", name) for name in ("omniforce.yaml", "more.yaml")]
    ended = [(each.communicate(timeout=120), each.returncode) for each in two]
    codes = sorted(code for _, code in ended)
    assert codes in ([0, 0], [0, 5]), ended
    # whatever was left between them, the next apply mends
    assert call("apply", "more.yaml", "--yes", "--prune")[0] == 0
    assert call("plan", "more.yaml")[0] == 0
    assert len(kinds(there, "PipelineVersion")) == 2


def test_ctrl_c_leaves_what_the_next_run_goes_on_from(there: Live, call: Call) -> None:
    there.server.fail(method="PATCH", path="jobsinks", delay=20, at=2)  # the plan asked first
    stopped = process(there, "apply", "--yes", "--no-preflight")
    wait_for(lambda: any("digits-edge-deadletter" in n for n in kinds(there, "Service")))
    stopped.send_signal(signal.SIGINT)
    _, err = stopped.communicate(timeout=60)
    assert stopped.returncode == 130, err
    assert "run it again to go on" in err
    there.server.faults.planned.clear()
    assert call("apply", "--yes")[0] == 0
    assert call("plan")[0] == 0


def test_on_a_terminal_it_asks_and_shows_what_it_waits_for(there: Live) -> None:
    pty = pytest.importorskip("pty")
    us, them = pty.openpty()
    environment = {**os.environ, "KUBECONFIG": str(there.kubeconfig), "TERM": "xterm"}
    started = subprocess.Popen(
        [*OFC, "apply", "--no-preflight"],
        env=environment,
        cwd=there.kubeconfig.parent,
        stdin=them,
        stdout=them,
        stderr=them,
    )
    os.close(them)
    shown = b""
    with contextlib.suppress(OSError):  # what Linux says when the other end has closed
        while part := os.read(us, 65536):
            shown += part
            if b"[y/N]" in part:
                os.write(us, b"y\n")
    os.close(us)
    assert started.wait(60) == 0
    assert b"of 44 ready" in shown
    assert b"digits-edge on in-test: 43 created, 1 changed" in shown


def wait_for(holds: Callable[[], Any]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)
