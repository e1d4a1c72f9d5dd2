"""What the commands ask of a cluster; `client` asks a real one, over the Kubernetes API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from omniforce.spec.problem import Problem

from ..objects import Tree


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """One object of a cluster; `namespace` is None for a kind that has none."""

    api_version: str
    kind: str
    namespace: str | None
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True, slots=True)
class Event:
    """What a watch saw: an object as it is now, or as it last was."""

    what: Literal["added", "modified", "deleted"]
    object: Tree


class ClusterFault(Problem):
    """The cluster did not do as it was asked; the message says what it answered.

    Subclasses tell apart what a caller treats apart; each is a `Problem` with code, message and
    help, so that it can be shown as it is.
    """


class Unreachable(ClusterFault):
    """Nobody answers, or the connection broke off: the next run goes on from there.

    Attributes:
        passing: whether the same request may be answered a moment later.
    """

    passing: bool = True


class Unauthorized(ClusterFault):
    """The token has expired or is none (401)."""


class Forbidden(ClusterFault):
    """The identity may not do this (403)."""


class Missing(ClusterFault):
    """The namespace or the kind is not there (404)."""


class Refused(ClusterFault):
    """A schema, a webhook or Pod Security refuses the object (400, 403 of admission, 422)."""


class Conflicted(ClusterFault):
    """Another field manager has set fields that we set (409 of a server-side apply).

    Attributes:
        conflicts: the manager with the field, in the order of the answer.
    """

    conflicts: tuple[tuple[str, str], ...] = ()


class Failing(ClusterFault):
    """The server answers 429 or 5xx however often it is asked."""


class Forgotten(Failing):
    """The server has lost the place of a list or a watch (410): it is read anew."""


class Cluster(Protocol):
    """A Kubernetes API server as one identity sees it. Every method may raise a `ClusterFault`."""

    @property
    def name(self) -> str:
        """The context, or the address: what messages call it."""
        ...

    def version(self) -> str:
        """`v1.36.2`."""
        ...

    def serves(self, api_version: str, kind: str) -> bool:
        """Whether the server knows the kind, from its discovery."""
        ...

    def preferred(self, group: str, kind: str) -> str | None:
        """The `apiVersion` in which the server likes to serve a kind; None where it does not."""
        ...

    def get(self, reference: Reference) -> Tree | None:
        """The object as it is, or None where there is none."""
        ...

    def list(
        self,
        api_version: str,
        kind: str,
        namespace: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> tuple[Tree, ...]:
        """The objects of a kind, sorted by name; every page of them."""
        ...

    def apply(self, tree: Tree, *, dry_run: bool = False, force: bool = False) -> Tree:
        """Server-side apply as the field manager `ofc`; the object as it is, or would be."""
        ...

    def review(self, tree: Tree) -> Tree:
        """Posts what is answered and never stored, such as a SelfSubjectAccessReview."""
        ...

    def delete(
        self, reference: Reference, *, dry_run: bool = False, uid: str | None = None
    ) -> bool:
        """Removes an object, its dependents in the background; whether it was there.

        With `uid` only the object that has it: one made anew under the name stays.
        """
        ...

    def watch(
        self, api_version: str, kind: str, namespace: str | None, seconds: float
    ) -> Iterator[Event]:
        """What happens to the objects of a kind, those that are there first, for so long."""
        ...


def reference_of(tree: Tree) -> Reference:
    """Which object a tree is."""
    metadata = tree["metadata"]
    if not isinstance(metadata, dict):
        raise TypeError(f"an object's metadata is {metadata!r}")
    namespace = metadata.get("namespace")
    return Reference(
        str(tree["apiVersion"]),
        str(tree["kind"]),
        None if namespace is None else str(namespace),
        str(metadata["name"]),
    )
