"""Advice on specs that are right: one rule a file, all of them in `table.RULES`."""
