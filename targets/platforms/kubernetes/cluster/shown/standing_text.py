"""How a study stands, for a terminal: one tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from omniforce.compiler.diagnostics.width import visible

from ..standing import BlockStands, Standing, Stands, Word
from .plan_text import Paint

SIGNS: Final[dict[Word, tuple[str, str]]] = {
    "ready": ("✓", "\x1b[32m"),
    "suspended": ("‖", "\x1b[36m"),
    "progressing": ("…", "\x1b[33m"),
    "failed": ("✗", "\x1b[31m"),
    "missing": ("✗", "\x1b[31m"),
}
_BOLD, _DIM = "\x1b[1m", "\x1b[2m"

EVENTS: Final = 3
"""Events of an object that is not ready."""

TOGETHER: Final = frozenset({"ServiceAccount", "Role", "RoleBinding", "NetworkPolicy"})
"""Kinds of which only the number is shown where nothing is wrong."""


def standing_text(standing: Standing, color: bool = False, everything: bool = False) -> str:
    """The tree; with `everything`, also the conditions and events of what is ready."""
    paint = Paint(color)
    sign, style = SIGNS[standing.word]
    head = f"{standing.study} in {standing.namespace}, on {standing.cluster}"
    lines = [
        f"{paint(style, sign)} {paint(_BOLD, visible(head))}: {standing.word}",
        f"  {_search(standing)}",
    ]
    if standing.behind:
        lines.append("  the spec has changed since: `ofc plan` shows what an apply would change")
    for block in standing.blocks:
        lines += _block(block, paint, everything)
    return "\n".join(lines) + "\n"


def _search(standing: Standing) -> str:
    trials = standing.trials
    said = "the search is under way" if standing.searching else "no search is under way"
    counts = (("runs", trials.active), ("done", trials.succeeded), ("failed", trials.failed))
    jobs = ", ".join(f"{n} {word}" for word, n in counts if n)
    return said + (f"; Jobs of trials: {jobs}" if jobs else "")


def _block(block: BlockStands, paint: Paint, everything: bool) -> Iterator[str]:
    sign, style = SIGNS[block.word]
    where = f"  {visible(str(block.span))}" if block.span is not None else ""
    yield f"{paint(style, sign)} {paint(_BOLD, block.path)}{paint(_DIM, where)}"
    together = [o for o in block.objects if _is_plain(o) and not everything]
    apart = [o for o in block.objects if o not in together]
    if together:
        kinds = dict.fromkeys(o.reference.kind for o in together)
        counts = (f"{sum(o.reference.kind == k for o in together)} {k}" for k in kinds)
        sign, style = SIGNS["ready"]
        yield f"  {paint(style, sign)} {', '.join(counts)}"
    for each in apart:
        yield from _object(each, paint, everything)


def _is_plain(stands: Stands) -> bool:
    return stands.reference.kind in TOGETHER and stands.word == "ready" and not stands.events


def _object(stands: Stands, paint: Paint, everything: bool) -> Iterator[str]:
    sign, style = SIGNS[stands.word]
    line = f"  {paint(style, sign)} {visible(str(stands.reference))}"
    line += f": {visible(stands.why)}" if stands.why else ""
    yield line + (paint(_DIM, f"  {visible(stands.url)}") if stands.url else "")
    unwell = stands.word not in ("ready", "suspended")
    for each in stands.conditions:
        said = f"{each.type} is {each.status}"
        more = ": ".join(filter(None, (each.reason, each.message)))
        told = said in stands.why or (each.message and each.message in stands.why)
        if everything or (unwell and each.status != "True" and not told):
            yield paint(_DIM, f"      {visible(said)}{visible(f': {more}') if more else ''}")
    shown = stands.events if everything else stands.events[-EVENTS:] if unwell else ()
    for event in shown:
        times = f" ({event.count} times)" if event.count > 1 else ""
        of = "" if event.of == str(stands.reference) else f" of {event.of}"
        said = f"{event.when} {event.type} {event.reason}{of}{times}: {event.message}"
        yield paint(_DIM, f"      {visible(said)}")
