"""How people look at a study in a terminal: which trials, their curves, their output."""
