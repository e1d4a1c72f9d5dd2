"""The tables, the same for SQLite and PostgreSQL.

Times are seconds since the epoch, by the caller's clock. JSON is text: nothing is queried
inside it, and it reads back exactly as it was written.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    text,
)

from .columns import Number, Word, Words

VERSION = 3
"""Of this layout, the last of `migrations/versions`.

A store that says more was written by a newer release and is left alone."""

metadata = MetaData()

stamps = MetaData()
"""Apart from the others, since Alembic makes it itself and leaves it out when it compares."""

stamp = Table(
    "ofc_alembic_version",  # ours by its name too: a database may serve others that use Alembic
    stamps,
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="ofc_alembic_version_pkc"),
)
"""The one row that says which layout this is."""

version = Table("ofc_version", metadata, Column("version", Integer, primary_key=True))
"""The same for releases that knew no migrations: they read it, and leave a newer store alone."""

studies = Table(
    "ofc_studies",
    metadata,
    Column("name", Word(63), primary_key=True),
    Column("digest", Word(80), nullable=False),
    Column("program", Words, nullable=False),
    Column("state", Word(12), nullable=False),
    Column("started", Double, nullable=False),
    Column("finished", Double),
    Column("reason", Word(20)),
    # The searcher's lease: who thinks about this study, under which fencing token.
    Column("token", BigInteger, nullable=False),
    Column("thinking_until", Double),
    Column("project", Word(63), nullable=False, server_default="default"),
    # What past studies are found by: the knowledge base of those to come.
    Column("algorithm", Word(200), nullable=False, server_default=text("''")),
    Column("revision", Integer, nullable=False, server_default="1"),
    # What people added to the budget of the spec, as JSON.
    Column("extra", Words, nullable=False, server_default="{}"),
    Index("ofc_studies_by_project", "project", "name"),
    Index("ofc_studies_by_algorithm", "algorithm", "started"),
)

revisions = Table(
    "ofc_revisions",
    metadata,
    Column("study", Word(63), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("digest", Word(80), nullable=False),
    Column("program", Words, nullable=False),
    Column("since", Double, nullable=False),
)

past = Table(
    "ofc_past",
    metadata,
    Column("study", Word(63), primary_key=True),
    # What the spec asked for when they were chosen.
    Column("asked", Words, nullable=False),
    # The past studies with their trials as they were then, as JSON: others may go on or go.
    Column("studies", Words, nullable=False),
    Column("since", Double, nullable=False),
)

actions = Table(
    "ofc_actions",
    metadata,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("study", Word(63), nullable=False),
    Column("at", Double, nullable=False),
    Column("actor", Word(253), nullable=False),
    Column("action", Word(20), nullable=False),
    Column("detail", Words, nullable=False),
    Index("ofc_actions_of_study", "study", "position"),
)

trials = Table(
    "ofc_trials",
    metadata,
    Column("study", Word(63), primary_key=True),
    Column("number", Number, primary_key=True),
    Column("round", Integer, nullable=False),
    Column("attempt", Number, nullable=False),
    # How often it was tried again, by class of failure, as JSON.
    Column("retried", Words, nullable=False, server_default="{}"),
    Column("state", Word(12), nullable=False),
    Column("point", Words, nullable=False),
    Column("proposed", Double, nullable=False),
    Column("requested", Double, nullable=False),
    Column("started", Double),
    Column("finished", Double),
    Column("seconds", Double, nullable=False),
    Column("failure", Word(20)),
    Column("message", Words, nullable=False),
    Column("worker", Word(253)),
    Column("expires", Double),
    Column("origin", Word(12), nullable=False, server_default="strategy"),
    # The spec that it was proposed under, what it counts for under the present one, and its point
    # there where that is another.
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("fate", Word(12), nullable=False, server_default="kept"),
    Column("present", Words),
    Column("stop", Double),
    Column("rating", Double),
    Index("ofc_trials_by_state", "study", "state"),
)

attempts = Table(
    "ofc_attempts",
    metadata,
    Column("study", Word(63), primary_key=True),
    Column("trial", Number, primary_key=True),
    Column("attempt", Number, primary_key=True),
    Column("worker", Word(253), nullable=False),
    Column("leased", Double, nullable=False),
    Column("reported", Double),
    Column("outcome", Word(12)),
    Column("failure", Word(20)),
    Column("message", Words, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("cpu_seconds", Double, nullable=False),
    # When it was taken back or reported; what it used counts until then.
    Column("ended", Double),
    Column("joules", Double),
    Column("tail", Words, nullable=False, server_default=text("''")),
)

reports = Table(
    "ofc_reports",
    metadata,
    Column("study", Word(63), primary_key=True),
    Column("trial", Number, primary_key=True),
    Column("attempt", Number, primary_key=True),
    Column("key", Word(200), primary_key=True),
    Column("step", BigInteger, primary_key=True, autoincrement=False),
    Column("value", Double, nullable=False),
    Column("at", Double, nullable=False),
)

artifacts = Table(
    "ofc_artifacts",
    metadata,
    Column("study", Word(63), primary_key=True),
    Column("trial", Number, primary_key=True),
    Column("attempt", Number, primary_key=True),
    Column("name", Word(200), primary_key=True),
    Column("uri", Words, nullable=False),
    Column("digest", Word(80), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("created", Double, nullable=False),
    # Small ones are kept here: a function on a default cluster mounts no volume (demand 14).
    Column("content", LargeBinary),
)

metrics = Table(
    "ofc_metrics",
    metadata,
    Column("study", Word(63), primary_key=True),
    Column("trial", Number, primary_key=True),
    Column("attempt", Number, primary_key=True),
    Column("key", Word(200), primary_key=True),
    Column("value", Double, nullable=False),
)

outbox = Table(
    "ofc_outbox",
    metadata,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("study", Word(63), nullable=False),
    Column("id", Word(200), nullable=False, unique=True),
    Column("type", Word(100), nullable=False),
    Column("event", Words, nullable=False),
    Column("created", Double, nullable=False),
    Column("sent", Double),
    Index("ofc_outbox_unsent", "study", "sent", "position"),
)

events_in = Table(
    "ofc_events_in",
    metadata,
    Column("source", Word(500), primary_key=True),
    Column("id", Word(500), primary_key=True),
    Column("study", Word(63), nullable=False),
    Column("type", Word(200), nullable=False),
    Column("handled", Double, nullable=False),
)

dead_letters = Table(
    "ofc_dead_letters",
    metadata,
    Column("source", Word(500), primary_key=True),
    Column("id", Word(500), primary_key=True),
    Column("type", Word(200), nullable=False),
    Column("cause", Words, nullable=False),
    Column("event", Words, nullable=False),
    Column("received", Double, nullable=False),
)
