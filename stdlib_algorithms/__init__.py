"""stdlib_algorithms."""
