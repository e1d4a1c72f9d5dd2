"""One trial as a Kubernetes Job: `python -m omniforce.runtime.trial.job`.

A JobSink makes the Job from a `trial.requested` and mounts the event. The trial takes its lease
before it trains: a JobSink knows an event only while its Job exists, so one attempt may get two
Jobs (demand 7). Once the lease is taken, the store has what became of the trial, and whoever
died in silence is found by the tick; the Job itself is retried only before.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from omniforce.compiler.events import TRIAL_REQUESTED
from omniforce.compiler.ir.program import Program
from omniforce.spec.problem import Problem

from ..early_stopping import EarlyStopping
from ..events import Event, MalformedEvent, from_text, source_of, trial_completed
from ..functions.settings import MissingSetting, Settings, program_of
from ..outbox import FROM_TRIAL, flush
from ..retries import retries_of
from ..rewards import search_of
from ..store.faults import TOO_LARGE
from ..store.store import LEASE_SECONDS, Store
from ..store.trial import Lease
from ..telemetry.log_lines import set_up_logs
from ..telemetry.tracing import flush_traces, set_up_traces, span
from . import isolated
from .asking import arguments_of, handed_devices, of_trial, wanted_metrics
from .contract import Phase, TrialReport, TrialRequest, Wish, failed, seed_of
from .curves import Curves
from .distributed import Follower, NoPlace, place_of
from .handing_over import Left, give_to_measurer
from .heartbeat import beating
from .isolated import Abandoned, Around
from .notice import Notice, hearing
from .shared_data import prepare_once

DONE = 0
AGAIN = 1
"""The store or the disk is away: another pod of the Job may fare better."""
NEVER = 64
"""The Job is not as the manifests make it: no retry can help."""

Execute = Callable[[TrialRequest, Callable[[Phase], None]], TrialReport]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the Job takes from outside, so that a test can give its own.

    Attributes:
        execute: trains in this process; None has a process of its own do it, so that no training
            can hold up the heartbeat.
        leave: ends the process at once, whatever its threads do.
        pauses: seconds between the tries to hand in a result that cost a training.
    """

    execute: Execute | None = None
    clock: Callable[[], float] = time.time
    leave: Callable[[int], None] = os._exit
    pauses: tuple[float, ...] = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)


@dataclass(frozen=True, slots=True)
class _Job:
    settings: Settings
    program: Program
    store: Store
    lease: Lease
    data: Path
    around: Surroundings
    notice: Notice


def main(environment: Mapping[str, str], around: Surroundings) -> int:
    """Runs the trial that the mounted event asks for; gives the exit code."""
    try:
        settings = Settings.read(environment)
        program = program_of(settings.program_text())
        event = _event(environment, settings.study)
        trial, attempt = _asked(event)
        data = Path(environment.get("OFC_DATA", "/var/lib/ofc/data"))
        place = place_of(environment, data)
    except (MissingSetting, MalformedEvent, NoPlace) as error:
        log.error("%s", error)
        return NEVER
    worker = f"{socket.gethostname()}-{uuid.uuid4().hex[:12]}"
    if place is not None:
        worker = place.job
        os.environ.update(place.variables)
    try:
        store = Store.open(settings.store)
        if place is not None and place.rank > 0:
            program = _current(program, store)
            return Follower(
                place, store, program, trial, attempt, data, around.execute, around.leave
            ).run()
        lease = store.lease(settings.study, trial, attempt, worker, LEASE_SECONDS, around.clock())
    except Problem as problem:
        log.error("%s", problem)
        return AGAIN
    if lease is None:
        log.info("trial %d, attempt %d is another's, or over: nothing to do", trial, attempt)
        store.close()
        return DONE
    try:
        # one that is to begin anew with other nodes hands nothing in
        restarts = place is not None and place.restarts
        heard = hearing(environment, here=around.execute is None and not restarts)
        with span("trial", event, trial=trial, attempt=attempt), heard as notice:
            current = _current(program, store)
            return _run(_Job(settings, current, store, lease, data, around, notice))
    except Problem as problem:
        log.error("%s", problem)
        return AGAIN
    finally:
        store.close()


def _current(mounted: Program, store: Store) -> Program:
    """The spec that the study has by now: it may have been revised since the Job was made."""
    record = store.study(mounted.name)
    if record is None or record.digest == mounted.digest:
        return mounted
    return program_of(record.program)


def _event(environment: Mapping[str, str], study: str) -> Event:
    """The event, mounted by a JobSink or told by dispatch, asks for a trial of this study."""
    path = Path(environment.get("K_EVENT_PATH", "/etc/jobsink-event")) / "event"
    told = environment.get("OFC_EVENT", "")
    try:
        event = from_text(told or path.read_bytes())
    except OSError as error:
        raise MissingSetting(f"{path}: {error}") from error
    if event.type != TRIAL_REQUESTED or event.source != source_of(study):
        raise MalformedEvent(f"`{event.type}` from `{event.source}` asks for no trial of `{study}`")
    return event


def _asked(event: Event) -> tuple[int, int]:
    """Trial and attempt out of the event."""
    trial, attempt = event.data.get("trial"), event.data.get("attempt")
    if not isinstance(trial, int) or not isinstance(attempt, int):
        raise MalformedEvent("the event names no trial and attempt")
    return trial, attempt


def _run(job: _Job) -> int:
    search = search_of(job.program)

    def overdue() -> None:
        log.error("not over after %g s", search.timeout)
        report = failed("timeout", f"not over after {search.timeout:g} s", search.timeout)
        job.around.leave(_hand_in(job, report))

    def beat() -> None:
        wish = _beat(job, None)
        if wish == "stop":
            job.notice.stop()
        if wish == "abandon":
            log.info("nobody waits for this trial any longer")
            job.notice.abandon()
            if job.around.execute is not None:
                job.around.leave(DONE)

    # Another process is watched for its time as it is; this is the net below that.
    late = search.timeout + (0.0 if job.around.execute is not None else 2 * LEASE_SECONDS)
    timer = threading.Timer(late, overdue)
    timer.daemon = True
    with beating(beat, LEASE_SECONDS / 3):
        timer.start()
        try:
            report, left = _train(job)
        except Abandoned:
            return DONE
        except Problem as problem:
            log.error("%s", problem)
            return AGAIN
        finally:
            timer.cancel()
        if left is not None:
            return _hand_over(job, report, left)
        return _hand_in(job, report)


def _train(job: _Job) -> tuple[TrialReport, Left | None]:
    """The trial itself, and what it leaves for devices that are measured on elsewhere.

    Raises:
        Problem: the disk is full, which is no fault of the trial.
    """
    search, lease = search_of(job.program), job.lease
    try:
        prepare_once(job.program, job.data)
    except Problem as problem:
        return failed("user-error", f"{problem.diagnostic.code}: {problem}"), None
    handed = handed_devices(search)
    # The release trains the chosen parameters once more, so no trial's model is kept.
    with tempfile.TemporaryDirectory(prefix="ofc-model-") as directory:
        request = TrialRequest(
            study=lease.study,
            trial=lease.trial,
            attempt=lease.attempt,
            arguments=arguments_of(search, lease.point),
            algorithm=search.algorithm,
            data=str(job.data),
            seed=seed_of(search.seed, lease.trial),
            devices=tuple(device for device in search.devices if device not in handed),
            metrics=of_trial(search, wanted_metrics(search)),
            model_dir=directory,
            timeout=search.timeout,
            leaves_model=bool(handed),
        )
        job.notice.attend(request)
        if job.around.execute is not None:
            report = job.around.execute(request, lambda phase: _enter(job, phase))
        else:
            report = _isolated(job, request)
        if not handed or report.outcome != "completed":
            return report, None
        left = Left.find(Path(directory))
        if left is None:
            report = failed("user-error", "no model was left for the devices", report.seconds)
        return report, left


def _isolated(job: _Job, request: TrialRequest) -> TrialReport:
    notice = job.notice
    listening = EarlyStopping(job.store, job.lease.study, search_of(job.program))
    curves = Curves(listening, job.lease, notice.stop, job.around.clock)
    around = Around(
        lambda phase: _enter(job, phase), curves.add, notice.is_abandoned, notice.is_preempted
    )
    try:
        return isolated.run(request, around)
    finally:
        curves.write()


def _enter(job: _Job, phase: Phase) -> None:
    try:
        _beat(job, phase)
    except Problem as problem:
        log.warning("the store does not hear the heartbeat: %s", problem)


def _beat(job: _Job, phase: Phase | None) -> Wish:
    lease = job.lease
    return job.store.heartbeat(
        lease.study,
        lease.trial,
        lease.attempt,
        lease.worker,
        LEASE_SECONDS,
        job.around.clock(),
        phase,
    )


def _hand_over(job: _Job, report: TrialReport, left: Left) -> int:
    """Gives the trial to the measure function; the store may be away for a while."""
    devices = handed_devices(search_of(job.program))
    for pause in (*job.around.pauses, None):
        now = job.around.clock()
        try:
            if give_to_measurer(job.store, job.lease, report, left, devices, now):
                log.info("trial %d is measured elsewhere", job.lease.trial)
                return _send(job)
            return DONE
        except Problem as problem:
            log.error("the model cannot be handed over: %s", problem)
            if problem.diagnostic.code == TOO_LARGE:
                return _hand_in(job, failed("user-error", str(problem), report.seconds))
            if pause is None:
                return AGAIN
            time.sleep(pause)
    return AGAIN


def _hand_in(job: _Job, report: TrialReport) -> int:
    """Writes the report down and tells of it; the store may be away for a while."""
    lease, around = job.lease, job.around
    told = trial_completed(lease.study, lease.trial, lease.attempt, around.clock())
    log.info("trial %d: %s %s", lease.trial, report.outcome, report.message)
    for pause in (*around.pauses, None):
        try:
            job.store.finish(
                lease.study,
                lease.trial,
                lease.attempt,
                report,
                around.clock(),
                [told],
                retries_of(search_of(job.program)),
            )
            break
        except Problem as problem:
            log.error("the result cannot be handed in: %s", problem)
            if pause is None:
                return AGAIN
            time.sleep(pause)
    return _send(job)


def _send(job: _Job) -> int:
    """Tells of what the store has by now."""
    for pause in job.around.pauses[:3]:
        try:
            flushed = flush(job.store, job.lease.study, FROM_TRIAL, job.settings.broker)
        except Problem as problem:
            log.warning("the event stays in the outbox: %s", problem)
            break
        if not flushed.unreachable:
            break
        time.sleep(pause)
    return DONE  # an event that was not taken is no loss: the tick's search reads the store


if __name__ == "__main__":
    set_up_logs(os.environ)
    set_up_traces(os.environ)
    status = main(os.environ, Surroundings())
    flush_traces()
    sys.exit(status)
