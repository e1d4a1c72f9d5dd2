"""A live Kubernetes API server, asked over HTTP."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ...objects import Tree
from ..cluster import Cluster, Conflicted, Event, Forgotten, Missing, Reference, reference_of
from .answers import fault_of
from .connection import APPLY, Connection
from .identity import open_connection
from .kinds import Kind, Kinds
from .watching import watch

MANAGER: Final = "ofc"
"""Our name as a field manager."""

PAGE: Final = 250
"""Objects of one answer."""

_FORGOTTEN: Final = 410


def connect(context: str | None = None, kubeconfig: str | None = None) -> Cluster:
    """The cluster of a kubeconfig's context.

    Args:
        context: None takes the current one.
        kubeconfig: None takes `KUBECONFIG`, `~/.kube/config`, or the pod's own identity.

    Raises:
        ImportError: the extra `kubernetes` is not installed.
        Problem: the kubeconfig cannot be used.
    """
    importlib.import_module("kubernetes")  # that the extra is missing is said before all else

    return KubernetesCluster(open_connection(context, kubeconfig))


@dataclass(slots=True, init=False)
class KubernetesCluster:
    """`Cluster` over a connection; its methods may be called from several threads."""

    _connection: Connection
    _kinds: Kinds

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._kinds = Kinds(lambda path, what: connection.ask("GET", path, what=what))

    @property
    def name(self) -> str:
        """The context's name."""
        return self._connection.name

    def version(self) -> str:
        """The server's own."""
        answer = self._connection.ask("GET", "/version", what="read the server's version")
        return str(answer.get("gitVersion", ""))

    def serves(self, api_version: str, kind: str) -> bool:
        """From discovery; what is not served is asked for anew each time."""
        return self._kinds.find(api_version, kind) is not None

    def preferred(self, group: str, kind: str) -> str | None:
        """The group's own preference, else any version of it that has the kind."""
        return self._kinds.preferred(group, kind)

    def get(self, reference: Reference) -> Tree | None:
        """None also where the namespace or the kind is not there."""
        kind = self._kinds.find(reference.api_version, reference.kind)
        if kind is None:
            return None
        path = kind.path(reference.namespace, reference.name)
        try:
            return self._connection.ask("GET", path, what=f"read `{reference}`")
        except Missing:
            return None

    def list(
        self,
        api_version: str,
        kind: str,
        namespace: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> tuple[Tree, ...]:
        """All pages; read from the start again where the server forgot the rest."""
        return self._list(self._kinds.get(api_version, kind), namespace, labels)[0]

    def apply(self, tree: Tree, *, dry_run: bool = False, force: bool = False) -> Tree:
        """Strict: a field that the server does not know is refused, not dropped."""
        reference = reference_of(tree)
        kind = self._kinds.get(reference.api_version, reference.kind)
        query = {"fieldManager": MANAGER, "fieldValidation": "Strict"}
        query |= {"force": "true"} if force else {}
        query |= {"dryRun": "All"} if dry_run else {}
        path = kind.path(reference.namespace, reference.name)
        what = f"apply `{reference}`"
        return self._connection.ask("PATCH", path, query, tree, APPLY, what)

    def review(self, tree: Tree) -> Tree:
        """What is posted has no name, so that nothing is made twice."""
        kind = self._kinds.get(str(tree["apiVersion"]), str(tree["kind"]))
        metadata = tree.get("metadata")
        namespace = metadata.get("namespace") if isinstance(metadata, dict) else None
        path = kind.path(None if namespace is None else str(namespace))
        return self._connection.ask("POST", path, body=tree, what=f"ask for a `{kind.kind}`")

    def delete(
        self, reference: Reference, *, dry_run: bool = False, uid: str | None = None
    ) -> bool:
        """What has finalizers is there until they are done: `get` says."""
        kind = self._kinds.find(reference.api_version, reference.kind)
        if kind is None:
            return False
        options: Tree = {
            "kind": "DeleteOptions",
            "apiVersion": "v1",
            "propagationPolicy": "Background",
        }
        options |= {"preconditions": {"uid": uid}} if uid is not None else {}
        path = kind.path(reference.namespace, reference.name)
        query = {"dryRun": "All"} if dry_run else None
        try:
            self._connection.ask("DELETE", path, query, options, what=f"delete `{reference}`")
        except Missing:
            return False
        except Conflicted:
            if uid is None:
                raise
            return False  # the one that was meant is gone, and another has its name
        return True

    def watch(
        self, api_version: str, kind: str, namespace: str | None, seconds: float
    ) -> Iterator[Event]:
        """Goes on by itself after a break, and after the server forgot where it was."""
        found = self._kinds.get(api_version, kind)
        path = found.path(namespace)
        what = f"watch `{kind}`"

        def stream(version: str, so_long: float) -> Iterator[Tree]:
            query = {
                "watch": "true",
                "allowWatchBookmarks": "true",
                "resourceVersion": version,
                "timeoutSeconds": str(max(1, round(so_long))),
            }
            return self._connection.stream(path, query, so_long, what)

        return watch(
            lambda: self._list(found, namespace, None), stream, seconds, self._connection.pause
        )

    def _list(
        self, kind: Kind, namespace: str | None, labels: Mapping[str, str] | None
    ) -> tuple[tuple[Tree, ...], str]:
        """The objects, and the version of the whole list."""
        query = {"limit": str(PAGE)}
        if labels:
            query["labelSelector"] = ",".join(f"{k}={v}" for k, v in sorted(labels.items()))
        what = f"list `{kind.kind}`"
        for _ in range(3):
            items, version, whole = self._pages(kind.path(namespace), query, what)
            if whole:
                return _typed(items, kind), version
        raise fault_of(_FORGOTTEN, b"", what, self.name)

    def _pages(
        self, path: str, query: Mapping[str, str], what: str
    ) -> tuple[tuple[Tree, ...], str, bool]:
        items: tuple[Tree, ...] = ()
        more = ""
        while True:
            asked = dict(query) | ({"continue": more} if more else {})
            try:
                answer = self._connection.ask("GET", path, asked, what=what)
            except Forgotten:
                return (), "", False
            metadata = answer.get("metadata")
            metadata = metadata if isinstance(metadata, dict) else {}
            page = answer.get("items")
            items += tuple(i for i in page if isinstance(i, dict)) if isinstance(page, list) else ()
            more = str(metadata.get("continue") or "")
            if not more:
                return items, str(metadata.get("resourceVersion") or ""), True


def _typed(items: tuple[Tree, ...], kind: Kind) -> tuple[Tree, ...]:
    """The items of a list with their kind, which the server leaves out; sorted by name."""
    made = ({"apiVersion": kind.api_version, "kind": kind.kind, **item} for item in items)
    return tuple(sorted(made, key=_place))


def _place(tree: Tree) -> tuple[str, str]:
    metadata = tree.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    return str(metadata.get("namespace") or ""), str(metadata.get("name") or "")
