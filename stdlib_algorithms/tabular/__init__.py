"""Algorithms that learn from tables."""
