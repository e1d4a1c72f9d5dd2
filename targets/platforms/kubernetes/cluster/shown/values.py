"""Values and amounts in a few words."""

from __future__ import annotations

import json

from omniforce.compiler.diagnostics.width import visible

from ..planning.amounts import Amounts
from ..planning.object_plan import ObjectPlan

LONGEST = 60
"""Characters of a value that are shown."""

ABSENT = "(none)"


def value(text: str | None, longest: int = LONGEST) -> str:
    """A value in JSON as it is shown: a string without its quotes, cut in its middle."""
    if text is None:
        return ABSENT
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError):
        plain = text
    if isinstance(plain, float) and plain.is_integer() and abs(plain) < 1e15:
        return f"{plain:.0f}"
    said = plain if isinstance(plain, str) and plain and plain == plain.strip() else text
    said = visible(said.replace("\n", "\\n"))
    if len(said) <= longest:
        return said
    half = (longest - 3) // 2
    return f"{said[:half]}...{said[-half:]}"


def arrow(before: str | None, after: str | None) -> str:
    """`48 -> 96`."""
    return f"{value(before)} -> {value(after)}"


def hours(amount: float) -> str:
    """`1.6 h`, `12 min`, `3.2 days`."""
    if amount and amount < 1:
        return f"{amount * 60:.3g} min"
    return f"{amount:.3g} h" if amount < 100 else f"{amount / 24:.3g} days"


def money(usd: float) -> str:
    """`$1,204.50`, and `$0.004` where that is less than a cent."""
    return f"${usd:,.2f}" if usd >= 0.01 or usd == 0 else f"${usd:.1g}"


def bounds(before: Amounts | None, after: Amounts) -> tuple[tuple[str, str], ...]:
    """What a study can take at most, as words with their amounts, before and after."""

    def moved(was: str | None, now: str) -> str:
        return now if was is None or was == now else f"{was} -> {now}"

    rows = [("trials", moved(None if before is None else _trials(before), _trials(after)))]
    rows.append(("time", moved(None if before is None else _time(before), _time(after))))
    if after.gpu_hours or (before and before.gpu_hours):
        was = None if before is None else f"{before.gpu_hours:.4g}"
        rows.append(("GPU-hours", moved(was, f"{after.gpu_hours:.4g}")))
    for word, now in _costs(after).items():
        rows.append((word, moved(None if before is None else _costs(before).get(word), now)))
    return tuple(rows)


def _trials(amounts: Amounts) -> str:
    if amounts.trials is None:
        return "as many as the time allows"
    retried = amounts.attempts != amounts.trials
    return f"{amounts.trials}" + (f" ({amounts.attempts} with every retry)" if retried else "")


def _time(amounts: Amounts) -> str:
    return f"{hours(amounts.hours)} ({hours(amounts.trial_hours)} of trials)"


def _costs(amounts: Amounts) -> dict[str, str]:
    if amounts.unpriced:
        return {"cost": f"not known: {amounts.unpriced}"}
    if amounts.search_usd is None:
        return {"cost": "not known without `--prices`"}
    made = {"search": f"{money(amounts.search_usd)} at most"}
    if amounts.release_usd is not None:
        made["release"] = f"{money(amounts.release_usd)} at most, each time"
    if amounts.serving_usd is not None:
        least, most = amounts.serving_usd
        made["serving"] = f"{money(least)} to {money(most)} an hour"
    return made


STUDY = {
    "new": "is new: nothing of it is there",
    "continues": "goes on with another spec",
    "unchanged": "stays as it is",
    "unknown": "is there, and cannot be read",
}
"""What becomes of the study."""


def named(plan: ObjectPlan) -> str:
    """`Service/digits-edge-search`, as the server calls it."""
    return visible(str(plan.reference))
