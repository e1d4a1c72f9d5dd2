"""The measure function, the paper's device side: converts a trained model and times it on a device.

For devices with `measure.where: function`. A trial's Job leaves its model in the store, hands its
lease over and ends; this function is woken by a `model.trained` for each device (the extension
`ofcdevice`, and `device` among the data), commits that device's figures and sends
`device.measured`. With the last device's figures the trial is completed, and the search, which
subscribes to `device.measured`, goes on. A device that never answers costs the trial its lease,
and the tick finds that.

On a cluster it is the Knative Service `<study>-measure` with `OFC_FUNCTION=measure` and the image
of the trials, since it needs what the devices' runtimes need; a Trigger gives it every
`model.trained` of the study. It mounts no volume (demand 14): model and rows come from the store.
"""

from __future__ import annotations

import json
import logging
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from omniforce.compiler.events import MODEL_TRAINED
from omniforce.spec.problem import Problem

from ..events import Event, MalformedEvent, device_measured, source_of
from ..outbox import FROM_MEASURE, flush
from ..retries import retries_of
from ..rewards import search_of
from ..store.handover import is_measuring
from ..store.store import Store
from ..telemetry.tally import Tally
from ..trial.as_json import report_from_json
from ..trial.asking import handed_devices, wanted_metrics
from ..trial.contract import TrialReport, failed
from ..trial.measuring_names import MODEL, REPORT, ROWS, figures_of
from .prompt import Prompt
from .server import DONE, EventServer, Reply, refusal
from .settings import Settings, program_of
from .store_door import StoreDoor

if TYPE_CHECKING:
    from omniforce.spec.blocks.devices import Device

log = logging.getLogger(__name__)

Figures = Mapping[str, float]
Time = Callable[["Device", bytes, bytes], Figures]
"""Times a model, given with its rows, on a device; raises `Problem` where that cannot be."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What an event asks for."""

    trial: int
    attempt: int
    device: Device


class Measure:
    """Handles model.trained; whatever was done before is not done again."""

    def __init__(self, time_on: Time, clock: Callable[[], float] | None = None) -> None:
        self._time_on = time_on
        self._given_clock = clock

    def start(self, environment: Mapping[str, str]) -> None:
        """Reads the settings and the compiled study."""
        self._settings = Settings.read(environment)
        self._program = program_of(self._settings.program_text())
        self._search = search_of(self._program)
        self._devices = {device.name: device for device in handed_devices(self._search)}
        self._door = StoreDoor(self._settings.store)

    def store(self) -> Store:
        """The study's store.

        Raises:
            Problem: it cannot be opened, for now.
        """
        return self._door.open()

    def stop(self) -> None:
        """Gives the store back."""
        self._door.close()

    def ready(self) -> str | None:
        """Whether the store can be reached."""
        return self._door.missing()

    def refuse(self, error: MalformedEvent, body: bytes) -> Reply:
        """A plain refusal."""
        log.warning("refused %d bytes: %s", len(body), error)
        return refusal(error)

    def receive(self, event: Event) -> Reply:
        """All of it at once: what `note` and `work` do."""
        noted = self.note(event)
        return self.work((event,)) if noted is None else noted

    def note(self, event: Event) -> Reply | None:
        """Answers what is not for this function, or over already."""
        if event.type != MODEL_TRAINED or event.source != source_of(self._settings.study):
            return Reply(422, "not for this function", f"{event.type} from {event.source}")
        asked = self._asked(event)
        if asked is None:
            return Reply(422, "the event names no attempt and device", event.id[:200])
        store, study = self._door.open(), self._settings.study
        # Also where it is over: its event may still be in the outbox of whoever died before.
        over = not is_measuring(store, study, asked.trial, asked.attempt)
        return DONE if over and not store.unsent(study, FROM_MEASURE, 1) else None

    def work(self, events: Sequence[Event]) -> Reply:
        """Measures what these events ask for, one after the other, and tells of it."""
        store, study = self._door.open(), self._settings.study
        for event in events:
            asked = self._asked(event)
            if asked is not None and is_measuring(store, study, asked.trial, asked.attempt):
                self._measure(store, asked)
        flushed = flush(store, study, FROM_MEASURE, self._settings.broker)
        if flushed.unreachable:
            return Reply(503, "the broker cannot be reached", f"{flushed.left} events wait", 5)
        return DONE

    def give_up(self, events: Sequence[Event], cause: str) -> None:
        """Leaves a trial that cannot be measured to its lease."""
        log.error("not measured: %s: %s", ", ".join(event.id for event in events), cause)

    def _asked(self, event: Event) -> _Asked | None:
        data = event.data
        trial, attempt, name = data.get("trial"), data.get("attempt"), data.get("device")
        device = self._devices.get(name) if isinstance(name, str) else None
        if not isinstance(trial, int) or not isinstance(attempt, int) or device is None:
            return None
        return _Asked(trial, attempt, device)

    def _measure(self, store: Store, asked: _Asked) -> None:
        study, name = self._settings.study, figures_of(asked.device.name)
        if store.artifact(study, asked.trial, asked.attempt, name) is None:
            model = store.artifact(study, asked.trial, asked.attempt, MODEL)
            rows = store.artifact(study, asked.trial, asked.attempt, ROWS)
            if model is None or rows is None:
                self._finish(store, asked, failed("user-error", "the store has no model of it"))
                return
            try:
                figures = self._time_on(asked.device, model, rows)
            except Problem as problem:
                report = self._trained(store, asked)
                why = f"{problem.diagnostic.message}: {problem.diagnostic.help}"
                self._finish(store, asked, failed("user-error", why, report.seconds))
                return
            content = json.dumps(dict(figures), sort_keys=True).encode()
            now = self._now(store)
            store.put_artifact(study, asked.trial, asked.attempt, name, content, now)
        self._settle(store, asked)

    def _settle(self, store: Store, asked: _Asked) -> None:
        """Completes the trial with the last device, and tells of this one in any case."""
        study, report = self._settings.study, self._trained(store, asked)
        metrics = dict(report.metrics)
        for device in self._devices:
            content = store.artifact(study, asked.trial, asked.attempt, figures_of(device))
            if content is None:
                now = self._now(store)
                with store.lock(study) as session:
                    session.put([self._told(asked, now)], now)
                return
            metrics |= json.loads(content)
        missing = [key for key in wanted_metrics(self._search) if key not in metrics]
        whole = replace(report, metrics=metrics)
        if missing:
            whole = failed("user-error", f"no metric `{missing[0]}` was reported", report.seconds)
        self._finish(store, asked, whole)

    def _trained(self, store: Store, asked: _Asked) -> TrialReport:
        """What the training itself reported."""
        content = store.artifact(self._settings.study, asked.trial, asked.attempt, REPORT)
        if content is None:
            return failed("user-error", "the store has no report of its training")
        return report_from_json(json.loads(content))

    def _finish(self, store: Store, asked: _Asked, report: TrialReport) -> None:
        now, study = self._now(store), self._settings.study
        told = [self._told(asked, now)]
        retries = retries_of(self._search)
        store.finish(study, asked.trial, asked.attempt, report, now, told, retries)
        log.info("trial %d: %s %s", asked.trial, report.outcome, report.message)

    def _told(self, asked: _Asked, now: float) -> Event:
        study = self._settings.study
        return device_measured(study, asked.trial, asked.attempt, asked.device.name, now)

    def _now(self, store: Store) -> float:
        return store.clock() if self._given_clock is None else self._given_clock()


def time_on(device: Device, model: bytes, rows: bytes) -> Figures:
    """Converts a model for a device, and times it there.

    Raises:
        Problem: it cannot be had in the device's precision.
    """
    import numpy as np

    from omniforce.targets.devices.table import runtime

    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ofc-measure-") as directory:
        source, artifact = Path(directory) / MODEL, Path(directory) / "on-device.onnx"
        source.write_bytes(model)
        kept = Path(directory) / ROWS
        kept.write_bytes(rows)
        with np.load(kept, allow_pickle=False) as arrays:
            calibration, timed = arrays["calibration"], arrays["timed"]
        runs = runtime(device)
        runs.convert(source, device, calibration, artifact)
        figures = runs.measure(artifact, device, timed).metrics(device.name)
    log.info("`%s` measured in %.1f s", device.name, time.monotonic() - began)
    return figures


def new() -> EventServer:
    """The function, as func-python starts it."""
    measure = Measure(time_on)
    tally = Tally()
    return EventServer(Prompt(measure, tally), measure.store, tally)
