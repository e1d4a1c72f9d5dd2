"""The trials as a table that sorts by any column."""

from __future__ import annotations

from html import escape

from ..quantities import show_duration, show_metric
from ..store.trial import Trial
from .contents import Contents


def trial_table(contents: Contents) -> str:
    """One row a trial, in the order of proposal."""
    metrics, parameters = contents.metric_keys, contents.parameters
    names = ("trial", "state", *metrics, *parameters, "time", "what went wrong")
    head = "".join(
        f'<th scope="col"><button type="button">{escape(name)}</button></th>' for name in names
    )
    rows = "\n".join(_row(contents, parameters, trial) for trial in contents.trials)
    return (
        f'<div class="wide"><table class="trials"><thead><tr>{head}</tr></thead>'
        f"<tbody>\n{rows}\n</tbody></table></div>"
    )


def _row(contents: Contents, parameters: tuple[str, ...], trial: Trial) -> str:
    plotted = contents.is_plotted(trial)
    texts = contents.texts(trial)
    kind = contents.kind(trial) if plotted else "none"
    wrong = ": ".join(filter(None, (trial.failure or "", trial.message)))
    if plotted and kind == "broken":
        wrong = "breaks a requirement"
    state = f'<span class="state {trial.state}">{trial.state}</span>{_badge(kind)}'
    cells = [
        _cell(str(trial.number), trial.number),
        f'<td data-v="{trial.state}">{state}</td>',
        *(_metric(key, trial.metrics.get(key)) for key in contents.metric_keys),
        *(_cell(texts.get(n, ""), trial.present_point.get(n, texts.get(n))) for n in parameters),
        _cell(_time(trial), trial.seconds),
        f'<td class="wrong" title="{escape(wrong)}">{escape(wrong)}</td>',
    ]
    return f'<tr class="{kind}" data-trial="{trial.number}">{"".join(cells)}</tr>'


def _badge(kind: str) -> str:
    words = {"chosen": "chosen", "front": "front"}
    return f' <span class="badge {kind}">{words[kind]}</span>' if kind in words else ""


def _time(trial: Trial) -> str:
    if not trial.seconds:
        return ""
    return f"{trial.seconds:.1f} s" if trial.seconds < 60 else show_duration(trial.seconds)


def _metric(key: str, value: float | None) -> str:
    return _cell("" if value is None else show_metric(key, value), value)


def _cell(text: str, value: object) -> str:
    sort = "" if value is None else escape(str(value))
    number = isinstance(value, int | float) and not isinstance(value, bool)
    kind = ' class="n"' if number else ""
    return f'<td{kind} data-v="{sort}">{escape(text)}</td>'
