"""What a database's own complaints mean to the user."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError

from omniforce.spec.problem import Problem

CORRUPT = "OFC750"
LOCKED = "OFC751"
READ_ONLY = "OFC752"
FULL = "OFC753"
NEWER = "OFC754"
UNREACHABLE = "OFC755"
OTHER_STUDY = "OFC756"

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
    "40P01": LOCKED,  # deadlock_detected
    "XX001": CORRUPT,  # data_corrupted
    "XX002": CORRUPT,  # index_corrupted
}
_TEXT = {
    CORRUPT: (
        "the store `{place}` is damaged",
        "keep a copy, then try `sqlite3 study.db .recover`, or move it away to start anew",
    ),
    LOCKED: (
        "the store `{place}` is locked by another process",
        "see whether another `ofc run` of this study is at work, then run it again",
    ),
    READ_ONLY: (
        "the store `{place}` cannot be written",
        "give this user the right to write the file and its directory",
    ),
    FULL: (
        "the store `{place}` cannot grow: the disk is full or fails",
        "free some space and run it again; all that was acknowledged is kept",
    ),
    UNREACHABLE: (
        "the store `{place}` cannot be reached",
        "see whether its directory or its server exists, and whether the URL is right",
    ),
}


@contextmanager
def explained(place: str) -> Generator[None]:
    """Turns what a database complains of into a `Problem`; other errors pass."""
    try:
        yield
    except DBAPIError as error:
        code = _code(error)
        if code is None:
            raise
        raise problem(code, place, _cause(error)) from error


def problem(code: str, place: str, cause: str = "") -> Problem:
    """The problem of one code, at one store."""
    message, help_ = _TEXT[code]
    text = message.format(place=place)
    return Problem(code, f"{text} ({cause})" if cause else text, help_)


def _code(error: DBAPIError) -> str | None:
    original = error.orig
    if isinstance(original, sqlite3.Error):
        number = getattr(original, "sqlite_errorcode", None)
        return None if number is None else _SQLITE.get(number & 0xFF)
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
