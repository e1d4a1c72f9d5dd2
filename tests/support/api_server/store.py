"""What the server holds, with its versions and the history that watches read."""

from __future__ import annotations

import copy
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .kinds import Kind
from .merging import Owner

Tree = dict[str, Any]
Key = tuple[str, str, str, str]
"""Group, plural, namespace, name."""


@dataclass
class Stored:
    tree: Tree
    kind: Kind
    owners: tuple[Owner, ...] = ()

    def shown(self) -> Tree:
        """The object as a client gets it."""
        tree = copy.deepcopy(self.tree)
        if self.owners:
            tree["metadata"]["managedFields"] = [owner.plain() for owner in self.owners]
        return tree


@dataclass
class Change:
    version: int
    what: str
    kind: Kind
    tree: Tree


@dataclass
class Store:
    """Objects by key; every method wants `lock` held.

    Attributes:
        oldest: the history before this version is forgotten: a watch from there gets 410.
        told: called after each change.
    """

    lock: threading.Condition = field(
        default_factory=lambda: threading.Condition(threading.RLock())
    )
    objects: dict[Key, Stored] = field(default_factory=dict)
    history: list[Change] = field(default_factory=list)
    version: int = 100
    oldest: int = 0
    told: Callable[[str, Stored], None] = lambda what, stored: None

    def get(self, kind: Kind, namespace: str | None, name: str) -> Stored | None:
        return self.objects.get(key(kind, namespace, name))

    def find(self, kind_name: str, namespace: str | None, name: str) -> Stored | None:
        """By the kind's name, where that is enough."""
        for stored in self.objects.values():
            metadata = stored.tree["metadata"]
            if (
                stored.kind.kind == kind_name
                and metadata["name"] == name
                and metadata.get("namespace") == namespace
            ):
                return stored
        return None

    def of(self, kind: Kind, namespace: str | None) -> list[Stored]:
        found = [
            stored
            for (group, plural, where, _), stored in self.objects.items()
            if (group, plural) == (kind.group, kind.plural) and namespace in (None, where)
        ]
        return sorted(
            found,
            key=lambda s: (s.tree["metadata"].get("namespace") or "", s.tree["metadata"]["name"]),
        )

    def put(self, kind: Kind, tree: Tree, owners: tuple[Owner, ...]) -> Stored:
        """Writes an object; a new one gets its uid."""
        metadata = tree["metadata"]
        where = key(kind, metadata.get("namespace"), metadata["name"])
        old = self.objects.get(where)
        self.version += 1
        if old is None:
            metadata["uid"] = str(uuid.uuid4())
            metadata["creationTimestamp"] = now()
            if _has_generation(kind):
                metadata["generation"] = 1
        elif _has_generation(kind) and _desired(old.tree) != _desired(tree):
            metadata["generation"] = int(old.tree["metadata"].get("generation", 1)) + 1
        metadata["resourceVersion"] = str(self.version)
        stored = Stored(tree, kind, owners)
        self.objects[where] = stored
        self._say("ADDED" if old is None else "MODIFIED", stored)
        return stored

    def drop(self, stored: Stored) -> None:
        metadata = stored.tree["metadata"]
        self.version += 1
        del self.objects[key(stored.kind, metadata.get("namespace"), metadata["name"])]
        metadata["resourceVersion"] = str(self.version)
        self._say("DELETED", stored)

    def _say(self, what: str, stored: Stored) -> None:
        self.history.append(Change(self.version, what, stored.kind, stored.shown()))
        self.lock.notify_all()
        self.told(what, stored)


def key(kind: Kind, namespace: str | None, name: str) -> Key:
    return kind.group, kind.plural, namespace or "", name


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _desired(tree: Tree) -> Tree:
    return {k: v for k, v in tree.items() if k not in ("metadata", "status")}


def _has_generation(kind: Kind) -> bool:
    return kind.crd or kind.kind in ("Deployment", "Job", "NetworkPolicy", "CronJob")
