"""`ofc stop`: the end of a study."""

from __future__ import annotations

from ..deeds import steering_command

command = steering_command(
    "End STUDY now: what is under way is cancelled, what was completed counts.\n\n"
    "The model is made of the best trial, as where the budget is spent. `ofc resume` undoes it.",
    lambda study: study.stop(),
)
