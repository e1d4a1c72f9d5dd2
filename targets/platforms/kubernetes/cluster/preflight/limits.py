"""Whether the namespace's LimitRanges and ResourceQuotas leave room for our pods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.frozen import dataclass

from ...check.look import is_a, items, look, name_of, text, tree
from ...objects import Tree
from ...steps import search_of
from .asking import Asking, error, warning
from .quantity import quantity
from .revisions import KNATIVE

_TRIAL: Final = "spec.search.trial.resources"
_RESOURCES: Final = ("cpu", "memory")


@dataclass(frozen=True, slots=True)
class Pod:
    """What one of our pods asks for, and may use at most, in cores and bytes.

    Attributes:
        what: the object that makes it.
        block: where the spec says its size.
        knative: whether Knative puts its queue-proxy beside it.
    """

    what: str
    block: str
    knative: bool
    containers: tuple[Mapping[str, float], ...]

    def total(self, resource: str) -> float:
        """Of all its containers."""
        return sum(c.get(resource, 0.0) for c in self.containers)


def limits(asking: Asking) -> Iterator[Diagnostic]:
    """What no pod of ours may exceed, then what they may not exceed together."""
    pods = tuple(_pods(asking.objects))
    ranges = asking.list("v1", "LimitRange", asking.namespace)
    for each in ranges:
        for item in items(each, "spec", "limits"):
            yield from _range(asking, name_of(each), item, pods)
    defaults = any(tree(i, "default") for r in ranges for i in items(r, "spec", "limits"))
    for quota in asking.list("v1", "ResourceQuota", asking.namespace):
        yield from _quota(asking, quota, pods, defaults)


def _pods(objects: tuple[Tree, ...]) -> Iterator[Pod]:
    for each in objects:
        name = f"{each['kind']}/{name_of(each)}"
        if is_a(each, "serving.knative.dev", "Service"):
            pod = look(each, "spec", "template", "spec")
            yield Pod(name, "", True, tuple(map(_used, items(pod, "containers"))))
        elif is_a(each, "sinks.knative.dev", "JobSink"):
            pod = look(each, "spec", "job", "spec", "template", "spec")
            yield Pod(name, _TRIAL, False, tuple(map(_used, items(pod, "containers"))))
        elif is_a(each, "serving.kserve.io", "InferenceService"):
            model = tree(each, "spec", "predictor", "model")
            mode = text(each, "metadata", "annotations", "serving.kserve.io/deploymentMode")
            yield Pod(name, "spec.deployment", mode != "Standard", (_used(model),))


def _used(container: Mapping[str, object]) -> Mapping[str, float]:
    asked = tree(container, "resources", "limits")
    found = {r: quantity(asked.get(r)) for r in _RESOURCES}
    return {r: amount for r, amount in found.items() if amount is not None}


def _range(
    asking: Asking, name: str, item: Mapping[str, object], pods: tuple[Pod, ...]
) -> Iterator[Diagnostic]:
    kind = item.get("type")
    if kind not in ("Container", "Pod"):
        return
    for pod in pods:
        for resource in _RESOURCES:
            amounts = (
                [pod.total(resource)]
                if kind == "Pod"
                else [c[resource] for c in pod.containers if resource in c]
            )
            most = quantity(tree(item, "max").get(resource))
            least = quantity(tree(item, "min").get(resource))
            for amount in amounts:
                if most is not None and amount > most:
                    yield _outside(
                        asking, pod, resource, amount, f"at most {_say(resource, most)}", name
                    )
                if least is not None and amount < least:
                    yield _outside(
                        asking, pod, resource, amount, f"at least {_say(resource, least)}", name
                    )


def _outside(
    asking: Asking, pod: Pod, resource: str, amount: float, allowed: str, name: str
) -> Diagnostic:
    return error(
        "OFC663",
        f"{pod.what} asks for {_say(resource, amount)} of {resource} a container, and the "
        f"LimitRange `{name}` of `{asking.namespace}` allows {allowed}",
        f"change `{resource}` under `{pod.block.removeprefix('spec.')}`, or have the LimitRange "
        "changed"
        if pod.block
        else "have the LimitRange changed, or use another namespace",
        asking.at(f"{pod.block}.{resource}") if pod.block else None,
    )


def _quota(
    asking: Asking, quota: Tree, pods: tuple[Pod, ...], defaults: bool
) -> Iterator[Diagnostic]:
    hard, used = tree(quota, "spec", "hard"), tree(quota, "status", "used")
    name = name_of(quota)
    limited = [f"limits.{r}" for r in _RESOURCES if f"limits.{r}" in hard]
    if limited and not defaults and any(p.knative for p in pods):
        limited = [key for key in limited if not _queue_proxy_has(asking, key)]
    else:
        limited = []
    if limited:
        yield error(
            "OFC663",
            f"the ResourceQuota `{name}` bounds {' and '.join(limited)}, and Knative's queue-proxy "
            "has no limits: its pods are refused",
            f"give `{asking.namespace}` a LimitRange with `default` limits, or set "
            "`queue-sidecar-cpu-limit` and `queue-sidecar-memory-limit` in Knative's "
            "`config-deployment`",
        )
    for resource in _RESOURCES:
        for key in (resource, f"requests.{resource}", f"limits.{resource}"):
            most = quantity(hard.get(key))
            if most is not None:
                taken = quantity(used.get(key)) or 0.0
                yield from _room(asking, name, key, resource, most, taken, pods)


def _queue_proxy_has(asking: Asking, key: str) -> bool:
    """Whether Knative gives its own container such a limit, `limits.cpu` or `limits.memory`."""
    settings = asking.get("v1", "ConfigMap", "config-deployment", KNATIVE)
    resource = key.partition(".")[2]
    return bool(text(settings, "data", f"queue-sidecar-{resource}-limit"))


def _room(
    asking: Asking,
    name: str,
    key: str,
    resource: str,
    most: float,
    taken: float,
    pods: tuple[Pod, ...],
) -> Iterator[Diagnostic]:
    for pod in pods:
        amount = pod.total(resource)
        if amount > most:
            yield error(
                "OFC663",
                f"{pod.what} asks for {_say(resource, amount)} of {resource}, and the "
                f"ResourceQuota `{name}` of `{asking.namespace}` has {_say(resource, most)} in all",
                "ask for less, or have the quota raised",
                asking.at(f"{pod.block}.{resource}") if pod.block else None,
            )
    trial = next((p for p in pods if p.block == _TRIAL), None)
    if trial is None or not 0 < trial.total(resource) <= most:
        return
    parallelism = search_of(asking.program).parallelism
    room = int((most - taken) / trial.total(resource))
    if room < parallelism:
        yield warning(
            "OFC663",
            f"{max(0, room)} of {parallelism} trials at once fit into `{key}` of the ResourceQuota "
            f"`{name}`: {_say(resource, taken)} of {_say(resource, most)} are taken",
            f"write `parallelism: {max(1, room)}`, or have the quota raised",
            asking.at("spec.search.parallelism"),
        )


def _say(resource: str, amount: float) -> str:
    return f"{amount:g}" if resource == "cpu" else f"{amount / 2**30:.4g} GiB"
