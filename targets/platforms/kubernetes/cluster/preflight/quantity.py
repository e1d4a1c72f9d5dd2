"""Amounts as Kubernetes writes them."""

from __future__ import annotations

import re
from typing import Final

_UNITS: Final = {
    "": 1.0,
    "n": 1e-9,
    "u": 1e-6,
    "m": 1e-3,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "P": 1e15,
    "E": 1e18,
    "Ki": 2.0**10,
    "Mi": 2.0**20,
    "Gi": 2.0**30,
    "Ti": 2.0**40,
    "Pi": 2.0**50,
    "Ei": 2.0**60,
}
_FORM: Final = re.compile(
    r"([+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?)(?:([eE][+-]?[0-9]{1,3})|([A-Za-z]{0,2}))"
)


def quantity(value: object) -> float | None:
    """`500m` as 0.5, `2Gi` as bytes; None for what is no amount."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    found = _FORM.fullmatch(str(value).strip())
    if found is None or (found[3] or "") not in _UNITS:
        return None
    return float(found[1] + (found[2] or "")) * _UNITS[found[3] or ""]
