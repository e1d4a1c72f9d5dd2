"""Whether KServe can serve the model: its runtime, and what fetches the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from omniforce.spec.diagnostic import Diagnostic

from ...check.look import items, look, name_of, text
from ...objects import Tree
from .asking import Asking, error, warning

_KSERVE: Final = "serving.kserve.io/v1alpha1"
_RUNTIME: Final = "spec.platform.kubernetes.servingRuntime"
_FETCHED: Final = ("s3", "gs", "hf", "http", "https", "hdfs", "webhdfs")
"""Schemes that a storage-initializer fetches; a volume or an image needs none."""

_HARDENED: Final = (
    (("allowPrivilegeEscalation",), False),
    (("runAsNonRoot",), True),
    (("capabilities", "drop"), ["ALL"]),
    (("seccompProfile", "type"), "RuntimeDefault"),
)
"""What `restricted` asks of a container."""


def runtimes(asking: Asking) -> Iterator[Diagnostic]:
    """For every model server that would be applied."""
    if not asking.cluster.serves(_KSERVE, "ClusterServingRuntime"):
        return
    for server in asking.of("serving.kserve.io", "InferenceService"):
        model = look(server, "spec", "predictor", "model")
        yield from _runtime(asking, model)
        scheme = text(model, "storageUri").partition("://")[0]
        if scheme in _FETCHED:
            yield from _initializer(asking, scheme)


def _runtime(asking: Asking, model: object) -> Iterator[Diagnostic]:
    name, model_format = text(model, "runtime"), text(model, "modelFormat", "name")
    protocol = text(model, "protocolVersion")
    span = asking.at(_RUNTIME)
    own = asking.list(_KSERVE, "ServingRuntime", asking.namespace)
    everywhere = asking.list(_KSERVE, "ClusterServingRuntime")
    found = next((r for r in (*own, *everywhere) if name_of(r) == name), None)
    fitting = [name_of(r) for r in (*own, *everywhere) if _serves(r, model_format)]
    if found is None:
        known = ", ".join(f"`{n}`" for n in fitting) or "none"
        yield error(
            "OFC660",
            f"there is no serving runtime `{name}`; for {model_format} there are: {known}",
            f"write `servingRuntime: {fitting[0]}` under `platform.kubernetes`"
            if fitting
            else "install KServe's runtimes: its chart has them as `kserve-runtime-configs`",
            span,
        )
    elif look(found, "spec", "disabled") is True:
        yield error(
            "OFC660",
            f"the serving runtime `{name}` is disabled",
            "have it enabled, or name another one under `servingRuntime`",
            span,
        )
    elif not _serves(found, model_format):
        yield error(
            "OFC660",
            f"the serving runtime `{name}` does not serve {model_format}",
            f"write `servingRuntime: {fitting[0]}`" if fitting else "name one that does",
            span,
        )
    elif protocol and not _speaks(found, protocol):
        yield error(
            "OFC660",
            f"the serving runtime `{name}` does not speak the protocol {protocol}",
            "name one that does, such as KServe's `kserve-tritonserver`",
            span,
        )


def _serves(runtime: Tree, model_format: str) -> bool:
    formats = items(runtime, "spec", "supportedModelFormats")
    return any(text(each, "name") == model_format for each in formats)


def _speaks(runtime: Tree, protocol: str) -> bool:
    """A runtime that lists none is taken to speak any, as KServe does."""
    listed = look(runtime, "spec", "protocolVersions")
    return not isinstance(listed, list) or protocol in listed


def _initializer(asking: Asking, scheme: str) -> Iterator[Diagnostic]:
    containers = asking.list(_KSERVE, "ClusterStorageContainer")
    for each in containers:
        context = look(each, "spec", "container", "securityContext")
        if all(look(context, *path) == wanted for path, wanted in _HARDENED):
            return
    which = name_of(containers[0]) if containers else "default"
    patch = (
        '{"spec":{"container":{"securityContext":{"allowPrivilegeEscalation":false,'
        '"runAsNonRoot":true,"runAsUser":1000,"capabilities":{"drop":["ALL"]},'
        '"seccompProfile":{"type":"RuntimeDefault"}}}}}'
    )
    yield error(
        "OFC662",
        f"a model from `{scheme}://` is fetched by a storage-initializer, which Pod Security "
        "`restricted` refuses: it has no security context",
        f"kubectl patch clusterstoragecontainer {which} --type merge -p '{patch}'",
        asking.at("spec.deployment"),
    )
    if not containers:
        yield warning(
            "OFC662",
            "there is no ClusterStorageContainer, which says how models are fetched",
            "install KServe's `default` one",
        )
