"""What each verb does with the store."""

from __future__ import annotations

import copy
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from . import merging
from .admission import check_types, check_values, defaulted
from .answer import (
    Answer,
    Refusal,
    details,
    invalid,
    no_namespace,
    not_found,
    status,
    terminating,
)
from .controllers import Controllers, collect, mark_deleted
from .kinds import Kind, kinds, schema_of
from .listing import place, read_token, selected, token
from .merging import Conflict, Owner
from .store import Change, Store, Stored, now
from .webhooks import judge, mutate

Tree = dict[str, Any]


@dataclass
class User:
    """Who asks.

    Attributes:
        denied: `verb plural`, such as `patch jobsinks`, which RBAC does not grant.
    """

    name: str = "admin"
    denied: set[str] = field(default_factory=set)


@dataclass
class Requests:
    """Carries requests out; each holds the store's lock."""

    store: Store
    controllers: Controllers
    unserved: set[str] = field(default_factory=set)
    """Groups that this cluster does not have."""
    webhooks: bool = True
    """Whether the projects' webhooks are there, or their CRDs alone."""

    def kind(self, group: str, version: str, plural: str) -> Kind | None:
        for kind in kinds():
            if (kind.group, kind.version, kind.plural) == (group, version, plural):
                return None if group in self.unserved else kind
        return None

    def apply(
        self, kind: Kind, namespace: str | None, name: str, config: Tree, query: dict[str, str],
        user: User,
    ) -> Answer:  # fmt: skip
        manager = query.get("fieldManager", "")
        if not manager:
            raise Refusal(_no_manager(kind))
        self._named(config, namespace, name)
        if config["metadata"].get("managedFields") is not None:
            text = "metadata.managedFields must be nil"
            raise Refusal(status(400, "BadRequest", text))
        config = {k: v for k, v in config.items() if k != "status" or not kind.has_status}
        with self.store.lock:
            old = self.store.get(kind, namespace, name)
            self._inside(kind, namespace, name, old)
            check_types(kind, config)
            live = copy.deepcopy(old.tree) if old else {"metadata": {"name": name}}
            if old is None and namespace is not None:
                live["metadata"]["namespace"] = namespace
            me = Owner(manager, "Apply", kind.api_version, now(), frozenset())
            owners = old.owners if old else ()
            force = query.get("force") == "true"
            schema = schema_of(kind)
            try:
                merged, owners = merging.apply(live, config, schema, owners, me, force)
            except Conflict as conflict:
                found = {"causes": conflict.causes()}
                raise Refusal(status(409, "Conflict", conflict.message(), found)) from None
            if old is not None:  # what only the server writes stays as it is
                kept = {
                    k: v for k, v in old.tree["metadata"].items() if k not in merged["metadata"]
                }
                written = {"labels", "annotations", "finalizers", "ownerReferences"}
                merged["metadata"] |= {k: v for k, v in kept.items() if k not in written}
            return self._write(kind, merged, old, owners, query, user)

    def create(
        self, kind: Kind, namespace: str | None, tree: Tree, query: dict[str, str], user: User
    ) -> Answer:
        if kind.kind == "SelfSubjectAccessReview":
            return self._review(tree, user)
        name = str(tree.get("metadata", {}).get("name", ""))
        if namespace is not None:
            tree.setdefault("metadata", {}).setdefault("namespace", namespace)
        with self.store.lock:
            if self.store.get(kind, namespace, name) is not None:
                text = f'{kind.qualified} "{name}" already exists'
                return status(409, "AlreadyExists", text, details(kind, name))
            self._inside(kind, namespace, name, None)
            me = Owner(
                query.get("fieldManager", "client"), "Update", kind.api_version, now(), frozenset()
            )
            owners = merging.updated({}, tree, schema_of(kind), (), me)
            return self._write(kind, tree, None, owners, query, user)

    def edit(
        self, kind: Kind, namespace: str | None, name: str, patch: Tree, query: dict[str, str],
        user: User,
    ) -> Answer:  # fmt: skip
        """A merge patch, or a whole object (PUT) which is one without gaps."""
        with self.store.lock:
            old = self.store.get(kind, namespace, name)
            if old is None:
                return not_found(kind, name)
            new = _merge_patch(copy.deepcopy(old.tree), patch)
            new["metadata"].pop("managedFields", None)
            manager = query.get("fieldManager", "client")
            me = Owner(manager, "Update", kind.api_version, now(), frozenset())
            owners = merging.updated(old.tree, new, schema_of(kind), old.owners, me)
            answer = self._write(kind, new, old, owners, query, user)
            if "deletionTimestamp" in new["metadata"]:
                self.controllers.again()
            return answer

    def _write(
        self, kind: Kind, new: Tree, old: Stored | None, owners: tuple[Owner, ...],
        query: dict[str, str], user: User,
    ) -> Answer:  # fmt: skip
        before = old.tree if old else None
        new = defaulted(kind, new, before)
        if self.webhooks:
            mutate(kind, new, before, user.name)
        check_values(kind, new, old)
        if self.webhooks:
            judge(kind, new, old, self.store)
        code = 201 if old is None else 200
        if query.get("dryRun") == "All":
            made = Stored(new, kind, owners)
            new["metadata"].setdefault("uid", "00000000-0000-0000-0000-000000000000")
            return Answer(code, made.shown())
        if old is not None and old.tree == new and old.owners == owners:
            return Answer(200, old.shown())
        return Answer(code, self.store.put(kind, new, owners).shown())

    def read(self, kind: Kind, namespace: str | None, name: str) -> Answer:
        with self.store.lock:
            found = self.store.get(kind, namespace, name)
            return not_found(kind, name) if found is None else Answer(200, found.shown())

    def delete(
        self, kind: Kind, namespace: str | None, name: str, options: Tree, query: dict[str, str]
    ) -> Answer:
        with self.store.lock:
            found = self.store.get(kind, namespace, name)
            if found is None:
                return not_found(kind, name)
            uid = found.tree["metadata"]["uid"]
            wanted = options.get("preconditions", {}).get("uid", uid)
            if wanted != uid:
                text = (
                    f'Operation cannot be fulfilled on {kind.kind} "{name}": the UID in the '
                    f"precondition ({wanted}) does not match the UID in record ({uid}). The "
                    "object might have been deleted and then recreated"
                )
                return status(409, "Conflict", text, details(kind, name, called=kind.kind))
            if query.get("dryRun") == "All":
                return Answer(200, found.shown())
            mark_deleted(self.store, found)
            collect(self.store, uid)
            left = self.store.get(kind, namespace, name)
            if left is not None:
                return Answer(200, left.shown())
            done = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
            return Answer(200, done | {"details": details(kind, name, uid=uid)})

    def list(self, kind: Kind, namespace: str | None, query: dict[str, str]) -> Answer:
        with self.store.lock:
            after = ""
            version = self.store.version
            if "continue" in query:
                version, after = read_token(query["continue"])
                if version < self.store.oldest:
                    text = "The provided continue parameter is too old"
                    return status(410, "Expired", text)
            selector = query.get("labelSelector", "")
            found = [s for s in self.store.of(kind, namespace) if selected(s.tree, selector)]
            found = [s for s in found if place(s.tree) > after]
            limit = int(query.get("limit", 0)) or len(found)
            metadata: Tree = {"resourceVersion": str(version)}
            if len(found) > limit:
                last = place(found[limit - 1].tree)
                metadata["continue"] = token(version, last)
                metadata["remainingItemCount"] = len(found) - limit
            items = [s.shown() for s in found[:limit]]
            if not kind.crd:  # the server leaves these out of its own kinds' lists
                items = [
                    {k: v for k, v in i.items() if k not in ("apiVersion", "kind")} for i in items
                ]
            return Answer(
                200,
                {
                    "kind": f"{kind.kind}List",
                    "apiVersion": kind.api_version,
                    "metadata": metadata,
                    "items": items,
                },
            )

    def watch(
        self, kind: Kind, namespace: str | None, query: dict[str, str], stopped: threading.Event
    ) -> Iterator[Tree]:
        """The events from a version on, until the time is over."""
        import time

        end = time.monotonic() + float(query.get("timeoutSeconds", 60))
        version = int(query.get("resourceVersion") or 0)
        while not stopped.is_set():
            with self.store.lock:
                if version < self.store.oldest:
                    text = f"too old resource version: {version} ({self.store.oldest})"
                    gone = status(410, "Expired", text).body
                    yield {"type": "ERROR", "object": gone}
                    return
                found = [c for c in self.store.history if _of_interest(c, kind, namespace, version)]
                left = end - time.monotonic()
                if not found and left > 0:
                    self.store.lock.wait(min(left, 0.2))
            for change in found:
                version = change.version
                yield {"type": change.what, "object": change.tree}
            if left <= 0:
                break
        if query.get("allowWatchBookmarks") == "true":
            mark = {"metadata": {"resourceVersion": str(max(version, self.store.version))}}
            tree = {"kind": kind.kind, "apiVersion": kind.api_version, **mark}
            yield {"type": "BOOKMARK", "object": tree}

    def _inside(self, kind: Kind, namespace: str | None, name: str, old: Stored | None) -> None:
        """That the namespace is there, and may be written to."""
        if not kind.namespaced or namespace is None:
            return
        found = self.store.find("Namespace", None, namespace)
        if found is None:
            raise Refusal(no_namespace(namespace))
        if old is None and "deletionTimestamp" in found.tree["metadata"]:
            raise Refusal(terminating(kind, name, namespace))

    def _named(self, config: Tree, namespace: str | None, name: str) -> None:
        metadata = config.setdefault("metadata", {})
        given = metadata.setdefault("name", name)
        if given != name:
            text = f"the name of the object ({given}) does not match the name on the URL ({name})"
            raise Refusal(status(400, "BadRequest", text))
        if namespace is not None and metadata.setdefault("namespace", namespace) != namespace:
            text = f"the namespace of the object does not match `{namespace}` of the request"
            raise Refusal(status(400, "BadRequest", text))

    def _review(self, tree: Tree, user: User) -> Answer:
        asked = tree["spec"]["resourceAttributes"]
        # who asks for everything is answered yes only where nothing of it is denied
        verb, resource = (".*" if w == "*" else w for w in (asked["verb"], asked["resource"]))
        allowed = not any(re.fullmatch(f"{verb} {resource}", each) for each in user.denied)
        made: Tree = {"allowed": allowed}
        return Answer(201, tree | {"metadata": {}, "status": made})


def _no_manager(kind: Kind) -> Answer:
    text = "fieldManager is required for apply patch"
    cause = ("FieldValueRequired", "fieldManager", f"Required value: {text}")
    answer = invalid(kind, "", [cause])
    assert isinstance(answer.body, dict)
    return Answer(422, answer.body | {"message": f'PatchOptions.meta.k8s.io "" is invalid: {text}'})


def _merge_patch(tree: Tree, patch: Tree) -> Tree:
    for key, value in patch.items():
        if value is None:
            tree.pop(key, None)
        elif isinstance(value, dict):
            tree[key] = _merge_patch(dict(tree.get(key) or {}), value)
        else:
            tree[key] = value
    return tree


def _of_interest(change: Change, kind: Kind, namespace: str | None, version: int) -> bool:
    place = change.tree["metadata"].get("namespace")
    same = (change.kind.group, change.kind.plural) == (kind.group, kind.plural)
    return same and change.version > version and namespace in (None, place)
