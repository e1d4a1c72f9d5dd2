"""What a RayJob cannot do for a program, and what `ofc run --on ray` cannot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from omniforce.compiler.capabilities import unsupported
from omniforce.compiler.ir.program import Program
from omniforce.spec.diagnostic import Diagnostic

from ...target import File
from ..foreign_search.refusals import LARGEST, limit, place
from ..kubernetes.names import LONGEST_SERVICE, is_label
from ..kubernetes.refusals import no_source
from ..kubernetes.study_files import study_json
from ..local.plan import plan, plan_text
from ..local.target import SUPPORTS as HERE

TARGET: Final = "ray"

_CLUSTER: Final = frozenset({"budget.gpuHours", "gpu", "nodes", "nodes.elastic"})
"""What Ray adds to this machine: its nodes."""

SUPPORTS: Final = (HERE - {"canary", "command", "estimator", "serve"}) | _CLUSTER | {"image"}
"""The words of `compiler.capabilities` that a RayJob does; it ends, so it serves nothing."""

SUPPORTS_RUN: Final = HERE | _CLUSTER
"""The words that `ofc run --on ray` does: what runs here, with more room."""


@dataclass(frozen=True, slots=True)
class RayRun:
    """Ray as `ofc run --on ray` uses it: there is nothing to write but the plan."""

    name: ClassVar[str] = TARGET

    def refuse(self, program: Program) -> tuple[Diagnostic, ...]:
        """All that neither this machine nor Ray does, each with its place and a way out."""
        return unsupported(self.name, SUPPORTS_RUN, program)

    def emit(self, program: Program) -> tuple[File, ...]:
        """The plan as text."""
        return (File("plan.txt", plan_text(plan(program))),)


def refusals(program: Program) -> Iterator[Diagnostic]:
    """What a RayJob has no word for, then what is more than it takes."""
    yield from unsupported(TARGET, SUPPORTS, program)
    yield from no_source(TARGET, program)
    if not is_label(program.name, LONGEST_SERVICE):
        yield limit(
            f"the name `{program.name}` has more than {LONGEST_SERVICE} characters, or is no label",
            place(program, "metadata.name", None),
            f"`{TARGET}` takes no longer one",
            f"write small letters, digits and dashes, at most {LONGEST_SERVICE}, a letter first",
        )
    size = len(study_json(program).encode())
    if size > LARGEST:
        yield limit(
            f"the study has {size} bytes, of which a ConfigMap holds {LARGEST}",
            place(program, "spec.searchSpace", None),
            "too large",
            "make the search space smaller, or move long SQL into a view of the database",
        )
