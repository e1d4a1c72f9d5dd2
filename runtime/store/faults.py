"""What a database's own complaints mean to the user."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError, TimeoutError

from omniforce.spec.problem import Problem

CORRUPT = "OFC750"
LOCKED = "OFC751"
READ_ONLY = "OFC752"
FULL = "OFC753"
NEWER = "OFC754"
UNREACHABLE = "OFC755"
OTHER_STUDY = "OFC756"
TOO_LARGE = "OFC759"

_SQLITE = {
    sqlite3.SQLITE_BUSY: LOCKED,
    sqlite3.SQLITE_LOCKED: LOCKED,
    sqlite3.SQLITE_CORRUPT: CORRUPT,
    sqlite3.SQLITE_NOTADB: CORRUPT,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_PERM: READ_ONLY,
    sqlite3.SQLITE_AUTH: READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: UNREACHABLE,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_IOERR: FULL,
}
_POSTGRES = {
    "25006": READ_ONLY,  # read_only_sql_transaction
    "42501": READ_ONLY,  # insufficient_privilege
    "53100": FULL,  # disk_full
    "55P03": LOCKED,  # lock_not_available
    "57014": LOCKED,  # query_canceled, by a timeout
    "23505": LOCKED,  # unique_violation: another did the same beside it
    "40001": LOCKED,  # serialization_failure
    "40003": UNREACHABLE,  # statement_completion_unknown
    "40P01": LOCKED,  # deadlock_detected
    "42P01": NEWER,  # undefined_table
    "42703": NEWER,  # undefined_column
    "53000": UNREACHABLE,  # insufficient_resources
    "53200": UNREACHABLE,  # out_of_memory
    "53300": UNREACHABLE,  # too_many_connections
    "XX001": CORRUPT,  # data_corrupted
    "XX002": CORRUPT,  # index_corrupted
}
_LAYOUT = re.compile("no such (table|column)|has no column")
"""SQLite has no code of its own for what is not in a database's layout."""

_TEXT = {
    CORRUPT: (
        "the store `{place}` is damaged",
        "keep a copy, then try `sqlite3 study.db .recover`, or move it away to start anew",
    ),
    LOCKED: (
        "the store `{place}` is locked by another process",
        "see whether another `ofc run` of this study, or another user of the server, is at work",
    ),
    READ_ONLY: (
        "the store `{place}` cannot be written",
        "give this user the right to write: a file and its directory, or the server's tables",
    ),
    FULL: (
        "the store `{place}` cannot grow: the disk is full or fails",
        "free some space and run it again; all that was acknowledged is kept",
    ),
    UNREACHABLE: (
        "the store `{place}` cannot be reached",
        "see whether its directory or its server exists, and whether the URL is right",
    ),
    NEWER: (
        "the tables of the store `{place}` are not those of this release",
        "another release has changed them meanwhile: use that one, or see `ofc store version`",
    ),
}

_PASSING = frozenset({"23505", "40001", "40P01", "57P01", "57P02", "57P03", "57P05"})
"""A change was taken back since another one was made beside it; or the server ended the session:
shut down, crashed, not up yet, idle for too long."""


class Interrupted(Problem):
    """A call that may do better when it is made again; whether it was committed is not known."""


@contextmanager
def explained(place: str) -> Generator[None]:
    """Turns what a database complains of into a `Problem`; other errors pass."""
    try:
        yield
    except DBAPIError as error:
        code = _code(error)
        if code is None:
            raise
        kind = Interrupted if _passes(error) else Problem
        raise kind(code, *_words(code, place, _cause(error))) from error
    except TimeoutError as error:
        raise Problem(LOCKED, *_words(LOCKED, place, "every connection is in use")) from error


def is_explained(error: DBAPIError) -> bool:
    """Whether `explained` has words for it."""
    return _code(error) is not None


def _words(code: str, place: str, cause: str) -> tuple[str, str]:
    message, help_ = _TEXT[code]
    return f"{message.format(place=place)} ({cause})", help_


def _passes(error: DBAPIError) -> bool:
    """Whether it is over soon: a lost connection, a change taken back, a server that restarts."""
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _PASSING


def _code(error: DBAPIError) -> str | None:
    original = error.orig
    if isinstance(original, sqlite3.Error):
        number = getattr(original, "sqlite_errorcode", None)
        if number is None:
            return None
        if number == sqlite3.SQLITE_ERROR and _LAYOUT.search(str(original)):
            return NEWER
        return _SQLITE.get(number & 0xFF)
    state = getattr(original, "sqlstate", None)
    if state in _POSTGRES:
        return _POSTGRES[state]
    unreachable = error.connection_invalidated or (
        isinstance(error, OperationalError) and (state is None or state[:2] in ("08", "28", "3D"))
    )
    if unreachable or (state or "").startswith("57P"):
        return UNREACHABLE
    return None


def _cause(error: DBAPIError) -> str:
    lines = str(error.orig).strip().splitlines()
    return lines[0] if lines else type(error.orig).__name__
