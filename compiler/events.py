"""The events of a study by type: one vocabulary for who sends, who filters and who checks."""

from __future__ import annotations

from typing import Final

STUDY_STARTED: Final = "dev.omniforce.study.started.v1"
STUDY_CHANGED: Final = "dev.omniforce.study.changed.v1"
"""Somebody paused, resumed, extended or revised a study; what the change is, the store has."""
STUDY_COMPLETED: Final = "dev.omniforce.study.completed.v1"
TRIAL_REQUESTED: Final = "dev.omniforce.trial.requested.v1"
TRIAL_COMPLETED: Final = "dev.omniforce.trial.completed.v1"
MODEL_TRAINED: Final = "dev.omniforce.model.trained.v1"
DEVICE_MEASURED: Final = "dev.omniforce.device.measured.v1"

PING: Final = "dev.knative.sources.ping"
"""What every PingSource emits, whatever its object says (demand 4)."""

EVENT_TYPES: Final = (
    STUDY_STARTED,
    STUDY_CHANGED,
    STUDY_COMPLETED,
    TRIAL_REQUESTED,
    TRIAL_COMPLETED,
    MODEL_TRAINED,
    DEVICE_MEASURED,
)
"""Types of a study's own CloudEvents: reverse-DNS, past tense, versioned."""

EXTENSIONS: Final = ("ofcdevice", "ofcrunner")
"""Extension attributes: `ofcdevice` names the device that is to measure, or has;
`ofcrunner` the one that runs a requested trial."""
