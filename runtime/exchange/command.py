"""The class that a command of another system might be about."""

from __future__ import annotations

import re


def estimator_of(command: str) -> str | None:
    """`mnist:Estimator` of `python3 mnist.py --epochs 3`; None where no module is run."""
    found = re.search(
        r"(?:^|[\s;&/])python[0-9.]*\s+(?:-u\s+)?(?:-m\s+([A-Za-z_][\w.]{0,80})"
        r"|(?:[\w./-]*/)?([A-Za-z_]\w{0,80})\.py)(?:\s|$)",
        command[:1000],
    )
    if found is None:
        return None
    return f"{found[1] or found[2]}:Estimator"
