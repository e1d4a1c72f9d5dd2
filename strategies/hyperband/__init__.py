"""Hyperband: brackets of rungs, and where new configurations come from."""
