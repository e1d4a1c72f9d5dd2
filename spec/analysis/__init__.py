"""What can be said of a space before anything runs: its size, what is dead, what conflicts."""
