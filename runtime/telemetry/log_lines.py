"""Log records as lines: JSON on a cluster, text for people; never more than one line a record.

What a stranger wrote (a study's name, an event's id, a trial's message) cannot begin a line of its
own or move a terminal's cursor: control characters are written as escapes.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TextIO

from .tracing import current_ids

VARIABLE = "OFC_LOG"
"""`json` or `text`; JSON is the default where Knative or Kubernetes has started the process."""

LONGEST = 16_384
"""Characters of one message."""


def set_up_logs(environment: Mapping[str, str], stream: TextIO | None = None) -> None:
    """Has all records of this process written to a stream, standard error where none is given."""
    default = "json" if "KUBERNETES_SERVICE_HOST" in environment else "text"
    style = environment.get(VARIABLE, default)
    handler = logging.StreamHandler(stream or sys.stderr)
    facts = {
        name: value
        for name, variable in (("study", "OFC_STUDY"), ("function", "OFC_FUNCTION"))
        if (value := environment.get(variable))
    }
    handler.setFormatter(JsonLines(facts) if style == "json" else TextLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


def harmless(text: str) -> str:
    """The text without what a terminal or a reader of lines would act on."""
    shown = "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[:LONGEST]
    )
    return shown if len(text) <= LONGEST else f"{shown}... ({len(text)} characters)"


class TextLines(logging.Formatter):
    """`INFO omniforce.runtime.functions.search trial t3 ...`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        line = f"{record.levelname} {record.name} {harmless(record.getMessage())}"
        return f"{line} | {harmless(self._trace(record))}" if record.exc_info else line

    def _trace(self, record: logging.LogRecord) -> str:
        return self.formatException(record.exc_info) if record.exc_info else ""


class JsonLines(logging.Formatter):
    """One JSON object a line, with the keys that collectors look for.

    Args:
        facts: that every line has, such as the study.
    """

    def __init__(self, facts: Mapping[str, str]) -> None:
        super().__init__()
        self._facts = dict(facts)

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        made: dict[str, str] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": harmless(record.getMessage()),
            **self._facts,
        }
        if (ids := current_ids()) is not None:
            made |= {"trace_id": ids[0], "span_id": ids[1]}
        if record.exc_info:
            made["exception"] = harmless(self.formatException(record.exc_info))
        return json.dumps(made, ensure_ascii=False)
