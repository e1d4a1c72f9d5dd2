"""Trials go out to other tools, and experiments of other systems come in."""
