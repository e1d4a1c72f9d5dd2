"""Nothing meets the requirements, or the constraints leave nothing to try."""

from __future__ import annotations

from collections.abc import Iterator

from omniforce.spec.expression.print import to_text

from ...choice import keeps, requirements
from ...quantities import show_metric
from ..advice import Advice, Subject

LEAST = 10


def unmet(subject: Subject) -> Iterator[Advice]:
    """Looks at the requirements one by one, then at all together, then at the constraints."""
    if subject.record.reason == "empty-space":
        yield Advice(
            "requirements",
            "no point of the space satisfies all constraints",
            ("the search found nothing that it could try",),
            "loosen one of `constraints`; `ofc analyze` says which of them is the tightest",
        )
    told = subject.told
    wanted = requirements(subject.search.goals)
    if len(told) < LEAST:
        return
    alone = False
    for each in wanted:
        key = each.metric.key
        figures = [trial.metrics[key] for trial in told if key in trial.metrics]
        if not figures or any(keeps(each, trial.metrics) for trial in told):
            continue
        alone = True
        nearest = min(figures) if each.operator in ("<", "<=") else max(figures)
        yield Advice(
            "requirements",
            f"no trial meets `{to_text(each)}`",
            (f"of {len(figures)} trials the nearest has {key} {show_metric(key, nearest)}",),
            "loosen it, or widen the space to where it can be met",
        )
    if wanted and not alone and not subject.ranked:
        counts = [sum(keeps(each, trial.metrics) for trial in told) for each in wanted]
        yield Advice(
            "requirements",
            "each requirement is met by some trial, and no trial meets all",
            tuple(
                f"{count} of {len(told)} trials meet `{to_text(each)}`"
                for each, count in zip(wanted, counts, strict=True)
            ),
            "loosen the one that the fewest meet",
        )
