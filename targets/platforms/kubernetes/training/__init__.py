"""Trials on several nodes: the object that dispatch makes of each, and what stands around it."""
