"""All that `ofc plan` says: objects, their causes, what it means for the study, what is lacking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from omniforce.compiler.ir.program import Program
from omniforce.compiler.prices import Prices
from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.frozen import dataclass
from omniforce.spec.source import Path, Span

from ...names import namespace_of
from ...target import objects
from ..apply_set import applied_objects
from ..cluster import Cluster, Reference
from ..living import Living, living
from ..preflight import preflight
from .causes import Causes, causes
from .consequences import Consequences, TrialFate, consequences
from .object_plan import Action, ObjectPlan, Plan
from .plan import make_plan
from .spec_changes import SpecChange, spec_changes

ACTIONS: Final[tuple[Action, ...]] = (
    "create",
    "change",
    "replace",
    "delete",
    "unchecked",
    "unchanged",
)
"""Every action, in the order in which they are counted out."""


@dataclass(frozen=True, slots=True)
class Report:
    """A plan with its reasons.

    Attributes:
        against: the cluster's context, or the folder that stands for it.
        offline: whether a folder was compared, and no cluster was asked.
        digests: of the spec that lives, empty where none does, and of the new one.
        findings: what the cluster lacks.
    """

    study: str
    namespace: str
    against: str
    offline: bool
    digests: tuple[str, str]
    plan: Plan
    causes: Causes
    consequences: Consequences
    findings: tuple[Diagnostic, ...] = ()

    @property
    def stops(self) -> bool:
        """Whether an apply would stop before its end."""
        return any(d.is_error for d in self.findings) or bool(self.plan.blocked)

    @property
    def counts(self) -> Mapping[Action, int]:
        """How many objects there are of each action."""
        each = [o.action for o in self.plan.objects]
        return {action: each.count(action) for action in ACTIONS}

    @property
    def stamped(self) -> tuple[ObjectPlan, ...]:
        """Objects that only get the new spec's digest."""
        return tuple(o for o in self.plan.objects if o.only_stamped)


def make_report(
    cluster: Cluster,
    program: Program,
    spans: Mapping[Path, Span],
    *,
    members: Sequence[Reference] = (),
    prices: Prices | None = None,
    force: bool = False,
    check: bool = True,
    offline: bool = False,
) -> Report:
    """Asks the cluster everything that a plan says. Writes nothing.

    Args:
        cluster: or a folder that stands for it.
        program: the compiled study.
        spans: the places of the spec's values.
        members: what of ours is there.
        prices: for money.
        force: whether an apply would take fields from other managers.
        check: whether to look for what the cluster lacks.
        offline: whether `cluster` is a folder.

    Raises:
        ClusterFault: the cluster does not answer, or the identity may not look.
    """
    # a folder has what `ofc compile` wrote, without the mark of the set
    new = objects(program) if offline else applied_objects(program)
    findings = preflight(cluster, program, new) if check and not offline else ()
    there = living(cluster, program)
    applied = () if there.program is None or offline else applied_objects(there.program)
    plan = make_plan(cluster, new, members=members, applied=applied, force=force, offline=offline)
    said = consequences(plan, there, program, prices)
    return Report(
        study=program.name,
        namespace=namespace_of(program),
        against=cluster.name,
        offline=offline,
        digests=(there.program.digest if there.program else "", program.digest),
        plan=plan,
        causes=_causes(there, program, spans, said.fates),
        consequences=said,
        findings=findings,
    )


def _causes(
    there: Living, program: Program, spans: Mapping[Path, Span], fates: Sequence[TrialFate]
) -> Causes:
    if there.program is None or there.program.digest == program.digest:
        return Causes()
    changes = spec_changes(there.program, program, spans)
    written = {f.path: f for f in fates}
    told = tuple(_as_written(c, written.get(c.path)) for c in changes)
    return causes(there.program, program, told)


def _as_written(change: SpecChange, fate: TrialFate | None) -> SpecChange:
    """The change with its values in the words of the language: `2m` and not `120.0`."""
    if fate is None:
        return change
    return replace(change, before=fate.before, after=fate.after)
