"""What an apply means for the study: its trials, what it can cost, and what restarts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from omniforce.compiler.ir.program import Program
from omniforce.compiler.prices import Prices
from omniforce.spec.frozen import dataclass

from ..living import Living
from ..stamps import is_stamp
from .amounts import Amounts, amounts
from .hidden import hide
from .object_plan import ObjectPlan, Plan

Fate = Literal["kept", "imputed", "invalidated"]


@dataclass(frozen=True, slots=True)
class TrialFate:
    """What a change of the spec does to the trials that are in the store.

    Attributes:
        path: in the spec.
        before: as it was; None where it was not there.
        after: as it is; None where it is not there any more.
        fate: `imputed` trials count with a value filled in for what they did not have.
        why: in a sentence.
    """

    path: str
    before: str | None
    after: str | None
    fate: Fate
    why: str


@dataclass(frozen=True, slots=True)
class Consequences:
    """A plan in the words of the study.

    Attributes:
        study: `new` where none of this name lives there, `unknown` where one does that this
            version of ofc cannot read.
        fates: what each change does to the trials that are there.
        before: what the study that lives could take at most; None where it is not known.
        after: what it can take then.
        restarts: what runs anew and what goes on, in sentences.
        notes: what else must be known.
    """

    study: Literal["new", "continues", "unchanged", "unknown"]
    fates: tuple[TrialFate, ...]
    before: Amounts | None
    after: Amounts
    restarts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def consequences(
    plan: Plan, there: Living, program: Program, prices: Prices | None = None
) -> Consequences:
    """Reads a plan for what it does to the study."""
    before = there.program
    after = amounts(program, prices)
    if before is None:
        study: Literal["new", "unknown"] = "unknown" if there.unreadable else "new"
        notes = (f"the study that is there cannot be read: {there.unreadable}",)
        restarts = () if study == "new" else tuple(_restarts(plan))
        return Consequences(study, (), None, after, restarts, notes if there.unreadable else ())
    changed = before.digest != program.digest
    return Consequences(
        "continues" if changed else "unchanged",
        _fates(before, program) if changed else (),
        amounts(before, prices),
        after,
        tuple(_restarts(plan)),
        tuple(_notes(plan, program, changed)),
    )


def _fates(before: Program, after: Program) -> tuple[TrialFate, ...]:
    from omniforce.compiler.diff.compare import compare

    # What holds for a part of the trials only says so first.
    return tuple(
        TrialFate(
            c.path,
            _told(c.before),
            _told(c.after),
            c.fate,
            hide(f"{c.only}, else invalidated; {c.why}" if c.only else c.why),
        )
        for c in compare(before, after)
    )


def _told(text: str | None) -> str | None:
    return None if text is None else hide(text)


def _notes(plan: Plan, program: Program, changed: bool) -> Iterator[str]:
    if changed:
        yield (
            f"a study `{program.name}` that was started is in the store under the spec before: "
            "it is not started again under this name (OFC756)"
        )
    if any(_is(o, "ConfigMap") and o.replaces is not None for o in plan.objects):
        yield (
            "a prune takes the old ConfigMap from trials that have not started yet: prune when "
            "none is under way"
        )
    if any(o.drift for o in plan.objects):
        yield "an apply takes back what was changed by hand"


def _restarts(plan: Plan) -> Iterator[str]:
    touched = [o for o in plan.objects if o.action in ("change", "replace", "delete")]
    yield from _functions(touched)
    if any(_is(o, "JobSink") and _tells(o) for o in touched):
        yield "trials under way go on as they were made; those requested later are made anew"
    if any(_is(o, "PipelineVersion") and o.action == "replace" for o in touched):
        yield "pipeline runs under way keep the version that they have"
    for each in touched:
        if said := _server(each) if _is(each, "InferenceService") else _lost(each):
            yield said


def _functions(plans: list[ObjectPlan]) -> Iterator[str]:
    functions = [
        o for o in plans if _is(o, "Service") and "serving.knative.dev" in o.reference.api_version
    ]
    renewed = [
        f"`{o.reference.name}`"
        for o in functions
        if o.action != "delete" and any(f.path.startswith("spec.template") for f in o.fields)
    ]
    if len(renewed) == 1:
        yield f"{renewed[0]} gets a new revision: its next event wakes it from zero"
    elif renewed:
        listed = f"{', '.join(renewed[:-1])} and {renewed[-1]}"
        yield f"{listed} get new revisions: their next events wake them from zero"
    yield from (
        f"the function `{o.reference.name}` goes" for o in functions if o.action == "delete"
    )


def _is(plan: ObjectPlan, kind: str) -> bool:
    return plan.reference.kind == kind


def _tells(plan: ObjectPlan) -> bool:
    return any(not is_stamp(f.path) for f in plan.fields)


def _lost(plan: ObjectPlan) -> str:
    if plan.action != "delete":
        return ""
    if _is(plan, "Broker"):
        return "events on their way are lost with the broker"
    if _is(plan, "PersistentVolumeClaim"):
        return f"the data and models on `{plan.reference.name}` are lost"
    return ""


def _server(plan: ObjectPlan) -> str:
    name = plan.reference.name
    if plan.action == "delete":
        return f"the model server `{name}` goes, and nobody answers"
    predictor = [f for f in plan.fields if f.path.startswith("spec.predictor")]
    model = any(f.path.endswith("storageUri") for f in predictor)
    if not predictor:
        return ""
    if model:
        return (
            f"`{name}` rolls out a server for the new model, which is ready once the release "
            "pipeline has made it; the one before serves until then"
        )
    return f"`{name}` rolls out new servers; those before serve until they are ready"
