"""The one text of a plain value, for digests: the same value gives the same bytes everywhere."""

from __future__ import annotations

import json


def canonical(plain: object) -> str:
    """JSON with sorted keys, no spaces and no NaN."""
    return json.dumps(
        plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
