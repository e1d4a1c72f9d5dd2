"""KFP's intermediate representation, schema 2.1.0, written through its own protobufs.

The protobufs refuse what the schema does not know; `kfp`'s compiler, which takes a third of a
second to import, is only the oracle of the tests.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Mapping
from functools import lru_cache
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final

from ..objects import Tree
from ..placement import toleration_trees
from ..pods import STUDY_DIRECTORY, USER, VOLUME_DIRECTORY, cpu, memory
from .surroundings import Surroundings
from .task import ArtifactType, Pipeline, Task

if TYPE_CHECKING:
    from google.protobuf.message import Message

SCHEMA_VERSION = "2.1.0"
SDK_VERSION = "kfp-2.17.0"


def pipeline_spec(pipeline: Pipeline, around: Surroundings) -> Tree:
    """The `PipelineSpec` of a pipeline.

    Raises:
        google.protobuf.json_format.ParseError: the IR has a word that the schema does not know.
    """
    return parse_spec(ir(pipeline, around))


def ir(pipeline: Pipeline, around: Surroundings) -> Tree:
    """The IR as we write it; `pipeline_spec` has it read and written by KFP's own protobuf."""
    return {
        "pipelineInfo": {"name": pipeline.name, "description": pipeline.doc},
        "schemaVersion": SCHEMA_VERSION,
        "sdkVersion": SDK_VERSION,
        "components": {f"comp-{t.name}": _component(t) for t in pipeline.tasks},
        "deploymentSpec": {
            "executors": {f"exec-{t.name}": _executor(t, around) for t in pipeline.tasks}
        },
        "root": {"dag": {"tasks": {t.name: _task(t, around) for t in pipeline.tasks}}},
    }


def parse_spec(plain: Mapping[str, object]) -> Tree:
    """A `PipelineSpec` through its protobuf and back, in the one form that it has in JSON.

    Raises:
        google.protobuf.json_format.ParseError: it has a word that the schema does not know.
    """
    from google.protobuf import json_format

    message = read_spec(plain)
    # protobuf's maps have no order: without one, the same program would give other bytes
    written: Tree = json.loads(json.dumps(json_format.MessageToDict(message), sort_keys=True))
    return written


def read_spec(plain: Mapping[str, object]) -> Message:
    """A `PipelineSpec` as its protobuf.

    Raises:
        google.protobuf.json_format.ParseError: it has a word that the schema does not know.
    """
    from google.protobuf import json_format

    message: Message = json_format.ParseDict(dict(plain), _protobufs().PipelineSpec())
    return message


def platform_spec(pipeline: Pipeline, around: Surroundings) -> Tree:
    """The Kubernetes part of a pipeline: mounts, secrets, and a pod that `restricted` admits."""
    executors = {f"exec-{t.name}": _platform(t, around) for t in pipeline.tasks}
    return {"platforms": {"kubernetes": {"deploymentSpec": {"executors": executors}}}}


@lru_cache(maxsize=1)
def _protobufs() -> ModuleType:
    """`kfp.pipeline_spec.pipeline_spec_pb2`, without the whole of `kfp` where that is installed."""
    name = "kfp.pipeline_spec.pipeline_spec_pb2"
    if name in sys.modules:
        return sys.modules[name]
    package = PathFinder.find_spec("kfp")  # found, and not run
    folders = package.submodule_search_locations if package is not None else None
    paths = [Path(f, "pipeline_spec", "pipeline_spec_pb2.py") for f in folders or ()]
    path = next((p for p in paths if p.is_file()), None)
    spec = importlib.util.spec_from_file_location(name, path) if path is not None else None
    if spec is None or spec.loader is None:
        raise ImportError(f"no {name}: install `kfp-pipeline-spec`")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules[name] = module  # a second copy would register its messages twice
    return module


def _artifact(kind: ArtifactType) -> Tree:
    return {"artifactType": {"schemaTitle": f"system.{kind}", "schemaVersion": "0.0.1"}}


def _component(task: Task) -> Tree:
    inputs = _ports(
        {i.name: i.type for i in task.artifacts}, tuple(i.name for i in task.parameters)
    )
    outputs = _ports(dict(task.makes), task.tells)
    made: Tree = {"executorLabel": f"exec-{task.name}"}
    made |= {"inputDefinitions": inputs} if inputs else {}
    return made | ({"outputDefinitions": outputs} if outputs else {})


def _ports(artifacts: Mapping[str, ArtifactType], parameters: tuple[str, ...]) -> Tree:
    ports: Tree = {}
    if artifacts:
        ports["artifacts"] = {name: _artifact(kind) for name, kind in artifacts.items()}
    if parameters:
        ports["parameters"] = {name: {"parameterType": "STRING"} for name in parameters}
    return ports


def command(task: Task) -> tuple[str, ...]:
    """What the container runs, with KFP's placeholders for paths and values."""
    words = ["python", "-m", "omniforce.runtime.steps", task.step or task.name]
    words += ["--device", task.device] if task.device else []
    for read in task.artifacts:
        words += [f"--{read.name}", f"{{{{$.inputs.artifacts['{read.name}'].path}}}}"]
    for told in task.parameters:
        words += [f"--{told.name}", f"{{{{$.inputs.parameters['{told.name}']}}}}"]
    for name, _ in task.makes:
        words += [f"--{name}", f"{{{{$.outputs.artifacts['{name}'].path}}}}"]
    for name in task.tells:
        words += [f"--{name}", f"{{{{$.outputs.parameters['{name}'].output_file}}}}"]
    return tuple(words)


def _executor(task: Task, around: Surroundings) -> Tree:
    words = command(task)
    cores, size = cpu(task.resources.cpu), memory(task.resources.memory)
    resources: Tree = {
        "resourceCpuRequest": cores,
        "resourceCpuLimit": cores,
        "resourceMemoryRequest": size,
        "resourceMemoryLimit": size,
    }
    return {
        "container": {
            "image": around.image,
            "command": list(words[:3]),
            "args": list(words[3:]),
            "env": [{"name": n, "value": v} for n, v in around.environment],
            "resources": resources | _accelerator(task, around),
        }
    }


def _accelerator(task: Task, around: Surroundings) -> Tree:
    count = task.resources.gpu
    if not count:
        return {}
    return {"accelerator": {"resourceType": around.gpu, "resourceCount": str(count)}}


_PLACED: Final = ("train", "default", "measure")
"""Tasks, by how their names begin, that run where trials run: there they train and are timed."""


def _task(task: Task, around: Surroundings) -> Tree:
    made: Tree = {
        "taskInfo": {"name": task.name},
        "componentRef": {"name": f"comp-{task.name}"},
        "cachingOptions": _caching(task, around),
    }
    if task.retries:
        made["retryPolicy"] = {
            "maxRetryCount": task.retries,
            "backoffDuration": "10s",
            "backoffFactor": 2.0,
            "backoffMaxDuration": "300s",
        }
    if task.needs:
        made["dependentTasks"] = list(task.needs)
    inputs: Tree = {}
    if task.artifacts:
        inputs["artifacts"] = {
            i.name: {"taskOutputArtifact": {"producerTask": i.task, "outputArtifactKey": i.output}}
            for i in task.artifacts
        }
    if task.parameters:
        inputs["parameters"] = {
            i.name: {
                "taskOutputParameter": {"producerTask": i.task, "outputParameterKey": i.output}
            }
            for i in task.parameters
        }
    return made | ({"inputs": inputs} if inputs else {})


def _caching(task: Task, around: Surroundings) -> Tree:
    if not (task.cached and around.pinned):
        return {}
    key: Tree = {"cacheKey": task.cache_key} if task.cache_key else {}
    return key | {"enableCache": True}


def _constant(value: str) -> Tree:
    return {"runtimeValue": {"constant": value}}


def _platform(task: Task, around: Surroundings) -> Tree:
    made: Tree = {
        # int64 fields are strings in protobuf's JSON
        "activeDeadlineSeconds": str(task.timeout),
        "configMapAsVolume": [
            {
                "configMapName": around.study,
                "configMapNameParameter": _constant(around.study),
                "mountPath": STUDY_DIRECTORY,
                "optional": False,
            }
        ],
        # KFP knows no fsGroup: the group that the trials' Jobs gave the volume to is the pod's own
        "securityContext": {
            "runAsGroup": str(USER),
            "runAsNonRoot": True,
            "runAsUser": str(USER),
        },
    }
    if task.name.startswith(_PLACED) and around.node_selector:
        made["nodeSelector"] = {"labels": dict(around.node_selector)}
    if task.name.startswith(_PLACED) and around.tolerations:
        made["tolerations"] = toleration_trees(around.tolerations)
    if task.volume:
        made["pvcMount"] = [
            {
                "constant": around.claim,
                "pvcNameParameter": _constant(around.claim),
                "mountPath": VOLUME_DIRECTORY,
            }
        ]
    if task.store:
        name, key = around.secret
        made["secretAsEnv"] = [
            {
                "secretName": name,
                "secretNameParameter": _constant(name),
                "keyToEnv": [{"envVar": "OFC_STORE_URL", "secretKey": key}],
                "optional": False,
            }
        ]
    return made
