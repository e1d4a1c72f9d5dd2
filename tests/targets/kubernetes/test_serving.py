"""The model server as an InferenceService."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from omniforce.spec.blocks.deployment import LoggerMode, ScaleTo
from omniforce.targets.platforms.kubernetes.serving import serving
from tests.support import programs


def _read(text: str) -> Any:
    return yaml.safe_load(text)


def _labels(component: str) -> dict[str, str]:
    return {
        "app.kubernetes.io/name": "digits-edge",
        "app.kubernetes.io/instance": "digits-edge",
        "app.kubernetes.io/version": "ab" * 6,
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/part-of": "omniforce",
        "app.kubernetes.io/managed-by": "ofc",
    }


def _annotations(wave: str) -> dict[str, str]:
    return {
        "omniforce.dev/spec-digest": programs.DIGEST,
        "argocd.argoproj.io/sync-wave": wave,
    }


def test_a_server_that_sleeps_with_a_canary_and_a_logger() -> None:
    (server,) = serving(programs.program())
    assert server == {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {
            "name": "digits-edge",
            "namespace": "ofc-digits-edge",
            "labels": _labels("serving"),
            "annotations": {"serving.kserve.io/deploymentMode": "Knative"} | _annotations("2"),
        },
        "spec": _read(
            """
predictor:
  minReplicas: 0
  maxReplicas: 4
  scaleMetric: concurrency
  scaleTarget: 8
  containerConcurrency: 8
  canaryTrafficPercent: 10
  serviceAccountName: digits-edge-serving
  automountServiceAccountToken: false
  timeout: 60
  logger:
    mode: all
    url: http://broker-ingress.knative-eventing.svc.cluster.local/ofc-digits-edge/digits-edge
  model:
    modelFormat: {name: onnx, version: '1'}
    protocolVersion: v2
    runtime: kserve-tritonserver
    storageUri: pvc://digits-edge-data/models/abababababab
    readinessProbe:
      httpGet: {path: /v2/models/digits-edge/ready}
      periodSeconds: 5
      failureThreshold: 3
    resources:
      requests: {cpu: '1', memory: 2Gi}
      limits: {cpu: '1', memory: 2Gi}
    securityContext:
      allowPrivilegeEscalation: false
      capabilities: {drop: [ALL]}
      runAsNonRoot: true
      runAsUser: 1000
      seccompProfile: {type: RuntimeDefault}
"""
        ),
    }


@pytest.mark.parametrize("mode", ["all", "request", "response"])
def test_the_logger_sends_what_the_spec_says(mode: LoggerMode) -> None:
    (server,) = serving(programs.program(serve=programs.serve(logger=mode)))
    spec = server["spec"]
    assert isinstance(spec, dict)
    predictor = spec["predictor"]
    assert isinstance(predictor, dict)
    assert predictor["logger"] == {
        "mode": mode,
        "url": "http://broker-ingress.knative-eventing.svc.cluster.local/ofc-digits-edge/digits-edge",
    }


def test_a_server_in_standard_mode_has_a_name_and_security_on_the_pod_too() -> None:
    serve = programs.serve(
        mode="Standard", scale=ScaleTo(min=1, max=3), rollout=None, logger="none"
    )
    (server,) = serving(programs.program(serve=serve))
    metadata, spec = server["metadata"], server["spec"]
    assert isinstance(metadata, dict)
    assert isinstance(spec, dict)
    assert metadata["annotations"] == {
        "serving.kserve.io/deploymentMode": "Standard",
        "serving.kserve.io/autoscalerClass": "hpa",
    } | _annotations("2")
    predictor = dict(spec["predictor"])
    model = predictor.pop("model")
    assert predictor == {
        "name": "v-abababababab",
        "minReplicas": 1,
        "maxReplicas": 3,
        "scaleMetric": "cpu",
        "scaleTarget": 80,
        "serviceAccountName": "digits-edge-serving",
        "automountServiceAccountToken": False,
        "timeout": 60,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 1000,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }
    assert model["readinessProbe"]["httpGet"] == {
        "path": "/v2/models/digits-edge/ready",
        "port": 8080,
    }
