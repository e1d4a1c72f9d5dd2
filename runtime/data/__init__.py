"""Data: where it comes from, what is made of it, and how it lies on disk."""
