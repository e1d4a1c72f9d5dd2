"""Files that trials leave: where they are, and the small ones themselves."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, select

from omniforce.spec.problem import Problem

from . import faults, schema
from .columns import as_text
from .trial import Artifact

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Connection

LARGEST = 16 * 2**20
"""Bytes of content that the store keeps: a model for an edge device, not a language model."""


def put(
    connection: Connection,
    study: str,
    trial: int,
    attempt: int,
    name: str,
    content: bytes,
    now: float,
) -> Artifact:
    """Keeps a file; one of this name that is there is replaced.

    Raises:
        Problem: it is larger than `LARGEST`.
    """
    if len(content) > LARGEST:
        raise Problem(
            faults.TOO_LARGE,
            f"the artifact `{as_text(name, 80)}` has {len(content)} bytes, the store keeps "
            f"{LARGEST}",
            "leave it on the study's volume, or make it smaller",
        )
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    table = schema.artifacts
    kept = as_text(name, 200)
    connection.execute(delete(table).where(_mine(study, trial, attempt, kept)))
    artifact = Artifact(trial, attempt, kept, f"store:{digest}", digest, len(content), now)
    connection.execute(
        table.insert().values(
            study=study,
            trial=trial,
            attempt=attempt,
            name=kept,
            uri=artifact.uri,
            digest=digest,
            size=artifact.size,
            created=now,
            content=content,
        )
    )
    return artifact


def content_of(
    connection: Connection, study: str, trial: int, attempt: int, name: str
) -> bytes | None:
    """A file's content, None where there is no such file."""
    query = select(schema.artifacts.c.content).where(_mine(study, trial, attempt, name))
    found: bytes | None = connection.execute(query).scalar_one_or_none()
    return found


def artifacts_of(connection: Connection, study: str, trial: int | None) -> tuple[Artifact, ...]:
    """The files of a trial, or of all, by trial, attempt and name."""
    table = schema.artifacts
    columns = [c for c in table.c if c.name not in ("study", "content")]
    query = select(*columns).where(table.c.study == study)
    if trial is not None:
        query = query.where(table.c.trial == trial)
    rows = connection.execute(query.order_by(table.c.trial, table.c.attempt, table.c.name))
    return tuple(
        Artifact(r.trial, r.attempt, r.name, r.uri, r.digest, r.size, r.created) for r in rows
    )


def _mine(study: str, trial: int, attempt: int, name: str) -> ColumnElement[bool]:
    table = schema.artifacts
    return and_(
        table.c.study == study,
        table.c.trial == trial,
        table.c.attempt == attempt,
        table.c.name == name,
    )
