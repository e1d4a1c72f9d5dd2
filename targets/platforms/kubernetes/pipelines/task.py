"""One container of a pipeline, in the words of this project; `ir.py` writes it in KFP's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from omniforce.compiler.errors import CompilerBug
from omniforce.compiler.ir.program import Step
from omniforce.spec.blocks.search import Resources

ArtifactType = Literal["Dataset", "Model", "Metrics", "Artifact"]


@dataclass(frozen=True, slots=True)
class ArtifactInput:
    """A file or folder that another task left: `data` from `prepare.data`."""

    name: str
    type: ArtifactType
    task: str
    output: str


@dataclass(frozen=True, slots=True)
class ParameterInput:
    """A short text that another task left."""

    name: str
    task: str
    output: str


@dataclass(frozen=True, slots=True)
class Task:
    """A step of a pipeline.

    Attributes:
        name: of the task, and the word that `omniforce.runtime.steps` knows it by.
        doc: one line for people.
        artifacts: read; each becomes `--name PATH`.
        parameters: read; each becomes `--name VALUE`.
        makes: artifacts it leaves, by name and type; each becomes `--name PATH`.
        tells: short texts it leaves; each becomes `--name PATH` of a file to write.
        after: tasks that must be over first though nothing of theirs is read.
        cached: whether the same inputs may take an earlier run's outputs.
        cache_key: what stands for the inputs where they do not say it all.
        retries: how often a failure is tried again.
        timeout: seconds, after which the pod is ended.
        store: whether it talks to the store, and so gets the store's secret.
        volume: whether it reads or writes the study's volume.
        device: the device it works for; becomes `--device NAME`.
    """

    name: str
    doc: str
    resources: Resources
    timeout: int
    artifacts: tuple[ArtifactInput, ...] = ()
    parameters: tuple[ParameterInput, ...] = ()
    makes: tuple[tuple[str, ArtifactType], ...] = ()
    tells: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    cached: bool = False
    cache_key: str | None = None
    retries: int = 1
    store: bool = False
    volume: bool = False
    step: str = ""
    device: str = ""

    @property
    def needs(self) -> tuple[str, ...]:
        """The tasks that must be over first, each once, sorted as KFP's own compiler does."""
        read = [i.task for i in self.artifacts] + [i.task for i in self.parameters]
        return tuple(sorted({*read, *self.after}))


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Tasks under one name."""

    name: str
    doc: str
    tasks: tuple[Task, ...]


def resources_of(step: Step) -> Resources:
    """What a step's container may use."""
    if step.resources is None:
        raise CompilerBug("size-resources", (f"`{step.name}` has no resources",))
    return step.resources
