"""The exit codes of `ofc`, which scripts may rely on."""

from __future__ import annotations

OK = 0
FAILED = 1
CHANGES = 2
INVALID = 3
DIFFERS = 5
CONFLICT = 5
USAGE = 64
BUG = 70
TIMEOUT = 124
INTERRUPTED = 130
BROKEN_PIPE = 141

MEANINGS: dict[int, str] = {
    OK: "all went well",
    FAILED: "something went wrong while it ran, and the message says what",
    CHANGES: "all went well, and there is something to do: changes to make, or to wait for",
    INVALID: "the spec is refused, with a diagnostic for each error",
    DIFFERS: "what is there is not what it is held against, or somebody else holds it",
    USAGE: "the command line is wrong",
    BUG: "a fault of ofc itself, which asks to be reported",
    TIMEOUT: "what was waited for did not come in time",
    INTERRUPTED: "stopped by Ctrl-C; what was stored is kept",
    BROKEN_PIPE: "the reader of the output went away",
}
"""What each means; `ofc --help` and docs/cli.md show this table."""
