"""Many trials give nothing for want of memory or time, or by their own fault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ...quantities import show_duration
from ..advice import Advice, Change, Subject

LEAST = 3
SHARE = 0.1
TRIAL = ("spec", "search", "trial")


def failures(subject: Subject) -> Iterator[Advice]:
    """Looks at every class of failure that a tenth of the trials met."""
    classes = Counter(trial.failure for trial in subject.over if trial.failure is not None)
    for failure, count in classes.most_common():
        if count < LEAST or count < SHARE * len(subject.over):
            continue
        said = Counter(t.message for t in subject.over if t.failure == failure and t.message)
        evidence = [f"{count} of {len(subject.over)} trials ended as `{failure}`"]
        evidence += [f"{n} times: {message[:120]}" for message, n in said.most_common(1)]
        message = f"{100 * count / len(subject.over):.0f} % of the trials failed: `{failure}`"
        help_, changes = _remedy(subject, failure)
        yield Advice("failures", message, tuple(evidence), help_, changes)


def _remedy(subject: Subject, failure: str) -> tuple[str, tuple[Change, ...]]:
    search = subject.search
    match failure:
        case "out-of-memory":
            memory = None if search.resources is None else search.resources.memory
            if memory is None:
                return "the machine has no more: make the space smaller, or add a constraint", ()
            wider = f"{max(1, round(memory * 1.5 / 2**20))}MiB"
            change = Change((*TRIAL, "resources", "memory"), wider)
            return f"raise `trial.resources.memory` to {wider}, or add a constraint", (change,)
        case "timeout":
            longer = f"{round(search.timeout * 2)}s"
            shown = show_duration(search.timeout)
            help_ = f"raise `trial.timeout`, now {shown}, to {longer}, or add a constraint"
            return help_, (Change((*TRIAL, "timeout"), longer),)
        case "device-out-of-memory":
            return "constrain what decides the size on the device, such as the batch size", ()
        case "nan":
            return "narrow what makes training diverge, such as the learning rate", ()
        case "lost-worker" | "preempted":
            return "give `trial.retry` more tries of this class, or steadier machines", ()
        case _:
            return (
                "`ofc logs` shows what went wrong; mend the algorithm, or constrain the space",
                (),
            )
