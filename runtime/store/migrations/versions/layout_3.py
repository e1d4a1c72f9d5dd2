"""The third layout: what a study learns from past ones, as they were when it began."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "3"
down_revision = "2"


def upgrade() -> None:
    """From layout 2; all that it holds is kept."""
    op.create_table(
        "ofc_past",
        sa.Column("study", sa.String(63), primary_key=True),
        sa.Column("asked", sa.Text, nullable=False),
        sa.Column("studies", sa.Text, nullable=False),
        sa.Column("since", sa.Double, nullable=False),
    )
    op.execute(sa.text("UPDATE ofc_version SET version = 3"))


def downgrade() -> None:
    """To layout 2; what `lost` names is dropped."""
    op.drop_table("ofc_past")
    op.execute(sa.text("UPDATE ofc_version SET version = 2"))


def lost(connection: sa.Connection) -> Iterator[str]:
    """What `downgrade` drops, in words."""
    count = connection.execute(sa.text("SELECT count(*) FROM ofc_past")).scalar_one()
    if count:
        yield f"what {count} studies learn from past ones"
