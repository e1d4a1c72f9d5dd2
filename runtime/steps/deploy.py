"""Lets the server take the new version, by a field that no other manager owns.

The path of the model does not change with its content, so that what is in git stays true; the
version in the pod's annotations makes a new revision, which loads what is there now.
"""

from __future__ import annotations

import json
from urllib.parse import urlencode

from omniforce.spec.problem import Problem
from omniforce.targets.platforms.kubernetes.names import namespace_of, service_name
from omniforce.targets.platforms.kubernetes.objects import DOMAIN

from ..functions.cluster import Cluster
from ..http_client import NoAnswer
from .task import Task

MANAGER = "ofc-release"


def run(task: Task) -> None:
    """Applies the version to the InferenceService, server-side.

    Raises:
        Problem: the API server refuses, or does not answer.
    """
    name, namespace = service_name(task.program), namespace_of(task.program)
    path = f"/apis/serving.kserve.io/v1beta1/namespaces/{namespace}/inferenceservices/{name}"
    applied = {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"predictor": {"annotations": {f"{DOMAIN}/model": task.value("version")}}},
    }
    try:
        answer = Cluster.read(task.environment).ask(
            "PATCH",
            f"{path}?{urlencode({'fieldManager': MANAGER})}",
            json.dumps(applied),
            content="application/apply-patch+yaml",
        )
    except NoAnswer as error:
        raise Problem(
            "OFC778", f"the API server does not answer: {error}", "run the step again"
        ) from error
    if answer.status >= 300:
        raise Problem(
            "OFC778",
            f"the API server refuses the new version: {answer.status}: {answer.body[:300]}",
            f"see that `{name}` was applied and that `{task.program.name}-pipeline` may patch it",
        )
