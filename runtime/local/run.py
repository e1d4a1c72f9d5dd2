"""A whole program on this machine: data, search, the chosen model, a served answer, a report."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from omniforce.compiler.ir.program import Program, Search
from omniforce.spec.plain.values import from_plain, to_plain
from omniforce.spec.problem import Problem
from omniforce.targets.platforms.local.plan import LocalPlan
from omniforce.targets.platforms.local.plan import plan as plan_of

from ..choice import choose, front, metric_keys
from ..data.prepare import prepare
from ..engine import StrategyFactory
from ..past_studies import past_of
from ..quantities import show_metric
from ..report.contents import Contents
from ..report.page import page
from ..steering.steering import Steering
from ..store.store import Store
from ..store.trial import StudyRecord, Trial
from ..trial.disk import disk_full, is_full
from .home import Home
from .pool import Backend, PoolOptions, TrialPool
from .progress import Progress
from .release import Registered, release
from .search import LocalSearch, Revised
from .serving import Check, Server, ask, serving
from .shelves import in_words, shelves
from .stop import Stop
from .workers import WorkerPool, default_size


def here(_: Search, options: PoolOptions) -> TrialPool:
    """The backend of this machine: a pool of worker processes."""
    return WorkerPool(options)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What the command line says.

    Attributes:
        base: the spec's own folder: `file://` and the estimator's module are looked for there.
        fresh: sets an old study of this name aside.
        revise: takes a changed spec as the study's own, and keeps the trials that it lets be.
        actor: who does that, for the record.
        serve: whether the chosen model is served and asked, where the spec deploys it.
        port: 0 takes a free one.
        checkpoint: raises `KeyboardInterrupt` where the end was asked for; called at every pause.
        backend: what runs the trials.
    """

    root: Path
    base: Path
    fresh: bool = False
    revise: bool = False
    actor: str = "ofc run"
    serve: bool = True
    port: int = 0
    checkpoint: Callable[[], None] = Stop().checkpoint
    backend: Backend = here


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a run."""

    home: Home
    program: Program
    record: StudyRecord
    trials: tuple[Trial, ...]
    front: tuple[Trial, ...]
    chosen: Trial | None
    model: Registered | None = None
    check: Check | None = None


def run(
    plan: LocalPlan,
    options: RunOptions,
    strategies: StrategyFactory,
    progress: Progress,
    served: Callable[[Server], None] | None = None,
) -> Result:
    """Runs a program to its end, or goes on with it; what is done already is not done again.

    Args:
        plan: of the program.
        options: of this run.
        strategies: `omniforce.strategies.table.make`.
        progress: is told what happens.
        served: called while the server still answers; it stops when this returns.

    Raises:
        Problem: something that the user can mend; what was finished is kept.
        KeyboardInterrupt: by Ctrl-C, or by `options.checkpoint`; the study can be gone on with.
    """
    home = Home(options.root.absolute(), plan.program.name)
    with home.alone():
        if options.fresh and (old := home.set_aside()) is not None:
            progress.stage(f"set the old study aside: {old}")
        home.make()
        try:
            while True:
                try:
                    return _run(plan, home, options, strategies, progress, served)
                except Revised:
                    plan, options = _revised(home), replace(options, revise=False)
                    progress.stage("the spec was changed; going on with the new one")
        except OSError as error:
            if is_full(error):
                raise disk_full(str(home.directory)) from error
            raise


def _run(
    plan: LocalPlan,
    home: Home,
    options: RunOptions,
    strategies: StrategyFactory,
    progress: Progress,
    served: Callable[[Server], None] | None,
) -> Result:
    with ExitStack() as stack:
        store = Store.at(home.store)
        stack.callback(store.close)
        record = _study(plan, store, options)
        progress.stage(f"data     {plan.prepare.source}")
        data = prepare(plan.prepare, home.data, options.base)
        options.checkpoint()
        pool = _Pool(plan, home, options, stack)
        _search(plan, home, store, record, pool, strategies, progress, options.checkpoint)
        found = store.study(plan.program.name) or record
        trials = store.trials(plan.program.name)
        good = front(plan.search.goals, trials)
        picked = choose(plan.search.model, plan.search.goals, trials)
        result = Result(
            home=home, program=plan.program, record=found, trials=trials, front=good, chosen=picked
        )
        _write_report(plan, result)
        if picked is None:
            raise _nothing_good(trials, home)
        options.checkpoint()
        model = release(plan, home, picked, data, pool.get, progress)
        pool.close()
        options.checkpoint()
        check = None
        if plan.serve is not None and options.serve:
            check = _serve(plan, home, options, model, progress, served)
        result = Result(
            home=home,
            program=plan.program,
            record=found,
            trials=trials,
            front=good,
            chosen=picked,
            model=model,
            check=check,
        )
        _write_report(plan, result)
        return result


class _Pool:
    """Workers that are started when the first is needed: a run that only serves needs none."""

    def __init__(self, plan: LocalPlan, home: Home, options: RunOptions, stack: ExitStack) -> None:
        path = tuple(dict.fromkeys((str(options.base.absolute()), str(Path.cwd()))))
        self._options = PoolOptions(
            size=default_size(plan.search.parallelism),
            estimator=plan.search.algorithm.estimator,
            log=home.logs / "workers.log",
            measures=bool(plan.devices),
            path=path,
            command=plan.search.algorithm.command,
        )
        self._backend, self._search = options.backend, plan.search
        self._stack = stack.enter_context(ExitStack())
        self._pool: TrialPool | None = None

    def get(self) -> TrialPool:
        if self._pool is None:
            self._pool = self._stack.enter_context(self._backend(self._search, self._options))
        return self._pool

    def close(self) -> None:
        self._stack.close()


def _study(plan: LocalPlan, store: Store, options: RunOptions) -> StudyRecord:
    """The study in the store, made where there is none, revised where that is wanted.

    Raises:
        Problem: it was started from another spec.
    """
    program = plan.program
    found = store.study(program.name)
    text = json.dumps(to_plain(program), sort_keys=True)
    if found is None:
        return store.create_study(
            program.name, text, program.digest, time.time(), algorithm=plan.search.algorithm.name
        )
    if found.digest == program.digest:
        return found
    if options.revise:
        Steering(store, program.name, options.actor).revise(program, text)
        return store.study(program.name) or found
    raise Problem(
        "OFC760",
        f"the spec of `{program.name}` has changed since this study began",
        "`ofc run --revise` goes on and keeps the trials that the change lets be (`ofc diff` says "
        "which), `--fresh` sets the old study aside; or give it another `metadata.name`",
    )


def _revised(home: Home) -> LocalPlan:
    """The plan of the spec that the study has by now."""
    store = Store.at(home.store)
    try:
        record = store.study(home.study)
    finally:
        store.close()
    assert record is not None  # whoever revised it found it
    return plan_of(from_plain(Program, json.loads(record.program)))


def _search(
    plan: LocalPlan,
    home: Home,
    store: Store,
    record: StudyRecord,
    pool: _Pool,
    strategies: StrategyFactory,
    progress: Progress,
    checkpoint: Callable[[], None],
) -> None:
    if record.state == "completed":
        progress.stage("search   finished before")
        return
    search = plan.search
    progress.stage(f"search   {search.strategy.name}, {search.algorithm.name}")
    if search.warm_start.by != "off":
        with shelves(home) as others:
            past = past_of(store, record.name, search, time.time(), others)
        progress.stage(f"learns   from {in_words(past)}")
    local = LocalSearch(plan, store, home, pool.get(), strategies, progress, checkpoint)
    try:
        reason = local.run()
    except BaseException:  # Ctrl-C above all: no worker may live on, and no trial is lost by it
        try:
            pool.close()
        finally:
            _put_back(plan.program.name, store, home)
        raise
    progress.stage(f"search   over: {reason}")


def _put_back(study: str, store: Store, home: Home) -> None:
    """Puts the trials under way back, as far as that can be done; the next run does the same.

    On a connection of its own: the old ones may have been interrupted in the midst of anything.
    """
    store.close()
    with suppress(Problem):
        fresh = Store.at(home.store)
        try:
            fresh.requeue(study, time.time())
        finally:
            fresh.close()


def _serve(
    plan: LocalPlan,
    home: Home,
    options: RunOptions,
    model: Registered,
    progress: Progress,
    served: Callable[[Server], None] | None,
) -> Check:
    threads = plan.serve.device.threads if plan.serve is not None else 1
    log = home.logs / "serve.log"
    with serving(model, plan.program.name, threads, options.port, log) as server:
        progress.stage(f"serve    {server.address}")
        check = ask(server, model)
        progress.stage(
            f"asked    {check.rows} rows, answered in {check.seconds * 1e3:.1f} ms, "
            f"{check.difference:.1e} from the trained model's own answers"
        )
        if served is not None:
            served(server)
        return check


def _write_report(plan: LocalPlan, result: Result) -> None:
    facts = [] if result.model is None else _facts(plan, result.model)
    if result.check is not None:
        facts.append(("served, and differs by", f"{result.check.difference:.1e}"))
    contents = Contents(
        plan.program,
        result.record,
        result.trials,
        result.front,
        None if result.chosen is None else result.chosen.number,
        tuple(facts),
    )
    place = result.home.report
    fresh = place.with_suffix(".new")
    fresh.write_text(page(contents), encoding="utf-8")
    fresh.replace(place)


def _facts(plan: LocalPlan, model: Registered) -> list[tuple[str, str]]:
    """What is worth saying of the model: the goals' figures, those of its training, the check."""
    figures = model.description.metrics
    told = [*metric_keys(plan.search.goals), *sorted(k for k in figures if "@" not in k)]
    facts = [
        (f"final {key}", show_metric(key, figures[key]))
        for key in dict.fromkeys(told)
        if key in figures and key != "score"
    ]
    facts += [
        (f"{key.partition('@')[2]} differs by", f"{value:.1e}")
        for key, value in figures.items()
        if key.startswith("difference@")
    ]
    return [*facts, ("version", model.digest)]


def _nothing_good(trials: tuple[Trial, ...], home: Home) -> Problem:
    completed = sum(1 for trial in trials if trial.state == "completed")
    if completed:
        return Problem(
            "OFC766",
            f"none of {completed} completed trials keeps all that is required of the model",
            f"loosen a `require`, or search longer; {home.report} shows how near they came",
        )
    first = next((t for t in trials if t.message), None)
    return Problem(
        "OFC766",
        f"none of {len(trials)} trials gave a model"
        + (f"; trial {first.number}: {first.message}" if first else ""),
        f"their output is in {home.logs}",
    )
