"""Studies and their trials, kept in SQLite or PostgreSQL."""
