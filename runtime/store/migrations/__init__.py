"""Alembic's side of the store: one revision a layout, `versions/layout_<n>.py`, named `<n>`.

Called from Python (`..migrating`), with a connection that already holds the lock and the
transaction; there is no ini file. A revision imports nothing of ours: it must say the same when
the schema has moved on.
"""
