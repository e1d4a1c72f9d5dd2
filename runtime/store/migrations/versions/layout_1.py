"""The first layout: studies, trials, attempts, their metrics, and events in and out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None

TABLES = (
    "ofc_version",
    "ofc_studies",
    "ofc_trials",
    "ofc_attempts",
    "ofc_metrics",
    "ofc_outbox",
    "ofc_events_in",
    "ofc_dead_letters",
)


def upgrade() -> None:
    """From nothing."""
    version = op.create_table("ofc_version", sa.Column("version", sa.Integer, primary_key=True))
    op.bulk_insert(version, [{"version": 1}])
    op.create_table(
        "ofc_studies",
        sa.Column("name", sa.String(63), primary_key=True),
        sa.Column("digest", sa.String(80), nullable=False),
        sa.Column("program", sa.Text, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("started", sa.Double, nullable=False),
        sa.Column("finished", sa.Double),
        sa.Column("reason", sa.String(20)),
        sa.Column("token", sa.BigInteger, nullable=False),
        sa.Column("thinking_until", sa.Double),
    )
    op.create_table(
        "ofc_trials",
        sa.Column("study", sa.String(63), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("losses", sa.Integer, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("point", sa.Text, nullable=False),
        sa.Column("proposed", sa.Double, nullable=False),
        sa.Column("requested", sa.Double, nullable=False),
        sa.Column("started", sa.Double),
        sa.Column("finished", sa.Double),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("failure", sa.String(20)),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("worker", sa.String(253)),
        sa.Column("expires", sa.Double),
    )
    op.create_table(
        "ofc_attempts",
        sa.Column("study", sa.String(63), primary_key=True),
        sa.Column("trial", sa.Integer, primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True),
        sa.Column("worker", sa.String(253), nullable=False),
        sa.Column("leased", sa.Double, nullable=False),
        sa.Column("reported", sa.Double),
        sa.Column("outcome", sa.String(12)),
        sa.Column("failure", sa.String(20)),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("cpu_seconds", sa.Double, nullable=False),
    )
    op.create_table(
        "ofc_metrics",
        sa.Column("study", sa.String(63), primary_key=True),
        sa.Column("trial", sa.Integer, primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("value", sa.Double, nullable=False),
    )
    _create_events()


def _create_events() -> None:
    op.create_table(
        "ofc_outbox",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("study", sa.String(63), nullable=False),
        sa.Column("id", sa.String(200), nullable=False, unique=True),
        sa.Column("type", sa.String(100), nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("sent", sa.Double),
    )
    op.create_index("ofc_outbox_unsent", "ofc_outbox", ["study", "sent", "position"])
    op.create_table(
        "ofc_events_in",
        sa.Column("source", sa.String(500), primary_key=True),
        sa.Column("id", sa.String(500), primary_key=True),
        sa.Column("study", sa.String(63), nullable=False),
        sa.Column("type", sa.String(200), nullable=False),
        sa.Column("handled", sa.Double, nullable=False),
    )
    op.create_table(
        "ofc_dead_letters",
        sa.Column("source", sa.String(500), primary_key=True),
        sa.Column("id", sa.String(500), primary_key=True),
        sa.Column("type", sa.String(200), nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("received", sa.Double, nullable=False),
    )


def downgrade() -> None:
    """To nothing."""
    for table in reversed(TABLES):
        op.drop_table(table)
