"""Advice as JSON, for `ofc advise -o json` and for the store."""

from __future__ import annotations

from .advice import Advice


def plain_advice(advice: Advice) -> dict[str, object]:
    """One piece of advice as plain values."""
    return {
        "rule": advice.rule,
        "message": advice.message,
        "evidence": list(advice.evidence),
        "help": advice.help,
        "changes": [
            {"path": ".".join(each.path), "to": each.text, "end": each.end}
            for each in advice.changes
        ],
    }
