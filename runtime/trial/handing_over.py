"""Leaves a trained model in the store for devices that a function measures on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from omniforce.spec.blocks.devices import Device

from ..events import model_trained
from ..store.handover import hand_over
from ..store.store import Store
from ..store.trial import Lease
from .as_json import report_to_json
from .contract import TrialReport
from .measuring_names import MODEL, REPORT, ROWS

SECONDS = 900.0
"""That all devices get together; the tick then finds that one has never answered."""


@dataclass(frozen=True, slots=True)
class Left:
    """What a training left for the devices."""

    model: bytes
    rows: bytes

    @classmethod
    def find(cls, directory: Path) -> Left | None:
        """What is in a trial's `model_dir`; None where it was stopped before anything was."""
        model, rows = directory / MODEL, directory / ROWS
        if not (model.is_file() and rows.is_file()):
            return None
        return cls(model.read_bytes(), rows.read_bytes())


def give_to_measurer(
    store: Store,
    lease: Lease,
    report: TrialReport,
    left: Left,
    devices: Sequence[Device],
    now: float,
) -> bool:
    """Keeps what was left, and hands the trial over; may be repeated. False: it is not ours now.

    Raises:
        Problem: the store cannot be used, or the model is larger than it keeps.
    """
    kept = {
        MODEL: left.model,
        ROWS: left.rows,
        REPORT: json.dumps(report_to_json(report)).encode(),
    }
    for name, content in kept.items():
        store.put_artifact(lease.study, lease.trial, lease.attempt, name, content, now)
    events = [
        model_trained(lease.study, lease.trial, lease.attempt, device.name, now)
        for device in devices
    ]
    return hand_over(store, lease, SECONDS, now, events)
