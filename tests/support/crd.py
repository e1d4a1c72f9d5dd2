"""Strict validation of manifests, as an API server does it: schemas, unknown fields, CEL rules.

Custom resources are held against the projects' own CRDs in ../shared/crds, core kinds against
`kubernetes-validate`. Like the server, it fills in defaults before it looks for what is required.
"""

from __future__ import annotations

import copy
import re
import warnings
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from kubernetes_validate import utils

Schema = Mapping[str, Any]

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
CRDS = SHARED / "crds"
KUBERNETES = "1.36"
CORE_GROUPS = ("apps", "batch", "networking.k8s.io", "rbac.authorization.k8s.io", "storage.k8s.io")

# the package reads its megabyte of definitions anew for each object
utils.schema_contents = cache(utils.schema_contents)

needs_shared = pytest.mark.skipif(not CRDS.is_dir(), reason="../shared/crds is not here")

_QUALIFIED = re.compile(
    r"([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
)
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_FORMATS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}


def faults(manifest: Mapping[str, Any]) -> list[str]:
    """Everything that the API server would refuse a manifest for, each with its path."""
    group = str(manifest.get("apiVersion", "")).rpartition("/")[0]
    if group == "" or group in CORE_GROUPS:
        return [*_core(manifest), *_metadata(manifest)]
    schema = _schema(group, str(manifest["apiVersion"]), str(manifest["kind"]))
    if schema is None:
        return [f"no CRD for {manifest['apiVersion']} {manifest['kind']}"]
    root = dict(schema)
    root["properties"] = dict(schema.get("properties", {})) | {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    }
    filled = _with_defaults(_mutated(manifest), root)
    found = [*_metadata(manifest), *_check(filled, root, "")]
    if not found:
        found += _cel(filled, root, "")
    return found + [f"{path}{fault}" for path, fault in _embedded(manifest)]


def _mutated(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    """A manifest after the webhook that fills in what its schema asks for: a canary's model name.

    That it does was seen on a real cluster: ../shared/reference/defaults.md.
    """
    if manifest["kind"] != "InferenceService":
        return manifest
    made = copy.deepcopy(dict(manifest))
    for canary in made.get("spec", {}).get("canary", ()):
        canary.get("predictor", {}).get("model", {}).setdefault("name", "")
    return made


def _embedded(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Objects inside objects that their CRD keeps open."""
    if manifest["kind"] == "JobSink" and "job" in manifest.get("spec", {}):
        job = {"apiVersion": "batch/v1", "kind": "Job"} | manifest["spec"]["job"]
        yield from ((".spec.job", fault) for fault in _core(job))
    if manifest["kind"] == "Experiment":
        template = manifest["spec"].get("trialTemplate", {}).get("trialSpec")
        if template is not None:
            yield from ((".spec.trialTemplate.trialSpec", fault) for fault in _core(template))


def _core(manifest: Mapping[str, Any]) -> Iterator[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            kubernetes_validate.validate(dict(manifest), KUBERNETES, strict=True)
    except kubernetes_validate.ValidationError as error:
        yield "".join(f".{p}" for p in error.path) + f": {error.message}"


def _metadata(manifest: Mapping[str, Any]) -> Iterator[str]:
    metadata = manifest.get("metadata", {})
    yield from _core({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
    name = metadata.get("name", "")
    if len(name) > 253 or not _SUBDOMAIN.fullmatch(name):
        yield f".metadata.name: {name!r} is no subdomain"
    for key, value in metadata.get("labels", {}).items():
        if not _QUALIFIED.fullmatch(key) or not _LABEL_VALUE.fullmatch(str(value)):
            yield f".metadata.labels[{key}]: {value!r} is no label"
    for key in metadata.get("annotations", {}):
        if not _QUALIFIED.fullmatch(key.lower()):
            yield f".metadata.annotations[{key}]: no qualified name"


@cache
def _documents(path: Path) -> tuple[dict[str, Any], ...]:
    with path.open(encoding="utf-8") as file:
        return tuple(d for d in yaml.load_all(file, Loader=yaml.CSafeLoader) if d)


@cache
def _schema(group: str, version: str, kind: str) -> Schema | None:
    for path in sorted(CRDS.rglob(f"*{kind.lower()}*.yaml")):
        for crd in _documents(path):
            spec = crd.get("spec", {})
            if spec.get("group") != group or spec["names"]["kind"] != kind:
                continue
            for each in spec["versions"]:
                if f"{group}/{each['name']}" == version:
                    return dict(each["schema"]["openAPIV3Schema"])
    return None


def _check(value: Any, schema: Schema, path: str) -> Iterator[str]:
    """Types, bounds and unknown fields of one value and all that is in it."""
    if value is None:
        if not schema.get("nullable"):
            yield f"{path}: null"
        return
    if schema.get("x-kubernetes-int-or-string"):
        if isinstance(value, bool) or not isinstance(value, int | str):
            yield f"{path}: {value!r} is neither an integer nor a string"
            return
    elif "type" in schema and not _is(value, schema["type"]):
        yield f"{path}: {value!r} is no {schema['type']}"
        return
    yield from _values(value, schema, path)
    if isinstance(value, Mapping):
        yield from _object(value, schema, path)
    elif isinstance(value, list):
        yield from _array(value, schema, path)


def _is(value: Any, kind: str) -> bool:
    match kind:
        case "object":
            return isinstance(value, Mapping)
        case "array":
            return isinstance(value, list)
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
    raise ValueError(f"the CRD has a type {kind!r}")


def _values(value: Any, schema: Schema, path: str) -> Iterator[str]:
    """Value validations, which `allOf` and the like may hold too."""
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {schema['enum']}"
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            yield f"{path}: {value!r} does not match {schema['pattern']}"
        yield from _within(len(value), schema, "minLength", "maxLength", path)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _within(value, schema, "minimum", "maximum", path)
        low, high = _FORMATS.get(schema.get("format", ""), (value, value))
        if not low <= value <= high:
            yield f"{path}: {value} is no {schema['format']}"
    elif isinstance(value, list):
        yield from _within(len(value), schema, "minItems", "maxItems", path)
    elif isinstance(value, Mapping):
        yield from _within(len(value), schema, "minProperties", "maxProperties", path)
        for name in schema.get("required", ()):
            if name not in value:
                yield f"{path}.{name}: required"
    yield from _combined(value, schema, path)


def _combined(value: Any, schema: Schema, path: str) -> Iterator[str]:
    if not schema.get("x-kubernetes-int-or-string"):
        matching = [not any(_loose(value, s, path)) for s in schema.get("anyOf", ())]
        if matching and not any(matching):
            yield f"{path}: matches none of anyOf"
    matching = [not any(_loose(value, s, path)) for s in schema.get("oneOf", ())]
    if matching and sum(matching) != 1:
        yield f"{path}: matches {sum(matching)} of oneOf"
    for each in schema.get("allOf", ()):
        yield from _loose(value, each, path)
    if "not" in schema and not any(_loose(value, schema["not"], path)):
        yield f"{path}: matches what it must not"


def _loose(value: Any, schema: Schema, path: str) -> Iterator[str]:
    """A part of a combination: it says nothing of fields that it does not name."""
    if "type" in schema and not _is(value, schema["type"]):
        yield f"{path}: {value!r} is no {schema['type']}"
        return
    yield from _values(value, schema, path)
    if isinstance(value, Mapping):
        for name, sub in schema.get("properties", {}).items():
            if name in value:
                yield from _loose(value[name], sub, f"{path}.{name}")


def _within(size: float, schema: Schema, low: str, high: str, path: str) -> Iterator[str]:
    if low in schema and size < schema[low]:
        yield f"{path}: {size} is under {low} {schema[low]}"
    if high in schema and size > schema[high]:
        yield f"{path}: {size} is over {high} {schema[high]}"


def _object(value: Mapping[str, Any], schema: Schema, path: str) -> Iterator[str]:
    known = schema.get("properties", {})
    others = schema.get("additionalProperties")
    keeps = schema.get("x-kubernetes-preserve-unknown-fields", False)
    for name, child in value.items():
        if not isinstance(name, str):
            yield f"{path}.{name}: the key is no string"
        elif name in known:
            yield from _check(child, known[name], f"{path}.{name}")
        elif isinstance(others, Mapping):
            yield from _check(child, others, f"{path}.{name}")
        elif others is not True and not keeps:
            yield f"{path}.{name}: unknown field"


def _array(value: list[Any], schema: Schema, path: str) -> Iterator[str]:
    for i, child in enumerate(value):
        yield from _check(child, schema.get("items", {}), f"{path}[{i}]")
    kind = schema.get("x-kubernetes-list-type")
    if kind == "map":
        keys = schema["x-kubernetes-list-map-keys"]
        seen = [tuple(repr(c.get(k)) for k in keys) for c in value if isinstance(c, Mapping)]
    elif kind == "set":
        seen = [(repr(c),) for c in value]
    else:
        return
    if len(set(seen)) != len(seen):
        yield f"{path}: duplicate entries"


def _with_defaults(value: Any, schema: Schema) -> Any:
    if isinstance(value, Mapping):
        known = schema.get("properties", {})
        others = schema.get("additionalProperties")
        filled = dict(value)
        for name, sub in known.items():
            if name not in filled and "default" in sub:
                filled[name] = copy.deepcopy(sub["default"])
        return {
            name: _with_defaults(child, known.get(name, others if others is not True else {}) or {})
            for name, child in filled.items()
        }
    if isinstance(value, list):
        return [_with_defaults(child, schema.get("items", {})) for child in value]
    return value


def _cel(value: Any, schema: Schema, path: str) -> Iterator[str]:
    """The rules that a value breaks, and all that is in it. Rules on updates need an old one."""
    for rule in schema.get("x-kubernetes-validations", ()):
        if "oldSelf" not in rule["rule"] and not _holds(rule["rule"], value):
            yield f"{path}: {rule.get('message', rule['rule'])}"
    if isinstance(value, Mapping):
        known = schema.get("properties", {})
        others = schema.get("additionalProperties")
        for name, child in value.items():
            sub = known.get(name, others if isinstance(others, Mapping) else None)
            if sub is not None:
                yield from _cel(child, sub, f"{path}.{name}")
    elif isinstance(value, list):
        for i, child in enumerate(value):
            yield from _cel(child, schema.get("items", {}), f"{path}[{i}]")


def _holds(rule: str, value: Any) -> bool:
    from celpy import json_to_cel
    from celpy.evaluation import CELEvalError

    try:
        return bool(compiled(rule).evaluate({"self": json_to_cel(value)}))
    except CELEvalError as error:
        raise AssertionError(f"the rule {rule!r} cannot be evaluated on {value!r}") from error


@cache
def compiled(rule: str) -> Any:
    """A CEL rule ready to run."""
    import celpy

    environment = celpy.Environment()
    return environment.program(environment.compile(rule))
