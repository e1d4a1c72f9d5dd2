"""A deed that has a key is done once, however often it is asked for.

The key is written down in the deed's own transaction, so that no crash comes between the two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from omniforce.spec.problem import Problem

from ..store import schema
from ..store.session import Session

OTHER_REQUEST = "OFC845"
KEY = re.compile(r"[!-~]{1,200}")
"""What a key may be: what HTTP lets into a header, without blanks."""


class DoneBefore(Exception):  # noqa: N818 - no fault of anybody
    """It was done before.

    Attributes:
        position: of its action in the study's list.
    """

    def __init__(self, position: int) -> None:
        super().__init__(f"it was done before, as action {position}")
        self.position = position


@dataclass(frozen=True, slots=True)
class Once:
    """A key and what was asked with it.

    Attributes:
        actor: whose key it is; that of another is another.
        request: a hash of what is asked, so that one key is not taken for two deeds.
    """

    actor: str
    key: str
    request: str

    def check(self, session: Session) -> None:
        """Nothing, where it is still to be done.

        Raises:
            DoneBefore: it was done.
            Problem: another thing was done with this key.
        """
        table = schema.events_in
        query = select(table.c.type, table.c.study).where(
            table.c.source == self._source, table.c.id == self.key
        )
        found = session.connection.execute(query).one_or_none()
        if found is None:
            return
        request, _, position = found.type.partition(" ")
        if request != self.request or found.study != session.name:
            raise _other_request()
        raise DoneBefore(int(position))

    def note(self, session: Session, position: int, now: float) -> None:
        """Writes down that it is done.

        Raises:
            Problem: another thing was done with this key meanwhile.
        """
        done = schema.events_in.insert().values(
            source=self._source,
            id=self.key,
            study=session.name,
            type=f"{self.request} {position}",
            handled=now,
        )
        try:
            session.connection.execute(done)
        except IntegrityError:  # with another study at the same moment, under another lock
            raise _other_request() from None

    @property
    def _source(self) -> str:
        return f"/once/{self.actor}"


def _other_request() -> Problem:
    return Problem(
        OTHER_REQUEST,
        "the `Idempotency-Key` was used for another request",
        "make a new key for each thing that is asked, such as a UUID",
    )
