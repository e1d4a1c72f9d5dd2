"""Trials on several nodes: dispatch makes the object of each, and takes away what nobody awaits."""
