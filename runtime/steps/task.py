"""What every step is given, and how it reads the study that it is of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from omniforce.compiler.ir.program import Prepare, Program, Search, StepFacts, Train
from omniforce.spec.blocks.devices import Device
from omniforce.spec.problem import Problem

from ..functions.settings import program_of
from ..rewards import search_of

S = TypeVar("S", bound=StepFacts)


@dataclass(frozen=True, slots=True)
class Task:
    """One run of a step.

    Attributes:
        program: the compiled study.
        environment: `OFC_BROKER`, `OFC_STORE_URL`... where the step needs them.
        options: the command line, by name without its dashes.
    """

    program: Program
    environment: Mapping[str, str]
    options: Mapping[str, str]

    @classmethod
    def read(cls, environment: Mapping[str, str], options: Mapping[str, str]) -> Task:
        """Reads the mounted study from `OFC_CONFIG`, `/etc/ofc` where it is not set.

        Raises:
            Problem: it is not there.
            MissingSetting: it holds no compiled study.
        """
        path = Path(environment.get("OFC_CONFIG", "/etc/ofc")) / "study.json"
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise Problem(
                "OFC770", f"the compiled study cannot be read: {error}", "mount its ConfigMap there"
            ) from error
        return cls(program_of(text), environment, options)

    @property
    def search(self) -> Search:
        """The study's search."""
        return search_of(self.program)

    @property
    def prepare(self) -> Prepare:
        """What is learnt from."""
        return self.step(Prepare)

    @property
    def train(self) -> Train:
        """What the release trains."""
        return self.step(Train)

    def step(self, kind: type[S]) -> S:
        """The study's step of a kind.

        Raises:
            Problem: it has none, so this pipeline is not of this study.
        """
        for each in self.program.steps:
            if isinstance(each, kind):
                return each
        raise Problem(
            "OFC771",
            f"the study `{self.program.name}` has no step `{kind.__name__.lower()}`",
            "the pipeline and the mounted study are of different specs: compile both anew",
        )

    def device(self) -> Device:
        """The device that `--device` names."""
        name = self.value("device")
        for device in self.search.devices:
            if device.name == name:
                return device
        raise Problem(
            "OFC771",
            f"the study `{self.program.name}` has no device `{name}`",
            "the pipeline and the mounted study are of different specs: compile both anew",
        )

    def value(self, name: str) -> str:
        """An option that the step cannot do without."""
        found = self.options.get(name)
        if found is None:
            raise Problem(
                "OFC772", f"the step got no `--{name}`", f"add `--{name}`, as the pipeline does"
            )
        return found

    def path(self, name: str) -> Path:
        """A path that the pipeline hands in."""
        return Path(self.value(name))

    def folder(self, name: str) -> Path:
        """A folder to write to, made if it is not there."""
        path = self.path(name)
        path.mkdir(parents=True, exist_ok=True)
        return path

    def write(self, name: str, text: str) -> None:
        """Writes a short output to the file that `--name` gives."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def write_figures(self, name: str, figures: Mapping[str, float]) -> None:
        """Writes metrics, as JSON sorted by name."""
        self.write(name, json.dumps(dict(figures), sort_keys=True, indent=2) + "\n")
