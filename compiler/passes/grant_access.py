"""Grant each step's identity what it does on the platform, and nothing else.

    search(permissions=())    =>  search(create pingsources; get, delete the one tick)
    register(permissions=())  =>  register(create inferenceservices; get, patch the one server)

Needs lowered steps. Promises least privilege: every verb but `create`, which RBAC cannot bind to a
name, is bound to the one object that the step owns. Steps that only read and write files and the
store have no permission at all.
"""

from __future__ import annotations

from dataclasses import replace

from omniforce.spec.frozen import dataclass

from ..ir.program import Permission, Program, Register, Search, Serve, Step
from ..runners import TRAINING_RESOURCES, training_of
from .context import Context, Outcome


@dataclass(frozen=True, slots=True)
class GrantAccess:
    """Grants by the kind of step."""

    name: str = "grant-access"

    def run(self, program: Program, context: Context) -> Outcome:
        """The program with the permissions of every step."""
        served = any(isinstance(s, Serve) for s in program.steps)
        return Outcome(
            replace(
                program,
                steps=tuple(
                    replace(s, permissions=_granted(s, program, served)) for s in program.steps
                ),
            )
        )


def _granted(step: Step, program: Program, served: bool) -> tuple[Permission, ...]:
    study = program.name
    match step:
        case Search():
            # The tick exists only while the study runs: dispatch makes it and takes it away.
            tick = _own("sources.knative.dev", "pingsources", f"{study}-tick", "get", "delete")
            training = training_of(program)
            if training is None:
                return tick
            # what it makes of a trial has a name of that trial, which is not known here
            verbs = ("create", "list", "delete")
            return (*tick, Permission(*TRAINING_RESOURCES[training.kind], verbs))
        case Register() if served:
            return _own("serving.kserve.io", "inferenceservices", study, "get", "patch")
        case _:
            return ()


def _own(group: str, resource: str, name: str, *verbs: str) -> tuple[Permission, ...]:
    return (
        Permission(group, resource, ("create",)),
        Permission(group, resource, verbs, (name,)),
    )
