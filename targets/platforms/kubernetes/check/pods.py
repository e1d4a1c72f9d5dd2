"""Pods that Pod Security `restricted` refuses, found before they are asked for."""

from __future__ import annotations

from collections.abc import Iterator

from .fault import Fault, fault
from .look import Document, items, look, tree

VOLUMES = frozenset(
    (
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "persistentVolumeClaim",
        "projected",
        "secret",
    )
)


def check_pod(document: Document, pod: Document, path: str) -> Iterator[Fault]:
    """All that `restricted` (of Kubernetes 1.36) would refuse in a pod's spec."""
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if look(pod, field):
            yield fault(document, f"{path}.{field}", f"`{field}` is refused", "remove it")
    for volume in items(pod, "volumes"):
        for kind in set(volume) - {"name"} - VOLUMES:
            yield fault(
                document, f"{path}.volumes.{kind}", f"`{kind}` volumes are refused", "use a PVC"
            )
    for group in ("containers", "initContainers"):
        for container in items(pod, group):
            yield from check_container(document, container, pod, f"{path}.{group}")


def check_container(
    document: Document, container: Document, pod: Document, path: str
) -> Iterator[Fault]:
    """The security context of one container, with what it takes over from its pod."""
    own, of_pod = tree(container, "securityContext"), tree(pod, "securityContext")
    where = f"{path}.securityContext"
    if look(own, "allowPrivilegeEscalation") is not False:
        yield _missing(document, where, "allowPrivilegeEscalation: false")
    if look(own, "privileged"):
        yield fault(document, f"{where}.privileged", "a privileged container", "remove it")
    if "ALL" not in _texts(look(own, "capabilities", "drop")):
        yield _missing(document, where, "capabilities: {drop: [ALL]}")
    if set(_texts(look(own, "capabilities", "add"))) - {"NET_BIND_SERVICE"}:
        yield fault(document, f"{where}.capabilities.add", "capabilities are added", "remove them")
    if _first(own, of_pod, "runAsNonRoot") is not True:
        yield _missing(document, where, "runAsNonRoot: true")
    if _first(own, of_pod, "runAsUser") == 0:
        yield fault(document, f"{where}.runAsUser", "the user is root", "write `runAsUser: 65532`")
    seccomp = look(own, "seccompProfile", "type") or look(of_pod, "seccompProfile", "type")
    if seccomp not in ("RuntimeDefault", "Localhost"):
        yield _missing(document, where, "seccompProfile: {type: RuntimeDefault}")


def _first(own: Document, of_pod: Document, field: str) -> object:
    found = look(own, field)
    return look(of_pod, field) if found is None else found


def _texts(found: object) -> tuple[str, ...]:
    return (
        tuple(each for each in found if isinstance(each, str))
        if isinstance(found, list | tuple)
        else ()
    )


def _missing(document: Document, path: str, line: str) -> Fault:
    return fault(document, path, "Pod Security `restricted` refuses the pod", f"add `{line}`")
