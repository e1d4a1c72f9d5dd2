"""What of a Katib Experiment's trial template a spec can say: image, limits, deadline, retries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .findings import Findings
from .foreign_block import ForeignBlock
from .foreign_file import Plain, figure, listing, mapping, plain_of


@dataclass(frozen=True, slots=True)
class Template:
    """None where it does not say."""

    image: str | None = None
    timeout: float | None = None
    retries: int | None = None
    cpu: float | None = None
    memory: int | None = None
    gpu: int | None = None


def read_template(spec: ForeignBlock, findings: Findings) -> Template:
    """What the template says; that its command is not taken over is a finding."""
    block = spec.block("trialTemplate")
    if block is None:
        return Template()
    primary = block.text("primaryContainerName")
    node = block.node_of("trialSpec")
    place = block.place("trialSpec") or block.span
    findings.unsaid(
        "the template of a trial (its command, environment and volumes) is not taken over",
        place,
        "let the image hold a class that trains, and name it as `algorithm.estimator`",
    )
    if node is None:
        return Template()
    whole = mapping(plain_of(node))
    containers = list(_containers(whole))
    chosen = next((c for c in containers if c.get("name") == primary), None)
    chosen = chosen if chosen is not None else (containers[0] if containers else {})
    limits = {
        **mapping(mapping(chosen.get("resources")).get("requests")),
        **mapping(mapping(chosen.get("resources")).get("limits")),
    }
    job = mapping(whole.get("spec"))
    retries = figure(job.get("backoffLimit"))
    image = chosen.get("image")
    return Template(
        image=image if isinstance(image, str) and re.fullmatch(r"[\w./:@-]+", image) else None,
        timeout=_above_zero(figure(job.get("activeDeadlineSeconds"))),
        retries=None if retries is None else min(10, max(0, int(retries))),
        cpu=_above_zero(quantity(limits.get("cpu"))),
        memory=_memory(quantity(limits.get("memory"))),
        gpu=_gpus(limits),
    )


def _containers(tree: Plain, depth: int = 0) -> Iterator[Mapping[str, Plain]]:
    """Every container of a Job, a TrainJob, a PyTorchJob..., wherever its pod stands."""
    if depth > 12:
        return
    for key, value in mapping(tree).items():
        if key == "containers":
            yield from map(mapping, listing(value))
        elif isinstance(value, Mapping):
            yield from _containers(value, depth + 1)
        else:
            for item in listing(value):
                yield from _containers(item, depth + 1)


_UNITS: Mapping[str, float] = {
    "m": 1e-3,
    "": 1.0,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "Ki": 2.0**10,
    "Mi": 2.0**20,
    "Gi": 2.0**30,
    "Ti": 2.0**40,
}


def quantity(value: Plain) -> float | None:
    """A quantity of Kubernetes: `500m`, `2Gi`, `4`."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    found = re.fullmatch(r"([0-9.]{1,20})(m|k|[MGT]|[KMGT]i)?", str(value))
    number = None if found is None else figure(found[1])
    return None if number is None or found is None else number * _UNITS[found[2] or ""]


def _above_zero(value: float | None) -> float | None:
    return value if value is not None and value > 0 else None


def _memory(value: float | None) -> int | None:
    return int(value) if value is not None and value >= 2**20 else None


def _gpus(limits: Mapping[str, Plain]) -> int | None:
    found = (quantity(v) for name, v in limits.items() if name.endswith("/gpu"))
    counts = [int(count) for count in found if count is not None]
    return min(64, sum(counts)) if counts else None
