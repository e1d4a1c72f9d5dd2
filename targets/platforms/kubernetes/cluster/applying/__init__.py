"""Bringing a cluster to what a spec says, and taking a study off it again."""
