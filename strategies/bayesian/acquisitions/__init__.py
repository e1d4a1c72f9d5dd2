"""How promising a row is: one file an acquisition."""
