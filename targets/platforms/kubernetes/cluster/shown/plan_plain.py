"""A plan for programs."""

from __future__ import annotations

from omniforce.compiler.diagnostics.json_ import plain_diagnostics
from omniforce.spec.plain.values import to_plain
from omniforce.spec.source import Span

from ..cluster import Reference
from ..planning.object_plan import ObjectPlan
from ..planning.report import Report
from ..planning.spec_changes import SpecChange


def plan_plain(report: Report) -> dict[str, object]:
    """Everything, as JSON has it; a field's `causes` are places in `spec`."""
    changes = report.causes.changes
    return {
        "study": report.study,
        "namespace": report.namespace,
        "against": report.against,
        "offline": report.offline,
        "digest": {"before": report.digests[0] or None, "after": report.digests[1]},
        "changes": report.plan.changes,
        "stops": report.stops,
        "counts": dict(report.counts),
        "spec": [_change(c) for c in changes],
        "consequences": to_plain(report.consequences),
        "objects": [_object(o, report) for o in report.plan.objects],
        "diagnostics": plain_diagnostics(report.findings),
    }


def _change(change: SpecChange) -> dict[str, object]:
    return {
        "path": change.path,
        "before": change.before,
        "after": change.after,
        "span": plain_span(change.span),
    }


def plain_span(span: Span | None) -> dict[str, object] | None:
    """Where something begins, counted from 1."""
    if span is None:
        return None
    return {"file": span.file, "line": span.line, "column": span.column}


def _reference(reference: Reference | None) -> dict[str, object] | None:
    if reference is None:
        return None
    return {
        "apiVersion": reference.api_version,
        "kind": reference.kind,
        "namespace": reference.namespace,
        "name": reference.name,
    }


def _object(plan: ObjectPlan, report: Report) -> dict[str, object]:
    places = {c.path: i for i, c in enumerate(report.causes.changes)}
    fields = [
        {
            "path": f.path,
            "before": f.before,
            "after": f.after,
            "causes": [places[c.path] for c in report.causes.of(plan, f.path)],
        }
        for f in plan.fields
    ]
    caused = plan.action not in ("unchanged", "unchecked") or bool(plan.fields)
    return {
        **(_reference(plan.reference) or {}),
        "action": plan.action,
        "fields": fields,
        "causes": [places[c.path] for c in report.causes.of(plan)] if caused else [],
        "reason": plan.reason,
        "replaces": _reference(plan.replaces),
        "conflicts": [to_plain(c) for c in plan.conflicts],
        "drift": [to_plain(d) for d in plan.drift],
        "refused": plan.refused,
    }
