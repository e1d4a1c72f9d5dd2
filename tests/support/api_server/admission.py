"""What the API server itself fills in and refuses, of the kinds that this project uses."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from ..crd import _schema, _with_defaults, faults
from .answer import Refusal, invalid, untyped
from .kinds import Kind
from .store import Stored

Tree = dict[str, Any]


_CLAIM = (
    "Forbidden: spec is immutable after creation except resources.requests and "
    "volumeAttributesClassName for bound claims"
)


def defaulted(kind: Kind, tree: Tree, old: Tree | None) -> Tree:
    """An object with what the API server itself fills in."""
    tree = copy.deepcopy(tree)
    if kind.crd:
        schema = _schema(kind.group, kind.api_version, kind.kind) or {}
        tree = _with_defaults(tree, _without_status(schema))
    metadata = tree["metadata"]
    if kind.kind == "Namespace":
        metadata.setdefault("labels", {})["kubernetes.io/metadata.name"] = metadata["name"]
        tree.setdefault("spec", {}).setdefault("finalizers", ["kubernetes"])
        tree.setdefault("status", {"phase": "Active"})
    if kind.kind == "PersistentVolumeClaim":
        if old is None:
            metadata.setdefault("finalizers", []).append("kubernetes.io/pvc-protection")
        tree["spec"].setdefault("volumeMode", "Filesystem")
        tree.setdefault("status", {"phase": "Pending"})
    return tree


def _without_status(schema: Tree) -> Tree:
    known = {k: v for k, v in schema.get("properties", {}).items() if k != "status"}
    return schema | {"properties": known}


def check_types(kind: Kind, config: Tree) -> None:
    """That a document has the fields and types of its schema; asked before all else.

    Raises:
        Refusal: it has others.
    """
    namespace, name = config["metadata"].get("namespace"), config["metadata"]["name"]
    mistyped = [each for each in _of(config) if _is_of_the_type(each)]
    if mistyped:
        raise Refusal(untyped(kind, namespace, name, "; ".join(map(_typed_words, mistyped))))


def check_values(kind: Kind, new: Tree, old: Stored | None) -> None:
    """That the values of the whole object are such as may be, and may follow the old ones.

    Raises:
        Refusal: one is not.
    """
    name = new["metadata"]["name"]
    wrong = [each for each in _of(new) if not _is_of_the_type(each)]
    if wrong:
        causes = [("FieldValueInvalid", *_split(each)) for each in wrong]
        raise Refusal(invalid(kind, name, causes))
    if old is not None:
        _unchanged(kind, old.tree, new)


_KEPT = ("name", "namespace", "labels", "annotations", "finalizers", "ownerReferences")


def _of(tree: Tree) -> tuple[str, ...]:
    whole = {k: v for k, v in tree.items() if k != "status"}
    whole["metadata"] = {k: v for k, v in tree["metadata"].items() if k in _KEPT}
    return _faults(json.dumps(whole, sort_keys=True))


@lru_cache(maxsize=4096)
def _faults(text: str) -> tuple[str, ...]:
    return tuple(faults(json.loads(text)))


def _is_of_the_type(fault: str) -> bool:
    words = ("unknown field", "is no string", "is no integer", "is no object", "is no array")
    return any(word in fault for word in (*words, "is no boolean", "is not of type", "Additional"))


_WANTED = re.compile(r"^(.*) is (?:no|not of type) '?(\w+)")
_EXTRA = re.compile(r"Additional properties are not allowed \('([^']+)'")


def _typed_words(fault: str) -> str:
    path, message = _split(fault)
    extra = _EXTRA.search(message)
    if extra is not None:
        path = ".".join(filter(None, (path.strip("."), extra[1])))
    if extra is not None or "unknown field" in message:
        return f".{path}: field not declared in schema"
    wanted = _WANTED.search(message)
    return f".{path}: expected {wanted[2]}, got {wanted[1]}" if wanted else f".{path}: {message}"


def _split(fault: str) -> tuple[str, str]:
    path, _, message = fault.partition(": ")
    return path.removeprefix("."), message


def _unchanged(kind: Kind, old: Tree, new: Tree) -> None:
    name = new["metadata"]["name"]
    for field, message in _immutable(kind, old, new):
        reason = "FieldValueForbidden" if message.startswith("Forbidden") else "FieldValueInvalid"
        raise Refusal(invalid(kind, name, [(reason, field, message)]))


def _immutable(kind: Kind, old: Tree, new: Tree) -> Iterator[tuple[str, str]]:
    match kind.qualified_kind:
        case "ConfigMap" | "Secret" if old.get("immutable"):
            if old.get("data") != new.get("data"):
                yield "data", "Forbidden: field is immutable when `immutable` is set"
        case "PersistentVolumeClaim":
            if _without_requests(old["spec"]) != _without_requests(new["spec"]):
                yield "spec", _CLAIM
        case "RoleBinding.rbac.authorization.k8s.io":
            if old["roleRef"] != new["roleRef"]:
                yield "roleRef", "Invalid value: cannot change roleRef"
        case "Job.batch":
            if old["spec"].get("template") != new["spec"].get("template"):
                yield "spec.template", "Invalid value: field is immutable"
        case _:
            pass


def _without_requests(spec: Tree) -> Tree:
    resources = {k: v for k, v in spec.get("resources", {}).items() if k != "requests"}
    return {k: v for k, v in spec.items() if k not in ("resources", "volumeName")} | resources
