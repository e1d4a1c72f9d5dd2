"""The events of a study by type: one vocabulary for who sends, who filters and who checks."""

from __future__ import annotations

from typing import Final

EVENT_TYPES: Final = tuple(
    f"dev.omniforce.{noun}.{past}.v1"
    for noun, past in (
        ("study", "started"),
        ("trial", "requested"),
        ("trial", "completed"),
        ("model", "trained"),
        ("device", "measured"),
        ("study", "completed"),
        ("drift", "detected"),
    )
)
"""Types of CloudEvents, reverse-DNS, past tense, versioned."""

EXTENSIONS: Final = ("ofcrunner",)
"""Extension attributes: `ofcrunner` names the one that runs a requested trial."""
