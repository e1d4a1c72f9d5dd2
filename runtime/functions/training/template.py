"""The object of one attempt, made of what the compiler left in `training.json`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from omniforce.targets.platforms.kubernetes.names import named
from omniforce.targets.platforms.kubernetes.training.placeholders import (
    ATTEMPT_LABEL,
    EVENT,
    LONGEST_NAME,
    NAME,
    TRIAL_LABEL,
)

from ..settings import MissingSetting

VARIABLE = "OFC_TRAINING"
"""The variable with the path of the file; where it is not set, trials are Jobs of the JobSink."""


@dataclass(frozen=True, slots=True)
class Template:
    """What an attempt becomes.

    Attributes:
        path: of the collection on the API server, `/apis/<group>/<version>/namespaces/...`.
        kind: `TrainJob`, `PyTorchJob`, `MPIJob` or `RayJob`.
        tree: the object with its placeholders.
    """

    path: str
    kind: str
    tree: Mapping[str, object]

    @classmethod
    def read(cls, environment: Mapping[str, str], namespace: str) -> Template | None:
        """Reads the mounted file; None where trials are Jobs.

        Raises:
            MissingSetting: it is not as the manifests make it.
        """
        where = environment.get(VARIABLE, "")
        if not where:
            return None
        try:
            found = json.loads(Path(where).read_text(encoding="utf-8"))
            tree, resource = found["object"], found["resource"]
            version, kind = tree["apiVersion"], tree["kind"]
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise MissingSetting(f"{where} holds no template of a trial: {error}") from error
        path = f"/apis/{version}/namespaces/{namespace}/{resource}"
        return cls(path, str(kind), cast("Mapping[str, object]", tree))

    @property
    def runner(self) -> str:
        """What `ofcrunner` says in a request for this kind."""
        return self.kind.lower()

    def filled(self, study: str, trial: int, attempt: int, event: str) -> str:
        """The object of one attempt as JSON text; equal arguments give equal bytes."""
        name = name_of(study, trial, attempt)
        numbers = {TRIAL_LABEL: str(trial), ATTEMPT_LABEL: str(attempt)}

        def fill(text: str) -> str:
            return event if text == EVENT else text.replace(NAME, name)

        return json.dumps(_mapped(self.tree, fill, numbers), sort_keys=True)


def name_of(study: str, trial: int, attempt: int) -> str:
    """What the object of an attempt is called; made twice, it is there already (409)."""
    return named(study, f"t{trial}-a{attempt}", LONGEST_NAME)


def _mapped(tree: object, fill: Callable[[str], str], numbers: Mapping[str, str]) -> object:
    match tree:
        case dict():
            entries = cast("dict[str, object]", tree)
            return {
                key: numbers[key] if key in numbers else _mapped(value, fill, numbers)
                for key, value in entries.items()
            }
        case list():
            return [_mapped(each, fill, numbers) for each in cast("list[object]", tree)]
        case str():
            return fill(tree)
        case _:
            return tree
