"""Algorithms that learn from images."""
