"""Clients of the API server in the test, and small objects to ask it about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from omniforce.spec.problem import Problem
from omniforce.targets.platforms.kubernetes.cluster.client.client import KubernetesCluster
from omniforce.targets.platforms.kubernetes.cluster.client.identity import open_connection
from tests.support.api_server import ApiServer

Tree = dict[str, Any]


def client(
    server: ApiServer,
    folder: Path,
    token: str = "token-of-admin",
    pause: Callable[[float], None] = lambda seconds: None,
) -> KubernetesCluster:
    """A client that does not really wait between its tries."""
    path = server.kubeconfig(folder / "kubeconfig", token)
    return KubernetesCluster(replace(open_connection(None, str(path)), pause=pause))


def namespace(name: str = "here") -> Tree:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def config_map(name: str = "one", **data: str) -> Tree:
    metadata = {"name": name, "namespace": "here"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def broker(name: str = "events") -> Tree:
    metadata = {"name": name, "namespace": "here"}
    return {
        "apiVersion": "eventing.knative.dev/v1",
        "kind": "Broker",
        "metadata": metadata,
        "spec": {},
    }


def kubeconfig(folder: Path, server: str, **user: Any) -> Path:
    """A kubeconfig of one context, `somewhere`, with a user of one's own."""
    plain = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "somewhere",
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": user}],
        "contexts": [{"name": "somewhere", "context": {"cluster": "c", "user": "u"}}],
    }
    path = folder / "kubeconfig"
    path.write_text(yaml.safe_dump(plain), encoding="utf-8")
    return path


def said(fault: Problem) -> tuple[str, str]:
    """Code and message of a fault."""
    return fault.diagnostic.code, fault.diagnostic.message
