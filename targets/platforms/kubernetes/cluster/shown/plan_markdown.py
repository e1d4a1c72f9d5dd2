"""A plan as a comment on a pull request: what matters first, the rest behind a click.

GitHub takes 65,536 characters; what is longer is cut at the end of a line, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from omniforce.compiler.diagnostics.width import visible
from omniforce.spec.diagnostic import Diagnostic

from ..planning.object_plan import ObjectPlan
from ..planning.report import ACTIONS, Report
from .plan_text import (
    FIELDS,
    cited,
    conflicts,
    follow_words,
    place_of,
    refusals,
    stamped_words,
    telling,
)
from .values import STUDY, arrow, bounds, named, value

LONGEST: Final = 65_536
"""Characters of a comment on GitHub."""

MARKER: Final = "<!-- ofc plan: {} -->"
"""The first line, by which CI finds its own comment to write over."""

_SIGNS: Final = {
    "create": "+",
    "change": "!",
    "replace": "!",
    "delete": "-",
    "unchecked": "#",
}
"""What GitHub colours in a `diff`: green, orange, red, grey."""


def plan_markdown(report: Report, longest: int = LONGEST) -> str:
    """The comment; its first line is the same for every plan of a study."""
    head = [
        MARKER.format(visible(report.study)),
        f"### {_verdict(report)} {_code(report.study)} on {_code(report.against)}",
        "",
        _tally(report),
        *_section("", _findings(report.findings)),
        *_section("", _blocked(report)),
        *_section("", _spec(report)),
        *_section("", _study(report)),
        *_section("", _drift(report.plan.objects)),
    ]
    text = _cut(head, longest)
    details = list(_objects(report))
    room = longest - len(text) - _ROOM
    if not details or room < 0:
        return text
    return text + "\n".join([*_OPEN, _cut(details, room).rstrip("\n"), *_CLOSE]) + "\n"


def refused_markdown(name: str, found: Iterable[Diagnostic], longest: int = LONGEST) -> str:
    """The comment where the spec is refused, so that there is nothing to plan.

    Args:
        name: of the study, or of its file where not even that could be read.
        found: what is said of the spec.
        longest: characters of the comment.
    """
    head = [MARKER.format(visible(name)), f"### The spec of {_code(name)} is refused", ""]
    return _cut([*head, *_findings(found)], longest)


_OPEN: Final = ("", "<details><summary>Objects</summary>", "", "```diff")
_CLOSE: Final = ("```", "", "</details>")
_ROOM: Final = len("\n".join((*_OPEN, *_CLOSE))) + 2


def _cut(lines: Iterable[str], longest: int) -> str:
    """The lines as far as they go, ending in a line break; the last one says what is missing."""
    made = "\n".join(lines) + "\n"
    if len(made) <= longest:
        return made
    more = "... cut here: `ofc plan` shows the rest\n"
    kept = made[: max(0, longest - len(more))]
    return kept[: kept.rfind("\n") + 1] + more


def _section(title: str, lines: Iterable[str]) -> list[str]:
    made = list(lines)
    return ["", *([title, ""] if title else []), *made] if made else []


def _verdict(report: Report) -> str:
    if report.stops:
        return "An apply would stop:"
    return "Plan for" if report.plan.changes else "No changes for"


def _tally(report: Report) -> str:
    counts = report.counts
    return " · ".join(f"**{counts[w]}** {w}" for w in ACTIONS if counts[w]) or "nothing"


def _findings(findings: Iterable[Diagnostic]) -> Iterator[str]:
    for each in findings:
        where = f" ({_code(str(each.span))})" if each.span is not None else ""
        yield f"- **{each.severity.value}** {each.code}: {_prose(each.message)}{where}"
        if each.help:
            # a command alone is code; a sentence has its own backquotes
            yield f"  <br>{_prose(each.help) if '`' in each.help else _code(each.help)}"


def _blocked(report: Report) -> Iterator[str]:
    for name, manager, fields in conflicts(report):
        yield f"- **conflict** {_code(name)}: {_code(manager)} holds {_code(fields)}"
    for said, names in refusals(report).items():
        yield f"- **refused** {', '.join(map(_code, names))}: {_code(said)}"


def _spec(report: Report) -> Iterator[str]:
    changes = report.causes.changes
    if not changes:
        return
    yield "| spec | before | after | where |"
    yield "|---|---|---|---|"
    for each in changes:
        cells = (each.path, value(each.before), value(each.after), place_of(each))
        yield "| " + " | ".join(_cell(c) for c in cells) + " |"


def _study(report: Report) -> Iterator[str]:
    said = report.consequences
    yield f"The study {STUDY[said.study]}."
    yield ""
    for word, amount in bounds(said.before, said.after):
        yield f"- {word}: {_prose(amount)}"
    for fate in said.fates:
        yield f"- trials that are there: **{fate.fate}** by {_code(fate.path)}: {_prose(fate.why)}"
    yield from (f"- {_prose(line)}" for line in (*said.restarts, *said.notes))


def _drift(plans: Iterable[ObjectPlan]) -> Iterator[str]:
    rows = [(p, d) for p in plans for d in p.drift]
    if not rows:
        return
    yield "Changed by hand since the last apply:"
    yield ""
    for plan, drift in rows:
        by = f" by {_code(drift.manager)}" if drift.manager else ""
        field = _code(drift.path)
        live, applied = _code(value(drift.live)), _code(value(drift.applied))
        yield f"- {_code(named(plan))} {field}: {live}, where {applied} was applied{by}"


def _objects(report: Report) -> Iterator[str]:
    for plan in report.plan.objects:
        if plan.action == "unchanged" or plan.only_stamped:
            continue
        line = f"{_SIGNS[plan.action]} {plan.action} {named(plan)}"
        line += f" (was {plan.replaces.name})" if plan.replaces is not None else ""
        line += f": {plan.reason}" if plan.reason else ""
        because = cited(report.causes.of(plan)) if plan.action != "unchecked" else ""
        yield _fenced(line + (f"  # {because}" if because else ""))
        if plan.action == "create":
            continue
        fields, following = telling(plan, report)
        for field in fields[:FIELDS]:
            yield _fenced(f"    {field.path}: {arrow(field.before, field.after)}")
        if len(fields) > FIELDS:
            yield f"    {len(fields) - FIELDS} more fields"
        if following:
            yield _fenced(f"    {follow_words(following)}")
    if report.stamped:
        yield f"! {stamped_words(len(report.stamped))}"


def _fenced(text: str) -> str:
    """A line inside a fence, which it cannot close."""
    return visible(text).replace("```", "'''")


def _code(text: str) -> str:
    """Code in a sentence, whatever is in it."""
    said = visible(text)
    if "`" not in said:
        return f"`{said}`"
    return f"`` {said} ``" if "``" not in said else f"`{said.replace('`', chr(39))}`"


def _cell(text: str) -> str:
    return _code(text).replace("|", "\\|")


def _prose(text: str) -> str:
    """A sentence, in which nothing is markup but its own backquotes."""
    return visible(text).replace("<", "&lt;").replace("@", "&#64;")
