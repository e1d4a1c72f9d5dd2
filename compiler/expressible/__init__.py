"""What each target can express, found out by asking it."""
