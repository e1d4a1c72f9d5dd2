"""A Job that Argo CD runs after each sync: does the model answer, as the protocol says?"""

from __future__ import annotations

from omniforce.compiler.ir.program import Program
from omniforce.spec.blocks.search import Resources

from ...kubernetes.names import account_name, named, namespace_of, service_name
from ...kubernetes.network import smoke_test_policies
from ...kubernetes.objects import DOMAIN, Tree, make, pod_labels
from ...kubernetes.pods import (
    TEMPORARY_MOUNT,
    container_security,
    fixed_resources,
    pod_security,
    quiet_environment,
    temporary_volume,
)
from ...kubernetes.steps import serve_of

PATIENCE = 600
"""Seconds in which a model that slept must have answered."""


def smoke_test(program: Program) -> tuple[Tree, ...]:
    """The Job and the ways it needs through the network; nothing where no model is served."""
    serve = serve_of(program)
    if serve is None:
        return ()
    labels = pod_labels(program, "serving") | {f"{DOMAIN}/role": "smoke-test"}
    job = make(
        program,
        "batch/v1",
        "Job",
        named(program.name, "smoke-test"),
        "serving",
        annotations={
            "argocd.argoproj.io/hook": "PostSync",
            "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
        },
        spec={
            "backoffLimit": 2,
            "activeDeadlineSeconds": PATIENCE,
            "template": {
                "metadata": {
                    "labels": labels,
                    "annotations": {"sidecar.istio.io/inject": "false"},
                },
                "spec": _pod(program),
            },
        },
    )
    policies = smoke_test_policies(
        program, {"matchLabels": labels}, standard=serve.mode == "Standard"
    )
    return (*policies, job)


def _pod(program: Program) -> Tree:
    # the predictor's own name, which exists in both modes
    service = f"http://{service_name(program)}-predictor.{namespace_of(program)}.svc.cluster.local"
    container: Tree = {
        "name": "smoke-test",
        "image": program.platform.kubernetes.images.functions,
        "command": ["python", "-m", "omniforce.runtime.models.smoke_test"],
        "args": [service, program.name],
        "env": quiet_environment(1),
        "volumeMounts": [TEMPORARY_MOUNT],
        "resources": fixed_resources(Resources(cpu=0.1, memory=128 * 2**20)),
        "securityContext": container_security(),
    }
    return {
        "serviceAccountName": account_name(program, "serving"),
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "restartPolicy": "Never",
        "securityContext": pod_security(),
        "containers": [container],
        "volumes": [temporary_volume()],
    }
