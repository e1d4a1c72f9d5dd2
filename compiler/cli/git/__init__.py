"""What git calls."""
