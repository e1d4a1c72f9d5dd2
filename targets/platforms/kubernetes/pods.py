"""What containers of a study may do and use: no more than Pod Security `restricted` admits."""

from __future__ import annotations

from typing import Final

from omniforce.compiler.ir.program import Program
from omniforce.spec.blocks.search import Resources

from .names import broker_name, namespace_of
from .objects import Tree
from .steps import search_of

USER: Final = 65532
"""`nonroot` of the distroless images; any user but root would do."""

STUDY_DIRECTORY: Final = "/etc/ofc"
VOLUME_DIRECTORY: Final = "/var/lib/ofc"


def container_security(*, read_only: bool = True, user: int | None = USER) -> Tree:
    """What `restricted` asks of a container, complete, so that it needs nothing of its pod."""
    made: Tree = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }
    if read_only:
        made["readOnlyRootFilesystem"] = True
    made["runAsNonRoot"] = True
    if user is not None:
        made["runAsUser"] = user
    return made | {"seccompProfile": {"type": "RuntimeDefault"}}


def pod_security(*, user: int = USER, group: int | None = None) -> Tree:
    """What `restricted` asks of a pod. `group` owns the volumes that the pod writes to."""
    made: Tree = {"runAsNonRoot": True, "runAsUser": user}
    if group is not None:
        made |= {"fsGroup": group, "fsGroupChangePolicy": "OnRootMismatch"}
    return made | {"seccompProfile": {"type": "RuntimeDefault"}}


def fixed_resources(resources: Resources, gpu: str = "nvidia.com/gpu") -> Tree:
    """Asked for and at most the same: a trial beside a greedy neighbour takes as long as alone.

    `gpu` is what the nodes call a GPU.
    """
    amount: Tree = {"cpu": cpu(resources.cpu), "memory": memory(resources.memory)}
    if resources.gpu:
        amount[gpu] = str(resources.gpu)
    return {"requests": amount, "limits": dict(amount)}


def cpu(cores: float) -> str:
    """Cores as a quantity: `2`, `500m`."""
    thousandths = max(1, round(cores * 1000))
    return str(thousandths // 1000) if thousandths % 1000 == 0 else f"{thousandths}m"


def memory(size: int) -> str:
    """Bytes as a quantity, in the largest binary unit that says it exactly."""
    for power, unit in ((40, "Ti"), (30, "Gi"), (20, "Mi"), (10, "Ki")):
        if size % 2**power == 0:
            return f"{size // 2**power}{unit}"
    return str(size)


def environment(program: Program, function: str, threads: int = 1) -> list[Tree]:
    """The variables that functions and trials have in common."""
    store = program.platform.kubernetes.store
    plain = {
        "OFC_FUNCTION": function,
        "OFC_STUDY": program.name,
        "OFC_NAMESPACE": namespace_of(program),
        "OFC_BROKER": broker_url(program),
    }
    made: list[Tree] = [{"name": name, "value": value} for name, value in plain.items()]
    made.append(
        {
            "name": "OFC_STORE_URL",
            "valueFrom": {"secretKeyRef": {"name": store.name, "key": store.key}},
        }
    )
    return made + quiet_environment(threads)


def quiet_environment(threads: int) -> list[Tree]:
    """What every Python of ours is told.

    The root is read-only, so caches go to the pod's own /tmp; more threads than cores only wait.
    """
    here = {
        "HOME": "/tmp",  # noqa: S108
        "OMP_NUM_THREADS": str(threads),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return [{"name": name, "value": value} for name, value in here.items()]


def broker_url(program: Program) -> str:
    """Where events are sent; a value, since a SinkBinding would write into our container list."""
    kubernetes = program.platform.kubernetes
    return kubernetes.broker.url or (
        f"http://broker-ingress.{kubernetes.network.eventing}.svc.cluster.local"
        f"/{namespace_of(program)}/{broker_name(program)}"
    )


def trial_image(program: Program) -> str:
    """What trains and measures: the algorithm's own image, or the project's full one."""
    return search_of(program).algorithm.image or program.platform.kubernetes.images.trial


def study_volume(config: str) -> Tree:
    """The compiled study as a volume called `study`."""
    return {"name": "study", "configMap": {"name": config}}


def temporary_volume() -> Tree:
    """A writable `/tmp` beside a read-only root."""
    return {"name": "tmp", "emptyDir": {}}


STUDY_MOUNT: Final[Tree] = {"name": "study", "mountPath": STUDY_DIRECTORY, "readOnly": True}
TEMPORARY_MOUNT: Final[Tree] = {"name": "tmp", "mountPath": "/tmp"}  # noqa: S108
