"""A cluster with all that a study needs beside its own objects, so that preflight is content."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from omniforce.compiler.ir.program import Program
from omniforce.targets.platforms.kubernetes.cluster.cluster import Cluster
from omniforce.targets.platforms.kubernetes.names import namespace_of

Tree = dict[str, Any]

SECRET_URL = "postgresql://ofc:do-not-show-me@db:5432/ofc"
"""What the store's Secret holds: no output may have it."""


def equip(cluster: Cluster, program: Program) -> None:
    """Applies what an admin has installed, and the Secret with its namespace."""
    for tree in equipment(program):
        cluster.apply(tree, force=True)


def equipment(program: Program) -> Iterator[Tree]:
    """Namespaces, Knative's settings, the broker's controller, a storage class, a runtime."""
    kubernetes = program.platform.kubernetes
    network = kubernetes.network
    here = namespace_of(program)
    names = ["knative-serving", *network.gateways, network.eventing, network.pipelines, here]
    for name in dict.fromkeys(names):
        yield _object("v1", "Namespace", name)
    flag = {"kubernetes.podspec-persistent-volume-claim": "enabled"}
    yield _object("v1", "ConfigMap", "config-features", "knative-serving", data=flag)
    yield _object("v1", "ConfigMap", "config-defaults", "knative-serving", data={})
    for controller in ("mt-broker-controller", "kafka-controller"):
        yield deployment(controller, network.eventing)
    yield storage_class("standard", default=True)
    yield runtime(kubernetes.serving_runtime)
    store = {kubernetes.store.key: base64.b64encode(SECRET_URL.encode()).decode()}
    yield _object("v1", "Secret", kubernetes.store.name, here, data=store)


def deployment(name: str, namespace: str) -> Tree:
    """A controller that runs."""
    labels = {"app": name}
    container = {"name": "controller", "image": "controller:1"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    return _object("apps/v1", "Deployment", name, namespace, spec=spec)


def storage_class(name: str, *, default: bool = False, provisioner: str = "csi.example") -> Tree:
    """A storage class."""
    made = _object("storage.k8s.io/v1", "StorageClass", name, provisioner=provisioner)
    if default:
        made["metadata"]["annotations"] = {"storageclass.kubernetes.io/is-default-class": "true"}
    return made


def runtime(name: str, model_format: str = "onnx", *, disabled: bool = False) -> Tree:
    """A serving runtime for the whole cluster."""
    spec: Tree = {
        "disabled": disabled,
        "supportedModelFormats": [{"name": model_format, "version": "1", "autoSelect": True}],
        "containers": [{"name": "kserve-container", "image": "server:1"}],
    }
    return _object("serving.kserve.io/v1alpha1", "ClusterServingRuntime", name, spec=spec)


def _object(
    api_version: str, kind: str, name: str, namespace: str | None = None, **body: Any
) -> Tree:
    metadata: Tree = {"name": name}
    if namespace is not None:
        metadata["namespace"] = namespace
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **body}
