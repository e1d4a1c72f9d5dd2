"""A plan for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from omniforce.compiler.diagnostics.width import visible
from omniforce.spec.frozen import dataclass

from ..planning.causes import Causes
from ..planning.consequences import Consequences
from ..planning.difference import FieldChange
from ..planning.object_plan import Action, ObjectPlan
from ..planning.report import Report
from ..planning.spec_changes import SpecChange
from ..stamps import is_stamp
from .values import STUDY, arrow, bounds, named, value

SIGNS: Final = {
    "create": ("+", "\x1b[32m"),
    "change": ("~", "\x1b[33m"),
    "replace": ("±", "\x1b[33m"),
    "delete": ("-", "\x1b[31m"),
    "unchecked": ("?", "\x1b[36m"),
}
_BOLD, _DIM, _RED, _OFF = "\x1b[1m", "\x1b[2m", "\x1b[1;31m", "\x1b[0m"

FIELDS: Final = 12
"""Fields of one object that are shown; JSON has them all."""

MANY: Final = 5
"""New objects from which on they are listed by kind."""

CAUSES: Final = 3
"""Files that are named for one field."""

LINES: Final = 6
"""Lines of a file that are named for one field."""

HELD: Final = 4
"""Fields of one object that are named in a conflict."""

_STAMP: Final = re.compile(r"omniforce\.dev/spec-digest|app\.kubernetes\.io/version$")

COLUMN: Final = 64
"""Cells of a column beyond which a longer value moves only its own row."""


@dataclass(frozen=True, slots=True)
class Paint:
    """Colours, where there are any."""

    color: bool

    def __call__(self, style: str, text: str) -> str:
        """The text in a colour."""
        return f"{style}{text}{_OFF}" if self.color and text else text


def plan_text(report: Report, color: bool = False) -> str:
    """The whole plan; without preflight's findings, which are diagnostics."""
    paint = Paint(color)
    parts = [
        [_head(report, paint)],
        _spec(report.causes, paint),
        _study(report.consequences, paint),
        list(_objects(report, paint)),
        list(_drift(report.plan.objects, paint)),
        list(_blocked(report, paint)),
        [_tally(report, paint)],
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def _head(report: Report, paint: Paint) -> str:
    what = f"{report.study} in {report.namespace}"
    against = f"against {report.against}" if report.offline else f"on {report.against}"
    return paint(_BOLD, f"{visible(what)}, {visible(against)}")


def _spec(causes: Causes, paint: Paint) -> list[str]:
    if not causes.changes:
        return []
    rows = [(place_of(c), c.path, arrow(c.before, c.after)) for c in causes.changes]
    return [paint(_BOLD, "Spec"), *_columns(rows)]


def _study(said: Consequences, paint: Paint) -> list[str]:
    lines = [paint(_BOLD, "Study") + f" {STUDY[said.study]}"]
    lines += _columns(bounds(said.before, said.after))
    counted = {f: sum(x.fate == f for x in said.fates) for f in ("kept", "imputed", "invalidated")}
    if said.fates:
        worst = next(f for f in ("invalidated", "imputed", "kept") if counted[f])
        lines.append(f"  trials that are there: {worst}")
        rows = [(x.fate, x.path, visible(x.why)) for x in said.fates]
        lines += [f"  {line}" for line in _columns(rows)]
    lines += [f"  {visible(line)}" for line in (*said.restarts, *said.notes)]
    return lines


def _objects(report: Report, paint: Paint) -> Iterator[str]:
    shown = [
        o
        for o in report.plan.objects
        if o.action != "unchanged" and not o.only_stamped and not _waits(o)
    ]
    waiting = [o for o in report.plan.objects if _waits(o)]
    if not shown and not waiting and not report.stamped:
        return
    yield paint(_BOLD, "Objects")
    many = [o for o in shown if o.action == "create" and not o.refused and not o.conflicts]
    many = many if len(many) > MANY else []
    if many:
        sign, style = SIGNS["create"]
        yield f"  {paint(style, sign)} create {len(many)} objects"
        yield from _by_kind(many, paint)
    told = {id(o) for o in many}
    for each in shown:
        if id(each) not in told:
            yield from _object(each, report, paint)
    yield from _waiting(waiting, paint)
    if report.stamped:
        sign, style = SIGNS["change"]
        yield f"  {paint(style, sign)} {stamped_words(len(report.stamped))}"


def stamped_words(count: int) -> str:
    """What happens to objects that only get other labels of ours."""
    change = "changes" if count == 1 else "change"
    return f"{count} more {change} only in the labels that say of which spec they are"


def _waits(plan: ObjectPlan) -> bool:
    return plan.action == "unchecked" and not plan.fields and not plan.refused


def _waiting(waiting: list[ObjectPlan], paint: Paint) -> Iterator[str]:
    """Objects that cannot be checked yet: one line a reason, then a line a kind."""
    sign, style = SIGNS["unchecked"]
    for reason in dict.fromkeys(o.reason for o in waiting):
        here = [o for o in waiting if o.reason == reason]
        count = f"{len(here)} object{'' if len(here) == 1 else 's'}"
        yield f"  {paint(style, sign)} {count} {visible(reason)}"
        yield from _by_kind(here, paint)


def _by_kind(plans: list[ObjectPlan], paint: Paint) -> Iterator[str]:
    kinds = dict.fromkeys(p.reference.kind for p in plans)
    names = {k: [p.reference.name for p in plans if p.reference.kind == k] for k in kinds}
    rows = [(visible(k), visible(", ".join(each))) for k, each in names.items()]
    yield from (f"    {paint(_DIM, line)}" for line in _columns(rows))


def _object(plan: ObjectPlan, report: Report, paint: Paint) -> Iterator[str]:
    causes = report.causes
    sign, style = SIGNS[plan.action]
    line = f"  {paint(style, sign)} {plan.action:<9} {paint(_BOLD, named(plan))}"
    if plan.replaces is not None:
        line += f", in the place of {visible(plan.replaces.name)}"
    if plan.reason:
        line += f": {visible(plan.reason)}"
    told, following = telling(plan, report)
    because = {f.path: cited(causes.of(plan, f.path)) for f in told}
    one = len(set(because.values())) <= 1
    head = next(iter(because.values()), "") if told else cited(causes.of(plan))
    yield line + (paint(_DIM, f"  # {head}") if one and head else "")
    if plan.action == "create":
        return
    rows = [(visible(f.path), arrow(f.before, f.after)) for f in told[:FIELDS]]
    for field, written in zip(told, _columns(rows), strict=False):
        place = "" if one else because[field.path]
        yield f"    {written}" + (paint(_DIM, f"  # {place}") if place else "")
    if len(told) > FIELDS:
        yield f"      {len(told) - FIELDS} more fields, which `-o json` shows"
    if following:
        yield f"      {follow_words(following)}"


def telling(plan: ObjectPlan, report: Report) -> tuple[list[FieldChange], list[FieldChange]]:
    """The fields that say something, and those that only follow an object's new name."""
    fields = [f for f in plan.fields if not is_stamp(f.path)]
    following = [f for f in fields if report.plan.follows(f)]
    return [f for f in fields if f not in following], following


def follow_words(fields: list[FieldChange]) -> str:
    """`spec...configMap.name follows`, for any number of fields."""
    if len(fields) == 1:
        return f"{visible(fields[0].path)} follows: {arrow(fields[0].before, fields[0].after)}"
    return f"{len(fields)} fields follow the new names of what is replaced"


def cited(changes: Iterable[SpecChange]) -> str:
    """The lines of a few changes of the spec: `omniforce.yaml:64, 83`."""
    lines: dict[str, list[str]] = {}
    for change in changes:
        span = change.span
        where, line = (change.path, "") if span is None else (span.file, str(span.line))
        if line not in lines.setdefault(where, []):
            lines[where].append(line)
    shown = [_lines(visible(file), each) for file, each in lines.items()]
    more = f" and {len(shown) - CAUSES} more" if len(shown) > CAUSES else ""
    return ", ".join(shown[:CAUSES]) + more


def _lines(file: str, lines: list[str]) -> str:
    if lines == [""]:
        return file
    more = f" and {len(lines) - LINES} more" if len(lines) > LINES else ""
    return f"{file}:{', '.join(lines[:LINES])}{more}"


def place_of(change: SpecChange) -> str:
    """`omniforce.yaml:64:22`, or the path where the spec does not say it."""
    return visible(str(change.span)) if change.span is not None else change.path


def _drift(plans: Iterable[ObjectPlan], paint: Paint) -> Iterator[str]:
    rows = [
        (
            named(plan),
            visible(d.path),
            f"{value(d.applied)} was applied, {value(d.live)} is there",
            f"by {visible(d.manager)}" if d.manager else "",
        )
        for plan in plans
        for d in plan.drift
    ]
    if rows:
        yield paint(_BOLD, "Changed by hand since the last apply")
        yield from _columns(rows)


def _blocked(report: Report, paint: Paint) -> Iterator[str]:
    for name, manager, fields in conflicts(report):
        yield f"{paint(_RED, 'conflict')} {name}: `{manager}` holds {fields}"
    for said, names in refusals(report).items():
        yield f"{paint(_RED, 'refused')} {', '.join(names)}: {visible(said)}"
    if any(p.conflicts for p in report.plan.objects):
        yield "an apply takes them over with `--force-conflicts`; without, it stops there"


def conflicts(report: Report) -> Iterator[tuple[str, str, str]]:
    """Object, manager and fields; what only says which spec an object is of is counted."""
    stamped: dict[str, int] = {}
    for plan in report.plan.objects:
        for manager in dict.fromkeys(c.manager for c in plan.conflicts):
            held = [c.field for c in plan.conflicts if c.manager == manager]
            telling = [f for f in held if not _STAMP.search(f)]
            if not telling:
                stamped[manager] = stamped.get(manager, 0) + 1
                continue
            more = f" and {len(telling) - HELD} more" if len(telling) > HELD else ""
            yield named(plan), visible(manager), visible(", ".join(telling[:HELD])) + more
    for manager, count in stamped.items():
        objects = "1 object" if count == 1 else f"{count} objects"
        yield objects, visible(manager), "the digest of the spec"


def refusals(report: Report) -> dict[str, list[str]]:
    """What the server says against objects, with all of which it says that."""
    found: dict[str, list[str]] = {}
    for plan in report.plan.objects:
        if plan.refused:
            found.setdefault(plan.refused, []).append(named(plan))
    return found


def _tally(report: Report, paint: Paint) -> str:
    counts = report.counts
    if not report.plan.changes:
        return paint(_BOLD, f"No changes: {counts['unchanged']} objects are as the spec says.")
    words: tuple[Action, ...] = ("create", "change", "replace", "delete")
    said = ", ".join(f"{counts[w]} to {w}" for w in words)
    said += f", {counts['unchecked']} unchecked" if counts["unchecked"] else ""
    return paint(_BOLD, f"Plan: {said}; {counts['unchanged']} unchanged.")


def _columns(rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Rows with their columns below each other, indented by two."""
    table = list(rows)
    if not table:
        return []
    last = len(table[0]) - 1
    widths = [max(min(len(row[i]), COLUMN) for row in table) for i in range(last)]
    return [
        "  "
        + "  ".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[last]]).rstrip()
        for row in table
    ]
