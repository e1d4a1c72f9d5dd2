"""Which points are looked at first: one file a candidate generator."""
