"""The functions of a study as Knative Services that sleep between events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from omniforce.compiler.ir.program import Program
from omniforce.compiler.runners import runner_of
from omniforce.spec.blocks.search import Resources

from .names import account_name, function_name
from .objects import Component, Tree, make, pod_labels
from .pods import (
    STUDY_MOUNT,
    TEMPORARY_MOUNT,
    container_security,
    environment,
    fixed_resources,
    study_volume,
    temporary_volume,
    trial_image,
)
from .steps import has_measurer, search_of
from .training.table import training_kind, training_map_name

Name = Literal["search", "dispatch", "deadletter", "api", "advise", "measure"]

TIMEOUT: Final = 300
"""Seconds that a handler may take; a default cluster allows 600."""

PORT: Final = 8080

ACCESS: Final = "ofc-access"
"""The Secret that says who may ask the API for what, under the key `access.yaml`."""

_SLIM_STRATEGIES: Final = frozenset({"evolution", "hyperband", "random", "sobol"})
_MEBI: Final = 2**20


@dataclass(frozen=True, slots=True)
class Function:
    """One function.

    Attributes:
        name: how `OFC_FUNCTION` calls it.
        api_access: whether its pod gets a token for the API server.
        concurrency: requests at once in one instance.
    """

    name: Name
    component: Component
    api_access: bool = False
    concurrency: int = 1


FUNCTIONS: Final = (
    Function("search", "search"),
    # the only one that talks to the API server: it makes and removes the tick
    Function("dispatch", "worker", api_access=True),
    Function("deadletter", "search"),
    # a stream of changes lasts for minutes, and others must be answered meanwhile
    Function("api", "search", concurrency=64),
    Function("advise", "search"),
)


MEASURE: Final = Function("measure", "tte")
"""Only there where a device says `measure.where: function`."""


def functions(program: Program, config: str) -> tuple[Tree, ...]:
    """The Knative Services. `config` is the ConfigMap with the compiled study."""
    there = (*FUNCTIONS, MEASURE) if has_measurer(program) else FUNCTIONS
    return tuple(_service(program, function, config) for function in there)


def _service(program: Program, function: Function, config: str) -> Tree:
    name = function_name(program, function.name)
    return make(
        program,
        "serving.knative.dev/v1",
        "Service",
        name,
        function.component,
        labels={
            "networking.knative.dev/visibility": "cluster-local",
            "function.knative.dev/name": name,
            "function.knative.dev/runtime": "python",
        },
        spec={
            "template": {
                "metadata": {
                    "labels": pod_labels(program, function.component),
                    # strings, and on the template: on the Service itself they are refused
                    "annotations": {
                        "autoscaling.knative.dev/class": "kpa.autoscaling.knative.dev",
                        "autoscaling.knative.dev/metric": "concurrency",
                        "autoscaling.knative.dev/min-scale": "0",
                        "autoscaling.knative.dev/max-scale": "1",
                        "autoscaling.knative.dev/window": "30s",
                    },
                },
                "spec": _revision(program, function, config),
            }
        },
    )


def _revision(program: Program, function: Function, config: str) -> Tree:
    made: Tree = {"serviceAccountName": account_name(program, function.name)}
    if not function.api_access:
        # `true` is refused by Knative: where a token is wanted, the ServiceAccount says so
        made["automountServiceAccountToken"] = False
    return made | {
        "enableServiceLinks": False,
        "containerConcurrency": function.concurrency,
        "timeoutSeconds": TIMEOUT,
        "containers": [_container(program, function, config)],
        "volumes": [
            study_volume(config),
            temporary_volume(),
            *(mounted.volume for mounted in _own_files(program, function, config)),
        ],
    }


def _container(program: Program, function: Function, config: str) -> Tree:
    files = _own_files(program, function, config)
    return {
        "name": "user-container",
        "image": _image(program, function),
        "command": ["python", "-m", "omniforce.runtime.app"],
        "ports": [{"containerPort": PORT, "name": "http1"}],
        "env": [
            *environment(program, function.name),
            *_own_variables(program, function),
            *({"name": each.variable, "value": each.path} for each in files),
        ],
        "volumeMounts": [STUDY_MOUNT, TEMPORARY_MOUNT, *(each.mount for each in files)],
        # no port: the queue-proxy takes the probe over; no timeout: without a period it is refused
        "readinessProbe": {"httpGet": {"path": "/health/readiness"}},
        "livenessProbe": {
            "httpGet": {"path": "/health/liveness"},
            "periodSeconds": 10,
            "timeoutSeconds": 5,
            "failureThreshold": 6,
        },
        "resources": fixed_resources(_resources(program, function)),
        "securityContext": container_security(),
    }


@dataclass(frozen=True, slots=True)
class _File:
    """A file that one function reads beside the study.

    Attributes:
        variable: of the environment, which says where it is.
        source: of the volume.
    """

    name: str
    variable: str
    file: str
    source: Tree

    @property
    def path(self) -> str:
        return f"/etc/ofc-{self.name}/{self.file}"

    @property
    def volume(self) -> Tree:
        return {"name": self.name, **self.source}

    @property
    def mount(self) -> Tree:
        return {"name": self.name, "mountPath": f"/etc/ofc-{self.name}", "readOnly": True}


def _own_files(program: Program, function: Function, config: str) -> tuple[_File, ...]:
    if function.name == "api":
        # without the Secret nobody may ask anything, and the function says so
        secret: Tree = {"secret": {"secretName": ACCESS, "optional": True}}
        return (_File("access", "OFC_ACCESS", "access.yaml", secret),)
    if function.name == "dispatch" and training_kind(program) is not None:
        held: Tree = {"configMap": {"name": training_map_name(program, config)}}
        return (_File("training", "OFC_TRAINING", "training.json", held),)
    return ()


def _own_variables(program: Program, function: Function) -> list[Tree]:
    if function.name == "api":
        return [{"name": "OFC_RUNNER", "value": runner_of(program)}]
    return []


def is_slim(program: Program) -> bool:
    """Whether the strategy runs in the image without torch."""
    return search_of(program).strategy.name in _SLIM_STRATEGIES


def _image(program: Program, function: Function) -> str:
    images = program.platform.kubernetes.images
    if function is MEASURE:
        return trial_image(program)  # it has what the devices' runtimes need
    return images.trial if _thinks(program, function) else images.functions


def _resources(program: Program, function: Function) -> Resources:
    if _thinks(program, function):
        return Resources(cpu=1.0, memory=2048 * _MEBI)
    if function is MEASURE:
        threads = max(device.threads for device in search_of(program).devices)
        return Resources(cpu=float(threads), memory=1024 * _MEBI)
    return Resources(cpu=0.5, memory=(512 if function.name == "search" else 256) * _MEBI)


def _thinks(program: Program, function: Function) -> bool:
    """Whether the function fits models, which takes torch and its memory."""
    return function.name == "search" and not is_slim(program)
