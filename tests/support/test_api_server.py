"""The API server in the test, held to what a real one (v1.36.2) answered to the same requests."""

from __future__ import annotations

import json
from pathlib import Path

from .api_server import ApiServer, exchanges
from .crd import needs_shared

RECORDED = Path(exchanges.__file__).parent / "recorded.json"


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
