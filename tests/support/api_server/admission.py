"""What happens to an object between the request and the store: defaults, webhooks, what must hold.

From ../shared/reference/defaults.md and ../shared/docs/on-a-real-cluster.md: what was seen on a
real cluster. Only the rules that this project meets are here.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from ..crd import _schema, _with_defaults, faults
from .answer import Answer, Refusal, denied, invalid, untyped
from .kinds import Kind
from .store import Store, Stored

Tree = dict[str, Any]

_CREATORS = {
    "eventing.knative.dev": "eventing.knative.dev",
    "serving.knative.dev": "serving.knative.dev",
    "sinks.knative.dev": "sinks.knative.dev",
    "sources.knative.dev": "sources.knative.dev",
}

_FINALIZERS = {
    "PersistentVolumeClaim": "kubernetes.io/pvc-protection",
    "PingSource": "pingsources.sources.knative.dev",
    "SinkBinding": "sinkbindings.sources.knative.dev",
    "InferenceService": "inferenceservice.finalizers",
}


_CLAIM = (
    "Forbidden: spec is immutable after creation except resources.requests and "
    "volumeAttributesClassName for bound claims"
)


def mutated(kind: Kind, tree: Tree, old: Tree | None, user: str) -> Tree:
    """An object as the defaults and the mutating webhooks leave it."""
    tree = copy.deepcopy(tree)
    if kind.crd:
        schema = _schema(kind.group, kind.api_version, kind.kind) or {}
        tree = _with_defaults(tree, _without_status(schema))
    metadata = tree["metadata"]
    if kind.kind == "Namespace":
        metadata.setdefault("labels", {})["kubernetes.io/metadata.name"] = metadata["name"]
        tree.setdefault("spec", {}).setdefault("finalizers", ["kubernetes"])
        tree.setdefault("status", {"phase": "Active"})
    if kind.kind in _FINALIZERS and old is None:
        finalizers = metadata.setdefault("finalizers", [])
        if _FINALIZERS[kind.kind] not in finalizers:
            finalizers.append(_FINALIZERS[kind.kind])
    if kind.kind == "PersistentVolumeClaim":
        tree["spec"].setdefault("volumeMode", "Filesystem")
        tree.setdefault("status", {"phase": "Pending"})
    if kind.group in _CREATORS:
        _sign(tree, old, _CREATORS[kind.group], user)
    match kind.qualified_kind:
        case "Service.serving.knative.dev":
            _knative_service(tree)
        case "Trigger.eventing.knative.dev":
            metadata.setdefault("labels", {})["eventing.knative.dev/broker"] = tree["spec"][
                "broker"
            ]
        case "JobSink.sinks.knative.dev":
            _job_sink(tree)
        case "InferenceService.serving.kserve.io":
            _inference_service(tree)
        case "PipelineVersion.pipelines.kubeflow.org":
            pipeline = tree["spec"].get("pipelineName", "")
            metadata.setdefault("labels", {})["pipelines.kubeflow.org/pipeline"] = pipeline
        case _:
            pass
    return tree


def _without_status(schema: Tree) -> Tree:
    known = {k: v for k, v in schema.get("properties", {}).items() if k != "status"}
    return schema | {"properties": known}


def _sign(tree: Tree, old: Tree | None, domain: str, user: str) -> None:
    notes = tree["metadata"].setdefault("annotations", {})
    notes.setdefault(f"{domain}/creator", user)
    if old is None or old.get("spec") != tree.get("spec"):
        notes[f"{domain}/lastModifier"] = user
    else:
        notes.setdefault(f"{domain}/lastModifier", user)


def _knative_service(tree: Tree) -> None:
    spec = tree["spec"]
    spec.setdefault("traffic", [{"latestRevision": True, "percent": 100}])
    for container in spec["template"]["spec"]["containers"]:
        for port in container.get("ports", ()):
            port.setdefault("protocol", "TCP")
        for probe in ("livenessProbe", "readinessProbe"):
            if "httpGet" in container.get(probe, {}):
                container[probe]["httpGet"].setdefault("port", 0)
        if "readinessProbe" in container:
            container["readinessProbe"].setdefault("successThreshold", 1)


def _job_sink(tree: Tree) -> None:
    job = tree["spec"].get("job")
    if job is None:
        return
    job.setdefault("status", {})
    for container in job["spec"]["template"]["spec"]["containers"]:
        env = container.setdefault("env", [])
        if all(each["name"] != "K_EXECUTION_MODE" for each in env):
            env.append({"name": "K_EXECUTION_MODE", "value": "batch"})


def _inference_service(tree: Tree) -> None:
    model = tree["spec"]["predictor"].get("model")
    if model is not None:
        model.setdefault("name", "")
        notes = tree["metadata"].setdefault("annotations", {})
        notes["modelFormat"] = model.get("modelFormat", {}).get("name", "")


def check(kind: Kind, config: Tree, new: Tree, old: Stored | None, store: Store) -> None:
    """Everything that must hold of an object that is written.

    Raises:
        Refusal: with the answer of who refuses it.
    """
    namespace, name = new["metadata"].get("namespace"), new["metadata"]["name"]
    mistyped = [each for each in _of(config) if _is_of_the_type(each)]
    if mistyped:
        raise Refusal(untyped(kind, namespace, name, "; ".join(map(_typed_words, mistyped))))
    wrong = [each for each in _of(new) if not _is_of_the_type(each)]
    if wrong:
        causes = [("FieldValueInvalid", *_split(each)) for each in wrong]
        raise Refusal(invalid(kind, name, causes))
    if old is not None:
        _unchanged(kind, old.tree, new)
    for rule in _RULES.get(kind.qualified_kind, ()):
        answer = rule(new, namespace, store)
        if answer is not None:
            raise Refusal(answer)


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


_EXTRA = re.compile(r"Additional properties are not allowed \('([^']+)'")


def _typed_words(fault: str) -> str:
    path, message = _split(fault)
    extra = _EXTRA.search(message)
    if extra is not None:
        path = ".".join(filter(None, (path.strip("."), extra[1])))
    known = extra is None and "unknown field" not in message
    return f".{path}: {message}" if known else f".{path}: field not declared in schema"


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
        case "Trigger.eventing.knative.dev":
            if old["spec"]["broker"] != new["spec"]["broker"]:
                raise Refusal(
                    denied(
                        "validation.webhook.eventing.knative.dev",
                        "validation failed: Immutable fields changed (-old +new): spec.broker",
                    )
                )
        case "PipelineVersion.pipelines.kubeflow.org":
            if old["spec"] != new["spec"]:
                why = "Pipeline spec is immutable; only metadata changes are allowed"
                raise Refusal(denied("pipelineversions.pipelines.kubeflow.org", why, 403))
        case _:
            pass


def _without_requests(spec: Tree) -> Tree:
    resources = {k: v for k, v in spec.get("resources", {}).items() if k != "requests"}
    return {k: v for k, v in spec.items() if k not in ("resources", "volumeName")} | resources


def _wants_its_account(tree: Tree, namespace: str | None, store: Store) -> Answer | None:
    account = tree["spec"]["template"]["spec"].get("serviceAccountName", "default")
    if account == "default" or store.find("ServiceAccount", namespace, account) is not None:
        return None
    why = (
        f'validation failed: dry run failed with pods "{tree["metadata"]["name"]}" is forbidden: '
        f'error looking up service account {namespace}/{account}: serviceaccount "{account}" '
        "not found: spec.template"
    )
    return denied("validation.webhook.serving.knative.dev", why)


def _wants_its_pipeline(tree: Tree, namespace: str | None, store: Store) -> Answer | None:
    name = tree["spec"].get("pipelineName", "")
    if store.find("Pipeline", namespace, name) is not None:
        return None
    why = f"The pipeline {namespace}/{name} does not exist"
    return denied("pipelineversions.pipelines.kubeflow.org", why, 403)


_Rule = Callable[[Tree, str | None, Store], Answer | None]
_RULES: dict[str, tuple[_Rule, ...]] = {
    "Service.serving.knative.dev": (_wants_its_account,),
    "PipelineVersion.pipelines.kubeflow.org": (_wants_its_pipeline,),
}
