"""The page: figures, table and facts in one file that asks the network for nothing."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path

from ..choice import objectives
from ..quantities import show_duration, show_metric, show_value
from ..store.trial import Trial
from .contents import Contents, goal_text
from .front_figure import front_figure, legend
from .parallel_figure import parallel_figure
from .trial_table import trial_table

_HERE = Path(__file__).parent


def page(contents: Contents) -> str:
    """The whole HTML document."""
    name = escape(contents.program.name)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>{name} · OmniForce</title>
<style>
{_asset("report.css")}</style>
</head>
<body>
<header>
<h1>{name} <span class="state {contents.record.state}">{_state(contents)}</span></h1>
<p class="goals">{_goals(contents)}</p>
</header>
<main>
{_tiles(contents)}
{_chosen(contents)}
<section><h2>{_front_title(contents)}</h2>{legend(contents)}
{front_figure(contents)}</section>
<section><h2>Parameters and figures</h2>
<p class="note">A line is a trial; the stronger its colour, the better by the first objective.</p>
{parallel_figure(contents)}</section>
<section><h2>Trials</h2>
{trial_table(contents)}</section>
<section><h2>The study</h2>
{_facts(contents)}</section>
</main>
<div id="tip" role="status" hidden></div>
<script type="application/json" id="trials">{_for_script(contents)}</script>
<script>
{_asset("report.js")}</script>
</body>
</html>
"""


def _asset(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _state(contents: Contents) -> str:
    record = contents.record
    return escape(record.state if record.reason is None else f"{record.state}: {record.reason}")


def _goals(contents: Contents) -> str:
    return "".join(f"<code>{escape(goal_text(goal))}</code>" for goal in contents.goals)


def _front_title(contents: Contents) -> str:
    return "Pareto front" if len(objectives(contents.goals)) > 1 else "Trial by trial"


def _tiles(contents: Contents) -> str:
    trials, record = contents.trials, contents.record
    completed = sum(1 for t in trials if t.state == "completed")
    lost = sum(1 for t in trials if t.state in ("failed", "timed-out"))
    first = objectives(contents.goals)[0].metric.key
    best = next(iter(contents.front), None)
    ended = record.finished or max((t.finished or 0.0 for t in trials), default=0.0)
    tiles = [
        ("trials", str(len(trials))),
        ("completed", str(completed)),
        ("failed", str(lost)),
        (f"best {first}", show_metric(first, best.metrics[first]) if best else "none yet"),
        ("on the front", str(len(contents.front))),
        ("took", show_duration(max(0.0, ended - record.started))),
    ]
    items = "".join(
        f"<div><dt>{escape(label)}</dt><dd>{escape(text)}</dd></div>" for label, text in tiles
    )
    return f'<dl class="tiles">{items}</dl>'


def _chosen(contents: Contents) -> str:
    trial = next((t for t in contents.trials if t.number == contents.chosen), None)
    if trial is None:
        return ""
    rows = [
        *((key, show_metric(key, trial.metrics[key])) for key in _present(contents, trial)),
        *contents.texts(trial).items(),
        *contents.facts,
    ]
    return (
        f"<section><h2>The chosen model: trial {trial.number}</h2>"
        f'<dl class="facts">{"".join(_fact(*row) for row in rows)}</dl></section>'
    )


def _present(contents: Contents, trial: Trial) -> tuple[str, ...]:
    return tuple(key for key in contents.metric_keys if key in trial.metrics)


def _facts(contents: Contents) -> str:
    search = contents.search
    options = ", ".join(f"{name}={show_value(value)}" for name, value in search.strategy.options)
    rows = [
        ("algorithm", f"{search.algorithm.name}@{search.algorithm.version}"),
        ("strategy", search.strategy.name + (f" ({options})" if options else "")),
        ("seed", str(search.seed)),
        ("trials at once", str(search.parallelism)),
        ("time for one trial", show_duration(search.timeout)),
        ("parameters", str(len(search.space))),
        ("spec", contents.record.digest),
    ]
    return f'<dl class="facts">{"".join(_fact(*row) for row in rows)}</dl>'


def _fact(label: str, text: str) -> str:
    return f"<div><dt>{escape(label)}</dt><dd>{escape(text)}</dd></div>"


def _for_script(contents: Contents) -> str:
    """What the tip shows of each trial; `<` is written so that nothing can end the script."""
    facts = {
        str(trial.number): [
            *([k, show_metric(k, trial.metrics[k])] for k in _present(contents, trial)),
            *([name, text] for name, text in contents.texts(trial).items()),
        ]
        for trial in contents.trials
    }
    return json.dumps(facts, separators=(",", ":")).replace("<", "\\u003c")
