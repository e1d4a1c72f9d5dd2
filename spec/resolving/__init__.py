"""What the words of an expression mean, and every expression put in its place."""
