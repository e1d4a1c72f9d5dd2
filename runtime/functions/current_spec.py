"""Which spec a function works under: the one that it was deployed with, or the study's own by now.

A new revision of a function is deployed with a changed spec, which it then makes the study's own;
the old one may run beside it for a while (demand 3) and must not turn it back. Knative numbers its
revisions, so the higher number has the later word. People may also have revised the study through
the API, of which no function was deployed: then the store has the word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from omniforce.compiler.ir.program import Program

from ..rewards import search_of
from ..steering.steering import Steering
from ..store.store import Store
from .settings import program_of

GENERATION = "generation"


def generation_of(environment: Mapping[str, str]) -> int:
    """The number of a function's revision: 3 of `digits-search-00003`; 0 where it has none."""
    found = re.search(r"-(\d{1,9})$", environment.get("K_REVISION", ""))
    return int(found[1]) if found else 0


@dataclass(frozen=True, slots=True)
class CurrentSpec:
    """The spec that a function was deployed with.

    Attributes:
        text: the program as JSON text.
        generation: of the function's revision.
    """

    program: Program
    text: str
    generation: int

    def of(self, store: Store, now: float, *, make: bool) -> Program:
        """The program that the study has by now; this one becomes it where it is newer.

        Args:
            store: of the study.
            now: seconds since the epoch.
            make: whether a study that is not there is made.

        Raises:
            Problem: the store cannot be used, or has a study of this name from another project.
        """
        record = store.study(self.program.name)
        if record is None:
            if make:
                self._make(store, now)
            return self.program
        if record.digest == self.program.digest:
            return self.program
        if self.generation > self._latest(store):
            steering = Steering(store, record.name, "apply", lambda: now)
            steering.revise(self.program, self.text, generation=self.generation)
            return self.program
        return program_of(record.program)

    def _make(self, store: Store, now: float) -> None:
        program = self.program
        store.create_study(
            program.name,
            self.text,
            program.digest,
            now,
            algorithm=search_of(program).algorithm.name,
        )
        with store.lock(program.name) as session:
            session.note("apply", "start", {GENERATION: self.generation}, now)

    def _latest(self, store: Store) -> int:
        """The highest generation that has made its spec the study's own."""
        details = (json.loads(action.detail) for action in store.actions(self.program.name))
        return max((detail.get(GENERATION, 0) for detail in details), default=0)
