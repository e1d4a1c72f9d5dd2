"""Give every step what its container may use.

    train(resources=None)                        =>  train(resources as one trial's)
    serve(device={threads: 2}, resources=None)   =>  serve(resources={cpu: 2, memory: 2 GiB})

Needs lowered steps; a search brings the resources of one trial from the spec. Promises resources
on every step, and cores enough for the threads that a measurement in a trial takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from omniforce.spec.blocks.search import Resources
from omniforce.spec.diagnostic import Diagnostic, Related, Severity
from omniforce.spec.frozen import dataclass

from ..ir.program import (
    Advise,
    Convert,
    Explain,
    Measure,
    Notify,
    Prepare,
    Program,
    Register,
    Search,
    Serve,
    Step,
    Train,
    Watch,
)
from .context import Context, Outcome

GIB = 2**30
SMALL = Resources(cpu=0.5, memory=GIB // 2)


@dataclass(frozen=True, slots=True)
class SizeResources:
    """Sizes steps by their kind.

    Attributes:
        small: for steps that move files and call services.
        server_memory: of a model server or an explainer, in bytes.
    """

    name: str = "size-resources"
    small: Resources = SMALL
    server_memory: int = 2 * GIB

    def run(self, program: Program, context: Context) -> Outcome:
        """The program with resources on every step."""
        search = next(s for s in program.steps if isinstance(s, Search))
        trial = search.resources or Resources()
        steps = tuple(
            s if s.resources is not None else replace(s, resources=self._size(s, trial))
            for s in program.steps
        )
        found = tuple(_starved(search, trial, context))
        return Outcome(replace(program, steps=steps), found)

    def _size(self, step: Step, trial: Resources) -> Resources:
        match step:
            case Search() | Train():
                return trial
            case Prepare():
                return replace(trial, gpu=0)
            case Convert(device=device) | Measure(device=device):
                return Resources(cpu=float(device.threads), memory=trial.memory)
            case Serve(device=device):
                return Resources(cpu=float(device.threads), memory=self.server_memory)
            case Explain():
                return Resources(memory=self.server_memory)
            case Register() | Watch() | Advise() | Notify():
                return self.small


def _starved(search: Search, trial: Resources, context: Context) -> Iterator[Diagnostic]:
    for device in search.devices:
        if device.threads > trial.cpu:
            cores = context.at("spec", "search", "trial", "resources", "cpu")
            yield Diagnostic(
                "OFC504",
                f"`{device.name}` is measured with {device.threads} threads, "
                f"and a trial has {trial.cpu:g} cores",
                context.at("spec", "devices", device.name, "threads"),
                "latencies would measure the throttling",
                f"write `cpu: {device.threads}` under `search.trial.resources`",
                Severity.WARNING,
                (Related(cores, "a trial's cores"),)
                if cores and context.written("spec", "search", "trial", "resources", "cpu")
                else (),
            )
