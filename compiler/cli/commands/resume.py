"""`ofc resume`: a study that was paused or stopped goes on."""

from __future__ import annotations

from ..deeds import steering_command

command = steering_command(
    "Go on with STUDY, which was paused or stopped.\n\n"
    "On this machine, `ofc run` then runs its trials; on a cluster nothing more is needed.",
    lambda study: study.resume(),
)
