"""The model server as an InferenceService."""

from __future__ import annotations

from typing import Final

from omniforce.compiler.ir.program import Program, Serve
from omniforce.spec.blocks.search import Resources

from .names import account_name, claim_name, service_name
from .objects import Tree, make, version_of
from .pods import broker_url, container_security, fixed_resources, pod_security
from .steps import serve_of

USER: Final = 1000
"""The user that KServe's own runtimes are built for."""

TIMEOUT: Final = 60
"""Seconds for one answer."""

PORT: Final = 8080
BUSY: Final = 80
"""Per cent of the asked CPU at which a server in Standard mode gets a second beside it."""


def serving(program: Program) -> tuple[Tree, ...]:
    """The InferenceService, where there is a deployment."""
    serve = serve_of(program)
    if serve is None:
        return ()
    standard = serve.mode == "Standard"
    predictor = _standard(program, serve) if standard else _knative(serve)
    predictor |= {
        "serviceAccountName": account_name(program, "serving"),
        "automountServiceAccountToken": False,
        "timeout": TIMEOUT,
    }
    if standard:
        predictor["securityContext"] = pod_security(user=USER)
    if serve.logger != "none":
        predictor["logger"] = {"mode": serve.logger, "url": broker_url(program)}
    predictor["model"] = _model(program, serve, port=PORT if standard else None)
    annotations: Tree = {"serving.kserve.io/deploymentMode": serve.mode or "Knative"}
    if standard:
        annotations["serving.kserve.io/autoscalerClass"] = "hpa"
    return (
        make(
            program,
            "serving.kserve.io/v1beta1",
            "InferenceService",
            service_name(program),
            "serving",
            annotations=annotations,
            spec={"predictor": predictor},
        ),
    )


def model_directory(program: Program) -> str:
    """Where on the volume the served model is: a repository with one model in it.

    Triton reads `<repository>/<model>/<version>/model.onnx`; the model is called as the study is.
    """
    return f"models/{version_of(program)}"


def _knative(serve: Serve) -> Tree:
    made: Tree = {
        "minReplicas": serve.scale.min,
        "maxReplicas": serve.scale.max,
        "scaleMetric": "concurrency",
        "scaleTarget": serve.scale.concurrency,
        "containerConcurrency": serve.scale.concurrency,
    }
    if serve.rollout is not None:
        made["canaryTrafficPercent"] = round(serve.rollout.canary * 100)
    return made


def _standard(program: Program, serve: Serve) -> Tree:
    return {
        # a canary beside it, or a promotion, goes by this name
        "name": f"v-{version_of(program)}",
        "minReplicas": serve.scale.min,
        "maxReplicas": serve.scale.max,
        "scaleMetric": "cpu",
        "scaleTarget": BUSY,
    }


def _model(program: Program, serve: Serve, port: int | None) -> Tree:
    # ready means that this study's model answers: a server that started before its model was
    # there gets no request, and the revision before it goes on serving
    probe: Tree = {"path": f"/v2/models/{program.name}/ready"}
    if port is not None:
        probe["port"] = port
    return {
        "modelFormat": {"name": "onnx", "version": "1"},
        "protocolVersion": "v2",
        "runtime": program.platform.kubernetes.serving_runtime,
        "storageUri": f"pvc://{claim_name(program)}/{model_directory(program)}",
        "readinessProbe": {"httpGet": probe, "periodSeconds": 5, "failureThreshold": 3},
        "resources": fixed_resources(serve.resources or Resources()),
        # complete, since the logger's container copies it and the pod may set none in Knative mode
        "securityContext": container_security(read_only=False, user=USER),
    }
