"""The second layout: what people do to a study, metrics over time, artifacts, retries by class.

`trials.losses` becomes `trials.retried`, `{"lost-worker": 2}`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"

_POSITION = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """From layout 1; all that it holds is kept."""
    op.add_column(
        "ofc_studies", sa.Column("project", sa.String(63), nullable=False, server_default="default")
    )
    op.add_column(
        "ofc_studies", sa.Column("algorithm", sa.String(200), nullable=False, server_default="")
    )
    op.add_column(
        "ofc_studies", sa.Column("revision", sa.Integer, nullable=False, server_default="1")
    )
    op.add_column("ofc_studies", sa.Column("extra", sa.Text, nullable=False, server_default="{}"))
    op.create_index("ofc_studies_by_project", "ofc_studies", ["project", "name"])
    op.create_index("ofc_studies_by_algorithm", "ofc_studies", ["algorithm", "started"])
    _name_algorithms()
    _add_to_trials()
    op.add_column("ofc_attempts", sa.Column("ended", sa.Double))
    op.add_column("ofc_attempts", sa.Column("joules", sa.Double))
    op.add_column("ofc_attempts", sa.Column("tail", sa.Text, nullable=False, server_default=""))
    op.execute(sa.text("UPDATE ofc_attempts SET ended = reported"))
    _create_tables()
    op.execute(
        sa.text(
            "INSERT INTO ofc_revisions (study, revision, digest, program, since)"
            " SELECT name, 1, digest, program, started FROM ofc_studies"
        )
    )
    op.execute(sa.text("UPDATE ofc_version SET version = 2"))


def _add_to_trials() -> None:
    op.add_column("ofc_trials", sa.Column("retried", sa.Text, nullable=False, server_default="{}"))
    op.execute(
        sa.text(
            "UPDATE ofc_trials SET retried = '{\"lost-worker\": ' || losses || '}' WHERE losses > 0"
        )
    )
    op.drop_column("ofc_trials", "losses")
    op.add_column(
        "ofc_trials",
        sa.Column("origin", sa.String(12), nullable=False, server_default="strategy"),
    )
    op.add_column(
        "ofc_trials", sa.Column("revision", sa.Integer, nullable=False, server_default="1")
    )
    op.add_column(
        "ofc_trials", sa.Column("fate", sa.String(12), nullable=False, server_default="kept")
    )
    op.add_column("ofc_trials", sa.Column("present", sa.Text))
    op.add_column("ofc_trials", sa.Column("stop", sa.Double))
    op.add_column("ofc_trials", sa.Column("rating", sa.Double))
    op.create_index("ofc_trials_by_state", "ofc_trials", ["study", "state"])


def _create_tables() -> None:
    op.create_table(
        "ofc_revisions",
        sa.Column("study", sa.String(63), primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("digest", sa.String(80), nullable=False),
        sa.Column("program", sa.Text, nullable=False),
        sa.Column("since", sa.Double, nullable=False),
    )
    op.create_table(
        "ofc_actions",
        sa.Column("position", _POSITION, primary_key=True),
        sa.Column("study", sa.String(63), nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("actor", sa.String(253), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )
    op.create_index("ofc_actions_of_study", "ofc_actions", ["study", "position"])
    op.create_table(
        "ofc_reports",
        sa.Column("study", sa.String(63), primary_key=True),
        sa.Column("trial", sa.Integer, primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("step", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("value", sa.Double, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
    )
    op.create_table(
        "ofc_artifacts",
        sa.Column("study", sa.String(63), primary_key=True),
        sa.Column("trial", sa.Integer, primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("uri", sa.Text, nullable=False),
        sa.Column("digest", sa.String(80), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("content", sa.LargeBinary),
    )


def _name_algorithms() -> None:
    """Fills `studies.algorithm`, by which past studies are found, from their programs."""
    connection = op.get_bind()
    studies = sa.table(
        "ofc_studies", sa.column("name"), sa.column("program"), sa.column("algorithm")
    )
    for name, program in connection.execute(sa.select(studies.c.name, studies.c.program)).all():
        algorithm = _algorithm(program)
        if algorithm:
            connection.execute(
                studies.update().where(studies.c.name == name).values(algorithm=algorithm)
            )


def _algorithm(program: str) -> str:
    try:
        steps = json.loads(program).get("steps", ())
        found = [step["algorithm"]["name"] for step in steps if step.get("kind") == "Search"]
    except (ValueError, AttributeError, KeyError, TypeError):
        return ""  # no program of ours; the study keeps all that it had
    return str(found[0])[:200] if found else ""


def downgrade() -> None:
    """To layout 1; what `lost` names is dropped."""
    for table in ("ofc_artifacts", "ofc_reports", "ofc_actions", "ofc_revisions"):
        op.drop_table(table)
    for column in ("ended", "joules", "tail"):
        op.drop_column("ofc_attempts", column)
    op.drop_index("ofc_trials_by_state", "ofc_trials")
    op.add_column("ofc_trials", sa.Column("losses", sa.Integer, nullable=False, server_default="0"))
    _count_losses()
    _drop_default()
    for column in ("retried", "origin", "revision", "fate", "present", "stop", "rating"):
        op.drop_column("ofc_trials", column)
    op.drop_index("ofc_studies_by_project", "ofc_studies")
    op.drop_index("ofc_studies_by_algorithm", "ofc_studies")
    for column in ("project", "algorithm", "revision", "extra"):
        op.drop_column("ofc_studies", column)
    op.execute(sa.text("UPDATE ofc_studies SET state = 'running' WHERE state = 'paused'"))
    op.execute(sa.text("UPDATE ofc_version SET version = 1"))


def _count_losses() -> None:
    connection = op.get_bind()
    trials = sa.table(
        "ofc_trials",
        *(sa.column(name) for name in ("study", "number", "retried", "losses")),
    )
    rows = connection.execute(sa.select(trials).where(trials.c.retried != "{}")).all()
    for row in rows:
        losses = int(json.loads(row.retried).get("lost-worker", 0))
        this = sa.and_(trials.c.study == row.study, trials.c.number == row.number)
        connection.execute(trials.update().where(this).values(losses=losses))


def _drop_default() -> None:
    """Layout 1 gave `losses` no default; SQLite cannot take one back, and is none the worse."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("ofc_trials", "losses", server_default=None)


_LOSSES: tuple[tuple[str, str, str], ...] = (
    ("deeds of people", "ofc_actions", "1 = 1"),
    (
        "earlier specs",
        "ofc_revisions",
        "revision <> (SELECT s.revision FROM ofc_studies AS s WHERE s.name = study)",
    ),
    ("metrics over time", "ofc_reports", "1 = 1"),
    ("artifacts", "ofc_artifacts", "1 = 1"),
    ("studies in projects", "ofc_studies", "project <> 'default'"),
    ("studies whose spec was revised", "ofc_studies", "revision <> 1"),
    ("studies with an extended budget", "ofc_studies", "extra <> '{}'"),
    ("paused studies, which go on", "ofc_studies", "state = 'paused'"),
    ("trials that people added or imported", "ofc_trials", "origin <> 'strategy'"),
    ("trials whose fate a revision decided", "ofc_trials", "fate <> 'kept'"),
    ("trials with a point in a revised space", "ofc_trials", "present IS NOT NULL"),
    ("trials asked to end early", "ofc_trials", "stop IS NOT NULL"),
    ("rated trials", "ofc_trials", "rating IS NOT NULL"),
    (
        "trials retried for other reasons than a lost worker",
        "ofc_trials",
        "retried <> '{}' AND (retried NOT LIKE '{\"lost-worker\": %' OR retried LIKE '%,%')",
    ),
    ("attempts whose energy was measured", "ofc_attempts", "joules IS NOT NULL"),
    ("attempts with output", "ofc_attempts", "tail <> ''"),
    (
        "times at which attempts were taken back",
        "ofc_attempts",
        "ended IS NOT NULL AND (reported IS NULL OR reported <> ended)",
    ),
)


def lost(connection: sa.Connection) -> Iterator[str]:
    """What `downgrade` drops, in words: `3 artifacts`."""
    for words, table, where in _LOSSES:
        query = f"SELECT count(*) FROM {table} WHERE {where}"  # noqa: S608 - all of it stands above
        count = connection.execute(sa.text(query)).scalar_one()
        if count:
            yield f"{count} {words}"
