"""What the tasks of a study's pipelines have in common."""

from __future__ import annotations

from dataclasses import dataclass

from omniforce.compiler.ir.program import Prepare, Program
from omniforce.spec.blocks.scheduling import Toleration

from ..names import claim_name
from ..placement import node_selector, tolerations
from ..pods import broker_url, trial_image
from ..steps import find, search_of
from .release import release_pipeline
from .search import search_pipeline
from .task import Pipeline


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every container gets.

    Attributes:
        image: what all of them run.
        study: the ConfigMap with the compiled study, seen under `/etc/ofc`.
        claim: the PVC of data and models, seen under `/var/lib/ofc`.
        secret: name and key of the store's URL.
        environment: plain values, sorted by name.
        gpu: what the nodes call a GPU.
        node_selector: of the nodes that trials run on; what trains and measures runs there too.
    """

    image: str
    study: str
    claim: str
    secret: tuple[str, str]
    environment: tuple[tuple[str, str], ...]
    gpu: str = "nvidia.com/gpu"
    node_selector: tuple[tuple[str, str], ...] = ()
    tolerations: tuple[Toleration, ...] = ()

    @property
    def pinned(self) -> bool:
        """Whether the image is named by digest; a tag that moves would poison the cache."""
        return "@sha256:" in self.image


def surroundings(program: Program, study: str) -> Surroundings:
    """Those of a program whose ConfigMap is called `study`."""
    kubernetes = program.platform.kubernetes
    return Surroundings(
        image=trial_image(program),
        study=study,
        claim=claim_name(program),
        secret=(kubernetes.store.name, kubernetes.store.key),
        environment=(
            ("HOME", "/tmp"),  # noqa: S108 - the pod's own
            ("OFC_BROKER", broker_url(program)),
            ("OFC_STUDY", program.name),
        ),
        gpu=kubernetes.gpu_resource,
        node_selector=node_selector(program),
        tolerations=tolerations(program),
    )


def both(program: Program) -> tuple[Pipeline, Pipeline]:
    """The `search` and the `release` pipeline of a program."""
    (prepare,), search = find(program, Prepare), search_of(program)
    return (
        search_pipeline(prepare, search, program.name),
        release_pipeline(program, prepare, search),
    )
