"""The API server in the test, held to what a real one (v1.36.2) answered to the same requests."""

from __future__ import annotations

import json
from pathlib import Path

from .api_server import ApiServer, exchanges
from .api_server.written_back import written_back
from .clusters import client
from .crd import needs_shared

FOLDER = Path(exchanges.__file__).parent
RECORDED = FOLDER / "recorded.json"
WRITTEN_BACK = FOLDER / "written_back.json"


@needs_shared
def test_answers_as_a_real_one_did(tmp_path: Path) -> None:
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    with ApiServer() as server:
        server.requests.webhooks = False  # the CRDs alone were installed there
        server.controllers.held.add("Trigger")
        kubeconfig = server.kubeconfig(tmp_path / "kubeconfig")
        answered = exchanges.exchange(str(kubeconfig))
    for recorded_, answered_ in zip(recorded, answered, strict=True):
        assert json.loads(json.dumps(answered_)) == recorded_


@needs_shared
def test_writes_back_what_knative_s_webhooks_did(tmp_path: Path) -> None:
    recorded = json.loads(WRITTEN_BACK.read_text(encoding="utf-8"))
    with ApiServer() as server:
        found = written_back(client(server, tmp_path))
    # a controller's, and no controller ran there
    found["PingSource/digits-edge-tick"].remove(
        '.metadata.finalizers = ["pingsources.sources.knative.dev"]'
    )
    assert found == recorded
