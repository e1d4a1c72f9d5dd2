"""Where a score is highest: one file an optimizer."""
