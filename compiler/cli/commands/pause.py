"""`ofc pause`: no more trials until told otherwise."""

from __future__ import annotations

from ..deeds import steering_command

command = steering_command(
    "Propose no more trials for STUDY until `ofc resume`.\n\n"
    "What is under way goes on and counts. A run of it here ends by itself.",
    lambda study: study.pause(),
)
