"""What the server says on stderr: one line for each fault, nothing of what it has answered."""

from __future__ import annotations

import logging
import os
import sys

from pygls.exceptions import JsonRpcException


def log_to_stderr() -> None:
    """Has every warning of this process written as a line; OFC_DEBUG=1 adds where it came from."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line())
    handler.addFilter(_is_news)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def _is_news(record: logging.LogRecord) -> bool:
    """A request that was answered with an error is the client's to show."""
    return not (record.exc_info and isinstance(record.exc_info[1], JsonRpcException))


class _Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fault = record.exc_info[1] if record.exc_info else None
        line = f"ofc lsp: {record.getMessage().partition(chr(10))[0][:300]}"
        if fault is None or record.exc_info is None:
            return line
        if os.environ.get("OFC_DEBUG"):
            return f"{line}\n{self.formatException(record.exc_info)}"
        return f"{line}: {type(fault).__name__}: {str(fault)[:200]}"
