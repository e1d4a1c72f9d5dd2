"""Health of the kinds that Argo CD has no check for, as its own ConfigMap takes them.

Without a check Argo CD holds such an object for healthy the moment it exists, and the next sync
wave starts too early; a search would count as done before its first trial.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ...kubernetes.objects import Tree

CHECKS: Final[Mapping[tuple[str, str], str]] = {
    ("eventing.knative.dev", "Broker"): "ready_condition",
    ("eventing.knative.dev", "Trigger"): "ready_condition",
    ("kubeflow.org", "Experiment"): "experiment",
    ("pipelines.kubeflow.org", "PipelineVersion"): "pipeline_version",
    ("serving.kserve.io", "InferenceGraph"): "ready_condition",
    ("serving.kserve.io", "LLMInferenceService"): "ready_condition",
    ("sinks.knative.dev", "JobSink"): "ready_condition",
    ("sources.knative.dev", "PingSource"): "ready_condition",
    ("trainer.kubeflow.org", "OptimizationJob"): "job_conditions",
    ("trainer.kubeflow.org", "TrainJob"): "job_conditions",
}
"""Group and kind, and the file of `checks/` that says how they are.

Those that a study only makes while it runs (TrainJob, PingSource) stand here too: a health of
the whole Application counts what its objects make.
"""


_CHECKS: Final = Path(__file__).parent / "checks"


def health_checks() -> Tree:
    """A patch of the ConfigMap `argocd-cm`, with all of `CHECKS`.

    It is the same for every study: Argo CD has one such ConfigMap, and two studies must not take
    each other's checks away.
    """
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "argocd-cm",
            "namespace": "argocd",
            "labels": {"app.kubernetes.io/part-of": "argocd"},
        },
        "data": {
            f"resource.customizations.health.{group}_{kind}": check(group, kind)
            for group, kind in CHECKS
        },
    }


def check(group: str, kind: str) -> str:
    """The Lua of a kind: reads the global `obj`, returns a table with `status` and `message`."""
    name = CHECKS[group, kind]
    return (_CHECKS / f"{name}.lua").read_text(encoding="utf-8")
