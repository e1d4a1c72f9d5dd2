"""What the projects' webhooks fill in and refuse, as seen on a real cluster.

From ../shared/reference/defaults.md and ../shared/docs/on-a-real-cluster.md; only the rules that
this project meets are here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .answer import Answer, Refusal, denied
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
    "PingSource": "pingsources.sources.knative.dev",
    "SinkBinding": "sinkbindings.sources.knative.dev",
    "InferenceService": "inferenceservice.finalizers",
}


def mutate(kind: Kind, tree: Tree, old: Tree | None, user: str) -> None:
    """Writes into an object what the mutating webhooks and the controllers' finalizers do."""
    metadata = tree["metadata"]
    if kind.kind in _FINALIZERS and old is None:
        finalizers = metadata.setdefault("finalizers", [])
        if _FINALIZERS[kind.kind] not in finalizers:
            finalizers.append(_FINALIZERS[kind.kind])
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


def judge(kind: Kind, new: Tree, old: Stored | None, store: Store) -> None:
    """Asks the validating webhooks.

    Raises:
        Refusal: one denies it.
    """
    if old is not None:
        _unchanged(kind, old.tree, new)
    for rule in _RULES.get(kind.qualified_kind, ()):
        answer = rule(new, new["metadata"].get("namespace"), store)
        if answer is not None:
            raise Refusal(answer)


def _unchanged(kind: Kind, old: Tree, new: Tree) -> None:
    trigger = kind.qualified_kind == "Trigger.eventing.knative.dev"
    if trigger and old["spec"]["broker"] != new["spec"]["broker"]:
        why = "validation failed: Immutable fields changed (-old +new): spec.broker"
        raise Refusal(denied("validation.webhook.eventing.knative.dev", why))
    version = kind.qualified_kind == "PipelineVersion.pipelines.kubeflow.org"
    if version and old["spec"] != new["spec"]:
        why = "Pipeline spec is immutable; only metadata changes are allowed"
        raise Refusal(denied("pipelineversions.pipelines.kubeflow.org", why, 403))


def _wants_its_account(tree: Tree, namespace: str | None, store: Store) -> Answer | None:
    account = tree["spec"]["template"]["spec"].get("serviceAccountName", "default")
    if account == "default" or store.find("ServiceAccount", namespace, account) is not None:
        return None
    why = (  # in the words of Knative Serving 1.23
        'validation callback failed: dry run failed with pods "dry-run-validation" is forbidden: '
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
