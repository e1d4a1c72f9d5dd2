"""The functions of a study that sleep between events."""
