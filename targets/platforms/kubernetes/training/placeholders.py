"""What of a trial's object is known only when it is made; `runtime.functions.training` fills it in.

Both are texts of their own, so that nothing of an event can become structure.
"""

from __future__ import annotations

from typing import Final

NAME: Final = "@name@"
"""The object's name, also within longer texts: a host of the job begins with it."""

EVENT: Final = "@event@"
"""The `trial.requested` as JSON text, the value of a variable."""

TRIAL_LABEL: Final = "omniforce.dev/trial"
ATTEMPT_LABEL: Final = "omniforce.dev/attempt"
"""Labels of the object and its pods."""

TRAINS_LABEL: Final = "omniforce.dev/trains"
"""Of every pod that trains with others; network policies go by it."""

LONGEST_NAME: Final = 40
"""Its controllers put `-node-0-12`, `-launcher-x2x4z` or a cluster's suffix behind it, up to 63."""
