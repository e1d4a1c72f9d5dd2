"""Trials on Ray: the local engine and store, and actors of Ray in the place of processes."""
