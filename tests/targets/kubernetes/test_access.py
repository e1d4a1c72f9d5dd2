"""Who may do what."""

from __future__ import annotations

from typing import Any

import yaml

from omniforce.compiler.ir.program import Permission, Program
from omniforce.targets.platforms.kubernetes.access import access
from omniforce.targets.platforms.kubernetes.target import KubernetesTarget
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


def test_a_study_without_a_deployment_has_no_server_and_nobody_to_run_it() -> None:
    program = programs.program(serve=None)
    kinds = [(o["kind"], o["metadata"]["name"]) for o in _all(program)]
    assert "InferenceService" not in [kind for kind, _ in kinds]
    assert ("ServiceAccount", "digits-edge-serving") not in kinds
    assert ("Role", "digits-edge-pipeline") not in kinds


def _all(program: Program) -> list[Any]:
    files = KubernetesTarget().emit(program)
    return [_read(f.text) for f in files if f.path != "kustomization.yaml"]


def test_roles_are_what_the_steps_may_do_and_create_has_no_names() -> None:
    permission = Permission("ray.io", "rayjobs", ("get", "create", "delete", "list"), ("one",))
    search = programs.search(permissions=(permission, permission))
    made = access(programs.program(search=search, serve=None))
    assert [
        (o["kind"], o["metadata"]["name"]) for o in made if isinstance(o["metadata"], dict)
    ] == [
        ("ServiceAccount", "digits-edge-search"),
        ("ServiceAccount", "digits-edge-dispatch"),
        ("ServiceAccount", "digits-edge-deadletter"),
        ("ServiceAccount", "digits-edge-api"),
        ("ServiceAccount", "digits-edge-advise"),
        ("ServiceAccount", "digits-edge-trial"),
        ("ServiceAccount", "digits-edge-pipeline"),
        ("Role", "digits-edge-dispatch"),
        ("RoleBinding", "digits-edge-dispatch"),
    ]
    role, binding = made[-2:]
    assert role["rules"] == [
        {
            "apiGroups": ["ray.io"],
            "resources": ["rayjobs"],
            "resourceNames": ["one"],
            "verbs": ["get", "delete"],
        },
        {"apiGroups": ["ray.io"], "resources": ["rayjobs"], "verbs": ["create", "list"]},
    ]
    assert binding == {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {
            "name": "digits-edge-dispatch",
            "namespace": "ofc-digits-edge",
            "labels": _labels("worker"),
            "annotations": _annotations("-2"),
        },
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "Role",
            "name": "digits-edge-dispatch",
        },
        "subjects": [
            {
                "kind": "ServiceAccount",
                "name": "digits-edge-dispatch",
                "namespace": "ofc-digits-edge",
            }
        ],
    }
